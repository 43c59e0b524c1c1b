/**
 * Messages in an artefact: u32 length (little-endian), then that many bytes of a secretstream message.
 * The length is not secret and needs no protection of its own: a wrong one yields a message that does
 * not verify.
 */
import { MESSAGE_BYTES, MESSAGE_OVERHEAD } from "../../assembly/abi.ts";
import { MapveilError } from "../core/errors.ts";

/** Bytes before each message. */
export const LENGTH_BYTES = 4;
const LONGEST = MESSAGE_BYTES + MESSAGE_OVERHEAD;

/** Puts a message with its length to `to`; returns where the next one goes. */
export function putMessage(to: Uint8Array, at: number, message: Uint8Array): number {
  for (let i = 0; i < LENGTH_BYTES; i++) to[at + i] = message.length >>> (8 * i);
  to.set(message, at + LENGTH_BYTES);
  return at + LENGTH_BYTES + message.length;
}

/** Gives exactly `count` bytes from where the last call ended, fewer only at the end. */
export type ReadExactly = (count: number) => Promise<Uint8Array>;

/**
 * The messages one by one; ends at the end of the input.
 * @throws MapveilError INTEGRITY where the input ends inside a message or names an impossible length
 */
export async function* readMessages(
  read: ReadExactly,
  start: number,
  file: string,
): AsyncGenerator<{ message: Uint8Array; offset: number }> {
  for (let offset = start; ; ) {
    const prefix = await read(LENGTH_BYTES);
    if (prefix.length === 0) return;
    const length =
      prefix.length < LENGTH_BYTES
        ? -1
        : new DataView(prefix.buffer, prefix.byteOffset).getUint32(0, true);
    if (length !== -1 && (length < MESSAGE_OVERHEAD || length > LONGEST)) {
      throw new MapveilError(
        "INTEGRITY",
        `${file}: no message has ${length} bytes (offset ${offset}): the file is damaged.`,
        { file, offset },
      );
    }
    const message = length === -1 ? prefix : await read(length);
    if (message.length !== length) {
      throw new MapveilError("INTEGRITY", `${file}: it ends inside a message: it was cut.`, {
        file,
        offset,
      });
    }
    yield { message, offset };
    offset += LENGTH_BYTES + length;
  }
}
