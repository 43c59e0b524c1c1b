/** The text of a file of settings: bounded, and UTF-8. */
import { open } from "node:fs/promises";
import { MapveilError } from "../core/errors.ts";
import { ioError } from "../core/io-error.ts";

/** Throws CONFIG if a file of `root` settings has more bytes than `bytesMax`. */
export function refuseTooLong(bytes: number, bytesMax: number, file: string, root: string): void {
  if (bytes <= bytesMax) return;
  const message = `${file}:1:1 ${root}: is longer than ${bytesMax / 1024} KiB, that is not a ${root} file`;
  throw new MapveilError("CONFIG", message, { file });
}

/** At most `max` + 1 bytes of a file or pipe. */
async function readUpTo(path: string, max: number): Promise<Uint8Array> {
  const handle = await open(path, "r");
  try {
    const buffer = Buffer.alloc(max + 1);
    let length = 0;
    while (length < buffer.length) {
      const { bytesRead } = await handle.read(buffer, length, buffer.length - length, null);
      if (bytesRead === 0) break;
      length += bytesRead;
    }
    return buffer.subarray(0, length);
  } finally {
    await handle.close();
  }
}

/**
 * The text of a file or pipe. `root` is what its settings are, such as "policy", for messages.
 * Throws IO if it cannot be read, CONFIG if it is longer than `bytesMax` or not UTF-8.
 */
export async function readText(path: string, bytesMax: number, root: string): Promise<string> {
  const bytes = await readUpTo(path, bytesMax).catch((cause) => {
    throw ioError(cause, path, "read");
  });
  refuseTooLong(bytes.length, bytesMax, path, root);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    const message = `${path}:1:1 ${root}: is not UTF-8 text`;
    throw new MapveilError("CONFIG", message, { file: path }, cause);
  }
}
