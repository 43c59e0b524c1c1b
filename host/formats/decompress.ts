/** Decompression of recording chunks, with the output size checked before anything is allocated. */
import { decompress as zstdDecompress } from "fzstd";
import { badInput, tooLarge } from "./input-errors.ts";
import { LZ4_RATIO_MAX, lz4Decompress } from "./lz4.ts";

/** Writers make chunks of about 1 MB, or of one large message. */
export const CHUNK_BYTES_MAX = 1 << 28;

export interface ChunkPlace {
  readonly file: string;
  /** Offset of the chunk in the file. */
  readonly offset: number;
}

type Unpack = (data: Uint8Array, size: number) => Uint8Array | undefined;

/** Returns a chunk's `size` uncompressed bytes; throws BAD_INPUT or TOO_LARGE. */
export type Decompressor = (place: ChunkPlace, data: Uint8Array, size: number) => Uint8Array;

/** The decompressor of a container's name for it: lz4, zstd or bz2; undefined for others. */
export async function loadDecompressor(name: string): Promise<Decompressor | undefined> {
  if (name === "lz4") return checked("lz4", unpackLz4);
  if (name === "zstd") return checked("zstd", unpackZstd);
  if (name === "bz2") return checked("bz2", await loadBz2());
  return undefined;
}

function checked(name: string, unpack: Unpack): Decompressor {
  return ({ file, offset }, data, size) => {
    if (size > CHUNK_BYTES_MAX) {
      throw tooLarge(
        file,
        `the chunk at offset ${offset} declares ${size} uncompressed bytes; at most ` +
          `${CHUNK_BYTES_MAX} are read. If that is right, record with smaller chunks.`,
        { offset },
      );
    }
    let result: Uint8Array | undefined;
    let cause: unknown;
    try {
      result = unpack(data, size);
    } catch (error) {
      cause = error;
    }
    if (result?.length !== size) {
      throw badInput(
        file,
        `the ${name} chunk at offset ${offset} (${data.length} bytes) does not unpack to the ` +
          `declared ${size} bytes: it is damaged; copy or record the file again.`,
        { offset },
        cause,
      );
    }
    return result;
  };
}

function unpackLz4(data: Uint8Array, size: number): Uint8Array | undefined {
  if (size > data.length * LZ4_RATIO_MAX) return undefined;
  const target = new Uint8Array(size);
  return lz4Decompress(data, target) === size ? target : undefined;
}

/** Undefined if the frame states another size; throws the library's error if it is damaged. */
export function unpackZstd(data: Uint8Array, size: number): Uint8Array | undefined {
  // The library fills the buffer that it is given and does not say by how much it missed.
  if ((zstdContentBytes(data) ?? size) !== size) return undefined;
  return zstdDecompress(data, new Uint8Array(size));
}

/** Frame_Content_Size (RFC 8878, 3.1.1.1.4); undefined if the frame does not state it. */
export function zstdContentBytes(data: Uint8Array): number | undefined {
  const descriptor = data[4] ?? 0;
  const single = (descriptor & 0x20) !== 0;
  const dictionaryBytes = [0, 1, 2, 4][descriptor & 3]!;
  const at = 5 + (single ? 0 : 1) + dictionaryBytes;
  const flag = descriptor >> 6;
  const bytes = flag === 0 ? Number(single) : 1 << flag;
  if (bytes === 0 || at + bytes > data.length) return undefined;
  let value = 0;
  for (let i = bytes - 1; i >= 0; i--) value = value * 256 + data[at + i]!;
  return bytes === 2 ? value + 256 : value;
}

/** Loaded only for the rare bag that needs it. */
async function loadBz2(): Promise<Unpack> {
  const events = ["uncaughtException", "unhandledRejection"] as const;
  const before = events.map((event) => process.listeners(event as "uncaughtException"));
  const { default: Bzip2 } = await import("@foxglove/wasm-bz2");
  const bzip2 = await Bzip2.init();
  // The module's glue hooks the process's error events on loading; those belong to the program.
  events.forEach((event, i) => {
    for (const listener of process.listeners(event as "uncaughtException")) {
      if (!before[i]!.includes(listener)) process.removeListener(event, listener);
    }
  });
  return (data, size) => bzip2.decompress(data, size);
}
