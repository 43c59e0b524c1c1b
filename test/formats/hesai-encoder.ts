/**
 * Writes packets of Hesai lidars field after field, as the tables of the user manuals list them, and
 * says where each return lies by the formulas there: apart from the reader, which counts offsets.
 */

export interface EncodedModel {
  readonly name: string;
  readonly channels: number;
  readonly blocks: number;
  /** Bytes of a return behind distance and reflectivity. */
  readonly spare: number;
  /** The fields in front of the blocks. */
  readonly head: readonly number[];
  /** True if each block begins with a mark. */
  readonly marked?: true;
  readonly tail: (time: EncodedTime) => Buffer;
}

export interface EncodedTime {
  /** Year, month, day, hour, minute, second. */
  readonly date: readonly [number, number, number, number, number, number];
  readonly micros: number;
  /** 0x37 strongest, 0x39 last and strongest. */
  readonly mode: number;
}

const zeros = (count: number) => Buffer.alloc(count);
const u16 = (value: number) => Buffer.from([value & 255, value >> 8]);
const u32 = (value: number) => Buffer.concat([u16(value & 0xffff), u16(value >>> 16)]);
const RPM = 600;
const SEQUENCE = u32(77);

const dateFrom = (base: number, [year, ...rest]: EncodedTime["date"]) =>
  Buffer.from([year - base, ...rest]);

const tail40 = (time: EncodedTime) =>
  Buffer.concat([
    zeros(5),
    zeros(1),
    zeros(2),
    u16(RPM),
    u32(time.micros),
    Buffer.from([time.mode, 0x42]),
    dateFrom(2000, time.date),
  ]);

const tailXt = (time: EncodedTime) =>
  Buffer.concat([
    zeros(9),
    zeros(1),
    Buffer.from([time.mode]),
    u16(RPM),
    dateFrom(1900, time.date),
    u32(time.micros),
    Buffer.from([0x42]),
    SEQUENCE,
  ]);

const tailQt = (time: EncodedTime) =>
  Buffer.concat([
    zeros(10),
    u16(RPM),
    u32(time.micros),
    Buffer.from([time.mode, 0x42]),
    dateFrom(1900, time.date),
    SEQUENCE,
  ]);

/** Checksum of the blocks, functional safety, tail, its checksum. */
const tail128 = (time: EncodedTime) =>
  Buffer.concat([
    u32(0x12345678),
    zeros(17),
    zeros(3 + 3 + 3),
    u16(0),
    Buffer.from([1, time.mode]),
    u16(RPM),
    dateFrom(1900, time.date),
    u32(time.micros),
    Buffer.from([0x42]),
    SEQUENCE,
    u32(0x9abcdef0),
  ]);

const versioned = (major: number, minor: number, channels: number, blocks: number, flags: number) =>
  [0xee, 0xff, major, minor, 0, 0, channels, blocks, 0, 4, 2, flags] as const;

const xt = (name: string, channels: number, blocks: number): EncodedModel => ({
  name,
  channels,
  blocks,
  spare: 1,
  head: versioned(6, 1, channels, blocks, 1),
  tail: tailXt,
});

export const ENCODED_MODELS: readonly EncodedModel[] = [
  xt("PandarXT-16", 16, 8),
  xt("PandarXT-32", 32, 8),
  xt("XT32M", 32, 6),
  { name: "Pandar40P", channels: 40, blocks: 10, spare: 0, head: [], marked: true, tail: tail40 },
  {
    name: "Pandar64",
    channels: 64,
    blocks: 6,
    spare: 0,
    head: [0xee, 0xff, 64, 6, 0, 4, 0, 0],
    tail: tail40,
  },
  {
    name: "PandarQT",
    channels: 64,
    blocks: 4,
    spare: 1,
    head: versioned(3, 1, 64, 4, 1),
    tail: tailQt,
  },
  {
    name: "QT128",
    channels: 128,
    blocks: 2,
    spare: 1,
    head: versioned(3, 2, 128, 2, 0x15),
    tail: tail128,
  },
  {
    name: "OT128",
    channels: 128,
    blocks: 2,
    spare: 0,
    head: versioned(1, 4, 128, 2, 0x05).map((byte, at) => (at === 4 ? 130 : byte)),
    tail: tail128,
  },
];

export interface EncodedReturn {
  /** Units of 4 mm; 0 is no return. */
  readonly distance: number;
  readonly reflectivity: number;
}

export interface EncodedBlock {
  /** Hundredths of a degree. */
  readonly azimuth: number;
  readonly returns: readonly EncodedReturn[];
}

/** One packet; `blocks` must be as many as the model's. */
export function hesaiPacket(
  model: EncodedModel,
  blocks: readonly EncodedBlock[],
  time: EncodedTime,
): Buffer {
  const body = blocks.flatMap(({ azimuth, returns }) => [
    ...(model.marked ? [Buffer.from([0xff, 0xee])] : []),
    u16(azimuth),
    ...returns.map(({ distance, reflectivity }) =>
      Buffer.concat([u16(distance), Buffer.from([reflectivity]), zeros(model.spare)]),
    ),
  ]);
  return Buffer.concat([Buffer.from(model.head), ...body, model.tail(time)]);
}

/** Where a return lies, metres: angles in degrees, y at azimuth 0, x at azimuth 90. */
export function hesaiPoint(
  distance: number,
  azimuth: number,
  elevation: number,
): [number, number, number] {
  const [a, e] = [(azimuth * Math.PI) / 180, (elevation * Math.PI) / 180];
  const metres = distance * 0.004;
  return [
    metres * Math.cos(e) * Math.sin(a),
    metres * Math.cos(e) * Math.cos(a),
    metres * Math.sin(e),
  ];
}

/** The packet that carries what a wired GPS receiver wrote. */
export function gpsPacket(sentence: string): Buffer {
  const text = Buffer.alloc(84);
  text.write(`${sentence}\r\n`, "latin1");
  const clock = Buffer.from("622011314509", "latin1");
  return Buffer.concat([
    Buffer.from([0xff, 0xee]),
    clock,
    u32(250_000),
    text,
    Buffer.alloc(404, 0xdf),
    Buffer.from("A\x01\0\0\0\0", "latin1"),
  ]);
}
