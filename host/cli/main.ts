#!/usr/bin/env node
/** The process around the `mapveil` command: signals, closed pipes, exit code. */
import { runCli } from "./run.ts";
import { removeUnfinished } from "./unfinished.ts";

const SIGNALS = { SIGINT: 130, SIGTERM: 143 } as const;

for (const [signal, exit] of Object.entries(SIGNALS)) {
  process.once(signal, () => {
    removeUnfinished();
    process.exit(exit);
  });
}

// `mapveil ... | head` closes the pipe early; that is the reader's choice and no failure.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  removeUnfinished();
  process.exit(error.code === "EPIPE" ? 0 : 1);
});
process.stderr.on("error", () => {});

process.exitCode = await runCli(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  cwd: process.cwd(),
  isTTY: process.stderr.isTTY === true,
});
