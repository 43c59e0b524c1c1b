/** Redacts texts of any length, as logs, block by block. */
import { type Redacted, type RedactOptions, redact, TEXT_CHARS_MAX } from "./redact.ts";

/** Lines are redacted together up to so many characters, for some values stand on two of them. */
const BLOCK_CHARS = 16_384;

/**
 * Redacts a stream of UTF-8. Memory does not grow with it: what a line has beyond TEXT_CHARS_MAX becomes
 * the mark [cut]. Bytes that are no UTF-8 become U+FFFD.
 * @returns blocks of whole lines, in order; put together they are the text
 */
export async function* redactStream(
  chunks: AsyncIterable<Uint8Array>,
  options: RedactOptions = {},
): AsyncGenerator<Redacted> {
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  let lines = "";
  for await (const chunk of chunks) {
    // A line that is too long is kept to one character more than is read, so that it is seen to be cut.
    const added = decoder.decode(chunk, { stream: true });
    const end = added.lastIndexOf("\n") + 1;
    if (end > 0) {
      yield* blocksOf(lines + added.slice(0, end), options);
      lines = added.slice(end);
    } else if (lines.length <= TEXT_CHARS_MAX) lines += added;
  }
  yield* blocksOf(lines + decoder.decode(), options);
}

function* blocksOf(text: string, options: RedactOptions): Generator<Redacted> {
  let from = 0;
  while (from < text.length) {
    const wanted = from + BLOCK_CHARS;
    const before = text.lastIndexOf("\n", wanted - 1) + 1;
    const behind = text.indexOf("\n", wanted) + 1;
    const to = wanted >= text.length ? text.length : before > from ? before : behind || text.length;
    yield redactBlock(text.slice(from, to), options);
    from = to;
  }
}

/** A cut takes the end of the line along, which belongs to the text around it. */
function redactBlock(block: string, options: RedactOptions): Redacted {
  const redacted = redact(block, options);
  const isCut = redacted.found.at(-1)?.kind === "cut";
  return isCut && block.endsWith("\n") ? { ...redacted, text: `${redacted.text}\n` } : redacted;
}
