/** What a command may touch of the process it runs in, so that tests can run it without one. */
import { isAbsolute, join } from "node:path";
import type { Writable } from "node:stream";
import type { Environment } from "../config/index.ts";
import type { ProcessGuard } from "./process-guard.ts";

export interface TextSink {
  write(text: string): unknown;
}

export type Signal = "SIGINT" | "SIGTERM" | "SIGHUP";

/** What a command needs that goes on running, and ends when it is told to. */
export interface ServiceHost {
  /** Where its log goes. */
  readonly log: Writable;
  /** From now on signals go to `listener` instead of ending the process; the answer gives them back. */
  takeSignals(listener: (signal: Signal) => void): () => void;
  /** Ends the process at once. */
  exit(code: number): void;
  /** Guards the memory of the process; absent where the process is somebody else's. */
  readonly guard?: ProcessGuard;
}

export interface CliIo {
  /** Results. */
  readonly stdout: TextSink;
  /** Messages and progress. */
  readonly stderr: TextSink;
  /** What is piped into the command; absent if a person would have to type it. */
  readonly stdin?: AsyncIterable<Uint8Array>;
  /** Folder that relative paths start from. */
  readonly cwd: string;
  /** Whether a person watches stderr, and progress may rewrite its line. */
  readonly isTTY: boolean;
  readonly environment: Environment;
  /** Asks the person at the terminal for a line; absent if there is none. */
  readonly ask?: (question: string) => Promise<string>;
  readonly host: ServiceHost;
}

/** A path as it was typed where that leads to the right place, for messages that people recognise. */
export function pathIn(io: CliIo, path: string): string {
  return isAbsolute(path) || io.cwd === process.cwd() ? path : join(io.cwd, path);
}

/** Prints a result: `data` as one line of JSON, or the text that stands for it. */
export function print(io: CliIo, asJson: boolean | undefined, data: object, text: string): void {
  io.stdout.write(asJson ? `${JSON.stringify(data)}\n` : text);
}
