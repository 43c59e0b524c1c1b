/** What a command may touch of the process it runs in, so that tests can run it without one. */
import { isAbsolute, join } from "node:path";

export interface TextSink {
  write(text: string): unknown;
}

export interface CliIo {
  /** Results. */
  readonly stdout: TextSink;
  /** Messages and progress. */
  readonly stderr: TextSink;
  /** Folder that relative paths start from. */
  readonly cwd: string;
  /** Whether a person watches stderr, and progress may rewrite its line. */
  readonly isTTY: boolean;
}

/** A path as it was typed where that leads to the right place, for messages that people recognise. */
export function pathIn(io: CliIo, path: string): string {
  return isAbsolute(path) || io.cwd === process.cwd() ? path : join(io.cwd, path);
}

/** Prints a result: `data` as one line of JSON, or the text that stands for it. */
export function print(io: CliIo, asJson: boolean | undefined, data: object, text: string): void {
  io.stdout.write(asJson ? `${JSON.stringify(data)}\n` : text);
}
