/** The one line of a key file, among comments, as bytes that are never made a string. */

const LINE_END = 0x0a;
const COMMENT = 0x23;

const isBlank = (byte: number | undefined) => byte === 0x20 || (byte! >= 0x09 && byte! <= 0x0d);

export interface KeyLine {
  /** Part of the text, without blanks around it. */
  readonly line: Uint8Array;
  /** From 1. */
  readonly number: number;
}

/** Lines that are neither empty nor a comment; at most two, as more are as wrong. */
export function keyLines(text: Uint8Array): KeyLine[] {
  const found: KeyLine[] = [];
  let number = 0;
  for (let from = 0; from <= text.length && found.length < 2; ) {
    const next = text.indexOf(LINE_END, from);
    const end = next < 0 ? text.length : next;
    const line = trimmed(text.subarray(from, end));
    number++;
    if (line.length > 0 && line[0] !== COMMENT) found.push({ line, number });
    from = end + 1;
  }
  return found;
}

function trimmed(line: Uint8Array): Uint8Array {
  let [from, to] = [0, line.length];
  while (from < to && isBlank(line[from])) from++;
  while (to > from && isBlank(line[to - 1])) to--;
  return line.subarray(from, to);
}

/** Whether bytes begin with others. */
export function beginsWith(bytes: Uint8Array, prefix: Uint8Array): boolean {
  return bytes.length >= prefix.length && prefix.every((byte, i) => bytes[i] === byte);
}
