/** Unpacks a file that was compressed whole with zstd, block by block. */
import { closeSync, openSync, writeSync } from "node:fs";
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
  const output = createFile(target);
  let total = 0;
  // Each piece is written as it comes: one block of input may hold gigabytes.
  const unpacker = new Decompress((piece) => {
    total += piece.length;
    if (total > source.size * RATIO_MAX) throw tooPacked(path);
    writePiece(output, target, piece);
  });
  try {
    for (let at = 0; at < source.size; at += BLOCK_BYTES) {
      const block = await source.read(at, Math.min(BLOCK_BYTES, source.size - at));
      push(path, unpacker, block, at, at + block.length === source.size);
    }
  } finally {
    closeSync(output);
    await source.close();
  }
}

function createFile(path: string): number {
  try {
    return openSync(path, "wx", 0o600);
  } catch (error) {
    throw ioError(error, path, "write");
  }
}

function writePiece(file: number, path: string, piece: Uint8Array): void {
  try {
    for (let done = 0; done < piece.length; ) done += writeSync(file, piece, done);
  } catch (error) {
    throw ioError(error, path, "write");
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
