/** The blocks of a pcapng file and the options inside them (draft-ietf-opsawg-pcapng, 3 and 4). */
import type { ByteFile } from "./byte-file.ts";
import { ForwardReader } from "./forward-reader.ts";
import { badInput } from "./input-errors.ts";
import { PACKET_BYTES_MAX } from "./pcap-records.ts";

export const SECTION_HEADER = 0x0a0d0d0a;
const BYTE_ORDER_MAGIC = 0x1a2b3c4d;
/** Type and length in front; the length once more behind. */
const HEAD_BYTES = 8;
const TAIL_BYTES = 4;
/** A packet with its options. */
const BLOCK_BYTES_MAX = PACKET_BYTES_MAX + (1 << 16);

export interface PcapngBlock {
  readonly type: number;
  /** Byte order of the section. */
  readonly little: boolean;
  /** What stands between the two lengths; valid until the next block is asked for. */
  readonly body: Uint8Array;
  /** Offset of the block in the file. */
  readonly offset: number;
}

export interface PcapngOption {
  readonly code: number;
  readonly value: Uint8Array;
}

/** True if the first bytes are those of a pcapng file. */
export function isPcapng(head: Uint8Array): boolean {
  return head.length >= 4 && viewOf(head).getUint32(0, true) === SECTION_HEADER;
}

/** Every block in order, with the body of those types that are `wanted`; others are passed over. */
export async function* readBlocks(
  file: ByteFile,
  wanted: ReadonlySet<number>,
): AsyncGenerator<PcapngBlock> {
  const reader = new ForwardReader(file);
  let little = true;
  while (reader.remaining > 0) {
    const offset = reader.offset;
    const head = (await reader.borrow(HEAD_BYTES, "the head of a block")).slice();
    const isSection = isPcapng(head);
    let taken = HEAD_BYTES;
    if (isSection) {
      // The byte order stands behind the length that it is needed for.
      little = isLittle(file, await reader.borrow(4, "the byte order of a section"), offset);
      taken += 4;
    }
    const type = viewOf(head).getUint32(0, little);
    const length = viewOf(head).getUint32(4, little);
    const rest = length - taken - TAIL_BYTES;
    if (rest < 0 || length % 4 !== 0 || (wanted.has(type) && rest > BLOCK_BYTES_MAX)) {
      throw brokenAt(file, offset, `the length of a block is not one (up to ${BLOCK_BYTES_MAX})`);
    }
    if (!wanted.has(type)) {
      reader.skip(rest + TAIL_BYTES, "a block");
      continue;
    }
    const body = await reader.borrow(rest + TAIL_BYTES, "a block");
    yield { type, little, body: body.subarray(0, rest), offset };
  }
}

/** The options from byte `from` of a block on: up to their end, or to where one does not fit. */
export function* optionsOf({ body, little }: PcapngBlock, from: number): Generator<PcapngOption> {
  const view = viewOf(body);
  for (let at = from; at + 4 <= body.length; ) {
    const code = view.getUint16(at, little);
    const length = view.getUint16(at + 2, little);
    if (code === 0 || at + 4 + length > body.length) return;
    yield { code, value: body.subarray(at + 4, at + 4 + length) };
    // Values fill up to a multiple of four.
    at += 4 + ((length + 3) & ~3);
  }
}

export function brokenAt(file: ByteFile, offset: number, what: string) {
  return badInput(
    file.path,
    `${what}, at offset ${offset}: the file is damaged from here on; the frames before were read.`,
    { offset },
  );
}

function isLittle(file: ByteFile, magic: Uint8Array, offset: number): boolean {
  if (viewOf(magic).getUint32(0, true) === BYTE_ORDER_MAGIC) return true;
  if (viewOf(magic).getUint32(0, false) === BYTE_ORDER_MAGIC) return false;
  throw brokenAt(file, offset, "the byte order of a section is neither of the two");
}

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
