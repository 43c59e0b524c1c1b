/** The I/O seam of the readers: a regular file, read by offset, with its errors named. */
import { open, stat } from "node:fs/promises";
import { MapveilError } from "../core/errors.ts";
import { ioError } from "../core/io-error.ts";
import { badInput, tooLarge } from "./input-errors.ts";

/** Largest file that a reader takes whole into memory (PCD, PLY, KITTI). */
export const WHOLE_FILE_BYTES_MAX = 2 ** 31 - 1;

/** What is known of an input while it is read, be it one file or a folder of them. */
export interface Input {
  readonly path: string;
  readonly size: number;
  /** Highest offset that was read so far. */
  readonly bytesRead: number;
  /** Lets go of it; safe to call more than once. */
  close(): Promise<void>;
}

export interface ByteFile extends Input {
  /** A fresh copy of `length` bytes at `offset`. BAD_INPUT if the file ends before. */
  read(offset: number, length: number): Promise<Uint8Array>;
  /** Reads into `target`; as `read` otherwise. */
  readInto(target: Uint8Array, offset: number): Promise<void>;
}

/** Opens a regular file for reading. IO for missing, unreadable and special files. */
export async function openByteFile(path: string): Promise<ByteFile> {
  // Asked before opening: opening a named pipe would wait for its writer for ever.
  const facts = await stat(path).catch((error: unknown) => {
    throw ioError(error, path, "read");
  });
  if (facts.isDirectory()) throw ioError({ code: "EISDIR" }, path, "read");
  if (!facts.isFile()) {
    const text = `${path}: cannot read, it is a device, pipe or socket; name a regular file.`;
    throw new MapveilError("IO", text, { file: path });
  }
  const handle = await open(path, "r").catch((error: unknown) => {
    throw ioError(error, path, "read");
  });
  const size = facts.size;
  let bytesRead = 0;
  let closed = false;

  async function readInto(target: Uint8Array, offset: number): Promise<void> {
    if (offset + target.length > size) throw endsBefore(path, offset, target.length, size - offset);
    for (let done = 0; done < target.length; ) {
      const want = Math.min(target.length - done, 1 << 26);
      const result = await handle.read(target, done, want, offset + done).catch((error) => {
        throw ioError(error, path, "read");
      });
      if (result.bytesRead === 0) throw endsBefore(path, offset, target.length, done);
      done += result.bytesRead;
    }
    bytesRead = Math.max(bytesRead, offset + target.length);
  }

  return {
    path,
    size,
    get bytesRead() {
      return bytesRead;
    },
    readInto,
    async read(offset, length) {
      // Compared before allocating, so that a lying length costs nothing.
      if (offset + length > size) throw endsBefore(path, offset, length, size - offset);
      const target = new Uint8Array(length);
      await readInto(target, offset);
      return target;
    },
    async close() {
      if (closed) return;
      closed = true;
      await handle.close();
    },
  };
}

/** Reads a whole file. BAD_INPUT if it is empty, TOO_LARGE above WHOLE_FILE_BYTES_MAX. */
export async function readWhole(file: ByteFile): Promise<Uint8Array> {
  if (file.size === 0) throw badInput(file.path, "the file is empty (0 bytes); record it again.");
  if (file.size > WHOLE_FILE_BYTES_MAX) {
    throw tooLarge(
      file.path,
      `${file.size} bytes, but one cloud may have at most ${WHOLE_FILE_BYTES_MAX}; split it.`,
    );
  }
  return file.read(0, file.size);
}

function endsBefore(path: string, offset: number, wanted: number, left: number): MapveilError {
  return badInput(
    path,
    `expected ${wanted} bytes at offset ${offset} but found ${Math.max(left, 0)}: the file is cut ` +
      "short; copy or record it again.",
    { offset },
  );
}
