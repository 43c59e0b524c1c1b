/** The lines of a text header before binary points, as PCD and PLY have. */

export interface HeaderLine {
  /** From 1. */
  readonly line: number;
  /** Byte offset of the line, and of the one behind it. */
  readonly offset: number;
  readonly next: number;
  /** Without white space at its ends. */
  readonly text: string;
}

/** The lines that begin within the first `limit` bytes; a longer one is cut there. */
export function* headerLines(bytes: Uint8Array, limit: number): Generator<HeaderLine> {
  let offset = 0;
  for (let line = 1; offset < limit; line++) {
    const newline = bytes.indexOf(10, offset);
    const end = newline < 0 ? bytes.length : newline;
    const text = Buffer.from(bytes.subarray(offset, Math.min(end, limit)))
      .toString("utf8")
      .trim();
    const next = Math.min(end + 1, bytes.length);
    yield { line, offset, next, text };
    offset = end + 1;
  }
}
