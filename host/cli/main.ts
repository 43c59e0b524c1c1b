#!/usr/bin/env node
/** The process around the `mapveil` command: signals, closed pipes, exit code. */
import { createInterface } from "node:readline/promises";
import type { ServiceHost, Signal } from "./io.ts";
import { runCli } from "./run.ts";
import { removeUnfinished } from "./unfinished.ts";

const SIGNALS = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const satisfies Record<
  Signal,
  number
>;

/** Who gets the signals; without anybody they end the process. */
let listener: ((signal: Signal) => void) | undefined;

for (const signal of Object.keys(SIGNALS) as Signal[]) {
  process.on(signal, () => {
    if (listener !== undefined) return listener(signal);
    removeUnfinished();
    process.exit(SIGNALS[signal]);
  });
}

// `mapveil ... | head` closes the pipe early; that is the reader's choice and no failure. A service
// goes on without a reader of its log.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (listener !== undefined) return;
  removeUnfinished();
  process.exit(error.code === "EPIPE" ? 0 : 1);
});
process.stderr.on("error", () => {});

const host: ServiceHost = {
  log: process.stdout,
  takeSignals: (taker) => {
    listener = taker;
    return () => {
      listener = undefined;
    };
  },
  exit: (code) => process.exit(code),
};

async function ask(question: string): Promise<string> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  terminal.once("SIGINT", () => process.kill(process.pid, "SIGINT"));
  try {
    return await terminal.question(question);
  } finally {
    terminal.close();
  }
}

process.exitCode = await runCli(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  cwd: process.cwd(),
  isTTY: process.stderr.isTTY === true,
  environment: process.env,
  host,
  ...(process.stdin.isTTY && process.stderr.isTTY && { ask }),
});
