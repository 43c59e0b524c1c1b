/** The packets of a classic pcap file (tcpdump), either byte order, micro- or nanoseconds. */
import type { ByteFile } from "./byte-file.ts";
import { ForwardReader } from "./forward-reader.ts";
import { badInput } from "./input-errors.ts";

export interface CapturedPacket {
  /** Nanoseconds since the Unix epoch. */
  readonly stampNs: bigint;
  /** From the Ethernet header on; valid until the next packet is asked for. */
  readonly data: Uint8Array;
}

const FILE_HEADER = 24;
const RECORD_HEADER = 16;
const MAGIC_MICRO = 0xa1b2c3d4;
const MAGIC_NANO = 0xa1b23c4d;
const LINK_ETHERNET = 1;
/** Far above any link's packets, far below what would hurt. */
export const PACKET_BYTES_MAX = 1 << 20;

/** True if the first bytes are those of a classic pcap file. */
export function isPcap(head: Uint8Array): boolean {
  return head.length >= 4 && formOf(head) !== undefined;
}

function formOf(head: Uint8Array): { little: boolean; nano: boolean } | undefined {
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  for (const little of [true, false]) {
    const magic = view.getUint32(0, little);
    if (magic === MAGIC_MICRO || magic === MAGIC_NANO)
      return { little, nano: magic === MAGIC_NANO };
  }
  return undefined;
}

/** Every packet in order. BAD_INPUT for other link types and where the file breaks. */
export async function* readPcap(file: ByteFile): AsyncGenerator<CapturedPacket> {
  const reader = new ForwardReader(file);
  const head = await reader.borrow(FILE_HEADER, "the pcap file header");
  const form = formOf(head);
  if (form === undefined) throw badInput(file.path, "the pcap magic is missing (offset 0).");
  const link = viewOf(head).getUint32(20, form.little) & 0xffff;
  checkLink(file, link, 20);
  while (reader.remaining > 0) {
    const offset = reader.offset;
    const record = viewOf(await reader.borrow(RECORD_HEADER, "a packet header"));
    const seconds = record.getUint32(0, form.little);
    const fraction = record.getUint32(4, form.little);
    const length = record.getUint32(8, form.little);
    if (length > PACKET_BYTES_MAX) {
      throw badInput(
        file.path,
        `the packet at offset ${offset} declares ${length} bytes; at most ${PACKET_BYTES_MAX} are ` +
          "possible. The file is damaged from here on; the frames before were read.",
        { offset },
      );
    }
    const data = await reader.borrow(length, "a packet");
    const nanoseconds = form.nano ? BigInt(fraction) : BigInt(fraction) * 1000n;
    yield { stampNs: BigInt(seconds) * 1_000_000_000n + nanoseconds, data };
  }
}

/** BAD_INPUT for packets that do not begin with an Ethernet header; `offset` is where it says so. */
export function checkLink(file: ByteFile, link: number, offset: number): void {
  if (link === LINK_ETHERNET) return;
  throw badInput(
    file.path,
    `the link type (offset ${offset}) is ${link}; only Ethernet (1) is read. Capture on the interface ` +
      'itself (tcpdump -i eth0), not on "any".',
    { field: "network", offset },
  );
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
