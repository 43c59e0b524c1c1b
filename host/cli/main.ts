#!/usr/bin/env node
/**
 * The process around the `mapveil` command: signals, closed pipes, exit code. Signals are taken before
 * the command is loaded, which takes some tenths of a second: a SIGHUP must not end a service that
 * is about to start.
 */
import { createInterface } from "node:readline/promises";
import type { ServiceHost, Signal } from "./io.ts";
import { guardProcess } from "./process-guard.ts";

const SIGNALS = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const satisfies Record<
  Signal,
  number
>;

/** Who gets the signals; without anybody they end the process. */
let listener: ((signal: Signal) => void) | undefined;
/** Takes back what the command has written so far. */
let removeUnfinished = () => {};
/** Whether a service may be about to take the signals. */
let isLoading = true;
let wasHungUp = false;

function onSignal(signal: Signal): void {
  if (listener !== undefined) listener(signal);
  else if (signal === "SIGHUP" && isLoading) wasHungUp = true;
  else {
    removeUnfinished();
    process.exit(SIGNALS[signal]);
  }
}

for (const signal of Object.keys(SIGNALS) as Signal[]) process.on(signal, onSignal);

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
  guard: guardProcess(() => removeUnfinished()),
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

const { runCli } = await import("./run.ts");
({ removeUnfinished } = await import("./unfinished.ts"));
// The command is parsed, and a service has the signals, when the turn ends that it begins in. The
// settings are read after that, so that a service need not be told to read them again.
setImmediate(() => {
  isLoading = false;
  if (wasHungUp && listener === undefined) onSignal("SIGHUP");
});
process.exitCode = await runCli(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  cwd: process.cwd(),
  isTTY: process.stderr.isTTY === true,
  environment: process.env,
  host,
  ...(!process.stdin.isTTY && { stdin: process.stdin }),
  ...(process.stdin.isTTY && process.stderr.isTTY && { ask }),
});
