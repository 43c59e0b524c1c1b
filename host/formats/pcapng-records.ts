/** The packets of a pcapng file (Wireshark, dumpcap), and what it says of who captured them. */
import type { MetadataName } from "../core/frame.ts";
import type { ByteFile } from "./byte-file.ts";
import { badInput } from "./input-errors.ts";
import type { Tell } from "./metadata-list.ts";
import { type CapturedPacket, checkLink } from "./pcap-records.ts";
import {
  brokenAt,
  optionsOf,
  type PcapngBlock,
  readBlocks,
  SECTION_HEADER,
  viewOf,
} from "./pcapng-blocks.ts";

const INTERFACE = 1;
const OBSOLETE_PACKET = 2;
const SIMPLE_PACKET = 3;
const NAMES = 4;
const PACKET = 6;
const KNOWN = new Set([SECTION_HEADER, INTERFACE, OBSOLETE_PACKET, SIMPLE_PACKET, NAMES, PACKET]);
const INTERFACES_MAX = 4096;

/** Texts among the options: of the section (hardware, system, program) and of an interface. */
const SECTION_TEXTS: Readonly<Record<number, MetadataName>> = {
  1: "comment",
  2: "raw_text",
  3: "software",
  4: "software",
};
const INTERFACE_TEXTS: Readonly<Record<number, MetadataName>> = {
  1: "comment",
  2: "raw_text",
  3: "raw_text",
  12: "software",
  15: "raw_text",
};
const OPTION_IPV4 = 4;
const OPTION_MAC = 6;
const OPTION_RESOLUTION = 9;
const OPTION_OFFSET = 14;
/** Times are 64 bits with a sign. */
const TIME_NS_MAX = 1n << 63n;
/** Kinds of name records: an address of IPv4 or IPv6, then names. */
const ADDRESS_BYTES: Readonly<Record<number, number>> = { 1: 4, 2: 16 };

interface Interface {
  readonly link: number;
  readonly unitsPerSecond: bigint;
  readonly offsetNs: bigint;
}

/**
 * Every packet in order. What the file says of the machine and the network goes to `tell`. BAD_INPUT
 * for other link types, for packets without a time, and where the file breaks.
 */
export async function* readPcapng(file: ByteFile, tell: Tell): AsyncGenerator<CapturedPacket> {
  let interfaces: Interface[] = [];
  for await (const block of readBlocks(file, KNOWN)) {
    const { type, offset } = block;
    if (type === SECTION_HEADER) {
      interfaces = [];
      // Version and length of the section come first; its byte order is read already.
      tellTexts(block, 12, SECTION_TEXTS, tell);
    } else if (type === INTERFACE) {
      if (block.body.length < 8) throw brokenAt(file, offset, "an interface has too few bytes");
      if (interfaces.length >= INTERFACES_MAX) throw brokenAt(file, offset, "too many interfaces");
      interfaces.push(readInterface(block, tell));
    } else if (type === NAMES) tellNames(block, tell);
    else if (type === PACKET) yield readPacket(file, block, interfaces);
    else {
      const text = `the packet at offset ${offset} has no time or is of an obsolete form; capture with dumpcap.`;
      throw badInput(file.path, text, { offset });
    }
  }
}

/** Interface u32, time in two halves u32, bytes captured u32, bytes on the wire u32, the packet. */
function readPacket(
  file: ByteFile,
  block: PcapngBlock,
  interfaces: readonly Interface[],
): CapturedPacket {
  const { body, little, offset } = block;
  if (body.length < 20) throw brokenAt(file, offset, "a packet has too few bytes");
  const view = viewOf(body);
  const source = interfaces[view.getUint32(0, little)];
  if (source === undefined) throw brokenAt(file, offset, "a packet is of no interface");
  checkLink(file, source.link, offset);
  const length = view.getUint32(12, little);
  if (20 + length > body.length) throw brokenAt(file, offset, "a packet is longer than its block");
  const units = (BigInt(view.getUint32(4, little)) << 32n) | BigInt(view.getUint32(8, little));
  const stampNs = (units * 1_000_000_000n) / source.unitsPerSecond + source.offsetNs;
  if (stampNs < 0n || stampNs >= TIME_NS_MAX) throw brokenAt(file, offset, "a packet has no time");
  return { stampNs, data: body.subarray(20, 20 + length) };
}

/** Link type u16, reserved u16, longest packet u32, options. Times count microseconds by default. */
function readInterface(block: PcapngBlock, tell: Tell): Interface {
  tellTexts(block, 8, INTERFACE_TEXTS, tell);
  let unitsPerSecond = 1_000_000n;
  let offsetNs = 0n;
  for (const { code, value } of optionsOf(block, 8)) {
    if (code === OPTION_RESOLUTION && value.length === 1) {
      const power = value[0]!;
      unitsPerSecond = power & 0x80 ? 2n ** BigInt(power & 0x7f) : 10n ** BigInt(power);
    } else if (code === OPTION_OFFSET && value.length === 8) {
      offsetNs = viewOf(value).getBigInt64(0, block.little) * 1_000_000_000n;
    } else if (code === OPTION_MAC && value.length === 6) {
      tell(
        "mac_address",
        Buffer.from(value)
          .toString("hex")
          .replace(/..(?=.)/g, "$&:"),
      );
    } else if (code === OPTION_IPV4 && value.length === 8) {
      tell("ip_address", value.subarray(0, 4).join("."));
    }
  }
  return { link: viewOf(block.body).getUint16(0, block.little), unitsPerSecond, offsetNs };
}

function tellTexts(
  block: PcapngBlock,
  from: number,
  names: Readonly<Record<number, MetadataName>>,
  tell: Tell,
): void {
  for (const { code, value } of optionsOf(block, from)) {
    const name = names[code];
    if (name !== undefined) tell(name, Buffer.from(value).toString("utf8"));
  }
}

/** Records as options are: an address, then the names that the capturing machine knew for it. */
function tellNames(block: PcapngBlock, tell: Tell): void {
  for (const { code, value } of optionsOf(block, 0)) {
    const bytes = ADDRESS_BYTES[code];
    if (bytes === undefined || value.length < bytes) continue;
    if (bytes === 4) tell("ip_address", value.subarray(0, 4).join("."));
    const names = Buffer.from(value.subarray(bytes)).toString("utf8").split("\0");
    for (const name of names) tell("host_name", name);
  }
}
