/**
 * Which Hesai lidar a packet is from, and how its packets lie in bytes: the "data format" chapters of
 * the user manuals of Pandar40P, Pandar64, PandarQT, QT128C2X, PandarXT, XT32M2X and OT128.
 */

export interface HesaiModel {
  readonly name: string;
  /** Offsets of the bytes that all packets of one lidar share and that decide where things are. */
  readonly marks: readonly number[];
  readonly channels: number;
  readonly blocks: number;
  /** Where the first block begins. */
  readonly bodyAt: number;
  /** Bytes of a block before its returns; the azimuth is the last two of them. */
  readonly blockHead: 2 | 4;
  /** Bytes of a return: distance u16, reflectivity u8, and what is not read. */
  readonly returnBytes: number;
  /** Where the header says how many millimetres a unit of distance is; undefined means 4. */
  readonly unitAt: number | undefined;
  /** Where year, month, day, hour, minute and second of the packet are, UTC, one byte each. */
  readonly dateAt: number;
  /** The year that a year byte of 0 means; where it is 2000, bytes from 100 on count from 1900. */
  readonly yearBase: 1900 | 2000;
  /** Where the microseconds within that second are, u32. */
  readonly microsAt: number;
  /** Bytes up to the end of what is read; packets may carry more behind it. */
  readonly bytes: number;
}

type Family = Omit<
  HesaiModel,
  "channels" | "blocks" | "returnBytes" | "dateAt" | "microsAt" | "bytes"
>;

/** Tails by where the date and the microseconds stand in them. */
interface Tail {
  readonly date: number;
  readonly micros: number;
  readonly bytes: number;
}

const TAIL_40_64: Tail = { date: 16, micros: 10, bytes: 22 };
const TAIL_QT: Tail = { date: 18, micros: 12, bytes: 24 };
const TAIL_XT: Tail = { date: 13, micros: 19, bytes: 24 };
const TAIL_128: Tail = { date: 15, micros: 21, bytes: 26 };

const HEADER_BYTES = 12;
const CHECKSUM_BYTES = 4;
const SAFETY_BYTES = 17;

/** Flags of the 12-byte header (offset 11). */
const FLAG_SAFETY = 0x04;
const FLAG_CONFIDENCE = 0x10;
const FLAG_WEIGHT = 0x20;
const FLAG_AMBIENT = 0x40;

/** Status versions (offset 4) that tell the lidars of protocol 1.4 apart. */
const STATUS_OT128 = 128;
const STATUS_JT128 = 137;

/** What the packets of protocols that are not read are from, by version. */
const UNREAD: Readonly<Record<string, string>> = {
  "1.8": "JT16",
  "2.4": "ET",
  "2.5": "ET25",
  "4.1": "AT128",
  "4.3": "AT128",
  "4.7": "ATX",
  "7.2": "FT120",
};

export const HESAI_MODELS =
  "Pandar40P, Pandar64, PandarQT, QT128, PandarXT-16, PandarXT-32, XT32M, Pandar128 and OT128";

/** The model of a packet; a text names one that is not read; undefined if it is not Hesai's. */
export function hesaiModel(packet: Uint8Array): HesaiModel | string | undefined {
  if (isPandar40(packet)) {
    return place(PANDAR40, { channels: 40, blocks: 10, returnBytes: 3 }, TAIL_40_64, packet);
  }
  if (packet.length < HEADER_BYTES || packet[0] !== 0xee || packet[1] !== 0xff) return undefined;
  // Pandar64 and Pandar20 have no version: the number of lasers stands where others have it.
  if (packet[2] === 64 && packet[3] === 6) {
    return place(PANDAR64, { channels: 64, blocks: 6, returnBytes: 3 }, TAIL_40_64, packet);
  }
  if (packet[2] === 20) return "Pandar20";
  return versioned(packet);
}

const PANDAR40: Family = {
  name: "Pandar40P",
  marks: [0, 1],
  bodyAt: 0,
  blockHead: 4,
  unitAt: undefined,
  yearBase: 2000,
};
const PANDAR64: Family = {
  name: "Pandar64",
  marks: [0, 1, 2, 3, 5],
  bodyAt: 8,
  blockHead: 2,
  unitAt: 5,
  yearBase: 2000,
};
const PANDAR40_BYTES = [1262, 1266];
const PANDAR40_BLOCK = 124;

/** These packets have no header: they are told by their length and the marks of their ten blocks. */
function isPandar40(packet: Uint8Array): boolean {
  if (!PANDAR40_BYTES.includes(packet.length)) return false;
  for (let at = 0; at < 10 * PANDAR40_BLOCK; at += PANDAR40_BLOCK) {
    if (packet[at] !== 0xff || packet[at + 1] !== 0xee) return false;
  }
  return true;
}

function versioned(packet: Uint8Array): HesaiModel | string {
  const version = `${packet[2]}.${packet[3]}`;
  const channels = packet[6]!;
  const blocks = packet[7]!;
  const flags = packet[11]!;
  const family = (name: string): Family => ({
    name,
    marks: [0, 1, 2, 3, 6, 7, 9, 11],
    bodyAt: HEADER_BYTES,
    blockHead: 2,
    unitAt: 9,
    yearBase: 1900,
  });
  const shape = { channels, blocks, returnBytes: 4 };
  const unknown = `a lidar of protocol ${version} with ${channels} channels and ${blocks} blocks`;
  if (version === "3.1" && channels === 64 && blocks === 4) {
    return place(family("PandarQT"), shape, TAIL_QT, packet);
  }
  if (version === "6.1" && (channels === 16 || channels === 32) && (blocks === 8 || blocks === 6)) {
    const name = blocks === 6 ? "XT32M" : `PandarXT-${channels}`;
    return channels === 16 && blocks === 6 ? unknown : place(family(name), shape, TAIL_XT, packet);
  }
  if (channels !== 128 || blocks !== 2) return UNREAD[version] ?? unknown;
  const safety = CHECKSUM_BYTES + (flags & FLAG_SAFETY ? SAFETY_BYTES : 0);
  const extra = [FLAG_CONFIDENCE, FLAG_WEIGHT, FLAG_AMBIENT].filter((bit) => flags & bit).length;
  if (version === "3.2") {
    const returnBytes = flags & FLAG_CONFIDENCE ? 4 : 3;
    return place(family("QT128"), { ...shape, returnBytes }, TAIL_128, packet, safety);
  }
  if (version === "1.4" && packet[4]! < STATUS_JT128) {
    const name = packet[4]! < STATUS_OT128 ? "Pandar128" : "OT128";
    return place(family(name), { ...shape, returnBytes: 3 + extra }, TAIL_128, packet, safety);
  }
  return version === "1.4" ? "JT128" : (UNREAD[version] ?? unknown);
}

/** Where everything is; a text if the packet is too short for it. */
function place(
  family: Family,
  shape: { channels: number; blocks: number; returnBytes: number },
  tail: Tail,
  packet: Uint8Array,
  before = 0,
): HesaiModel | string {
  const { channels, blocks, returnBytes } = shape;
  const block = family.blockHead + channels * returnBytes;
  const tailAt = family.bodyAt + blocks * block + before;
  const bytes = tailAt + tail.bytes;
  if (packet.length < bytes) return `${family.name} in packets of ${packet.length} bytes`;
  return { ...family, ...shape, dateAt: tailAt + tail.date, microsAt: tailAt + tail.micros, bytes };
}
