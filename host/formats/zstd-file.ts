/** Unpacks a file that was compressed whole with zstd, block by block. */
import { open } from "node:fs/promises";
import { Decompress } from "fzstd";
import { MapveilError } from "../core/errors.ts";
import { ioError } from "../core/io-error.ts";
import { openByteFile } from "./byte-file.ts";
import { badInput, tooLarge } from "./input-errors.ts";

const BLOCK_BYTES = 1 << 18;
/** Recordings pack to a half or a tenth; what would fill the disk packs to a ten-thousandth. */
const RATIO_MAX = 1000;

/**
 * Writes what is in `path` to a new file `target` that only this user may read. BAD_INPUT if it is
 * not zstd or is damaged, TOO_LARGE beyond a thousand times its size.
 */
export async function unpackZstdFile(path: string, target: string): Promise<void> {
  const source = await openByteFile(path);
  const output = await open(target, "wx", 0o600).catch((error: unknown) => {
    throw ioError(error, target, "write");
  });
  let unpacked: Uint8Array[] = [];
  const unpacker = new Decompress((chunk) => {
    unpacked.push(chunk);
  });
  let total = 0;
  try {
    for (let at = 0; at < source.size; at += BLOCK_BYTES) {
      const block = await source.read(at, Math.min(BLOCK_BYTES, source.size - at));
      push(path, unpacker, block, at, at + block.length === source.size);
      for (const chunk of unpacked) {
        total += chunk.length;
        if (total > source.size * RATIO_MAX) throw tooPacked(path);
        await output.writeFile(chunk).catch((error: unknown) => {
          throw ioError(error, target, "write");
        });
      }
      unpacked = [];
    }
  } finally {
    await source.close();
    await output.close();
  }
}

function push(
  path: string,
  unpacker: Decompress,
  block: Uint8Array,
  offset: number,
  isLast: boolean,
): void {
  try {
    unpacker.push(block, isLast);
  } catch (error) {
    if (error instanceof MapveilError) throw error;
    throw badInput(
      path,
      `the zstd stream is damaged or cut off in the ${block.length} bytes from offset ${offset}; ` +
        "copy or record the file again.",
      { offset },
      error,
    );
  }
}

function tooPacked(path: string): MapveilError {
  return tooLarge(path, `it unpacks to more than ${RATIO_MAX} times its size; unpack it yourself.`);
}
