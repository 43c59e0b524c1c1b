/** Writes Livox packets and messages field after field, as the maker's protocol pages list them. */

const zeros = (count: number) => Buffer.alloc(count);
const u8 = (...values: number[]) => Buffer.from(values);
const number = (bytes: 2 | 4, value: number) => {
  const buffer = Buffer.alloc(bytes);
  buffer.writeIntLE(bytes === 2 ? (value << 16) >> 16 : value | 0, 0, bytes);
  return buffer;
};
const u64 = (value: bigint) => {
  const buffer = Buffer.alloc(8);
  buffer.writeBigUInt64LE(value);
  return buffer;
};

export interface EncodedPoint {
  /** Millimetres, of type 2 centimetres; spherical: depth, angle from the zenith, azimuth. */
  readonly place: readonly [number, number, number];
  readonly reflectivity: number;
}

/** One firing by data type of the second kit: 1 and 2 are Cartesian, 3 spherical, 17 two returns. */
function firing2(type: number, points: readonly EncodedPoint[]): Buffer {
  const parts = points.map(({ place: [a, b, c], reflectivity }) => {
    const tail = u8(reflectivity, 0x10);
    if (type === 2) return Buffer.concat([number(2, a), number(2, b), number(2, c), tail]);
    if (type === 3) return Buffer.concat([number(4, a), number(2, b), number(2, c), tail]);
    return Buffer.concat([number(4, a), number(4, b), number(4, c), tail]);
  });
  return Buffer.concat(parts);
}

export interface Packet2 {
  readonly type: number;
  /** For each firing its returns. */
  readonly firings: readonly (readonly EncodedPoint[])[];
  readonly clockNs: bigint;
  /** 0 none, 1 PTP, 2 GPS. */
  readonly clockType?: number;
  /** Tenths of a microsecond from the first firing to the last. */
  readonly interval?: number;
}

/** Mid-360 and HAP. */
export function packet2({ type, firings, clockNs, clockType = 1, interval = 0 }: Packet2): Buffer {
  const data = Buffer.concat(firings.map((points) => firing2(type, points)));
  return Buffer.concat([
    u8(0),
    number(2, 36 + data.length),
    number(2, interval),
    number(2, firings.length),
    number(2, 9),
    u8(0, type, clockType),
    zeros(12),
    zeros(4),
    u64(clockNs),
    data,
  ]);
}

/** One firing by data type of the first kit. */
function firing1(type: number, points: readonly EncodedPoint[]): Buffer {
  const isSpherical = type % 2 === 1 || type === 8;
  const hasTag = type >= 2;
  const tail = (reflectivity: number) => (hasTag ? u8(reflectivity, 0) : u8(reflectivity));
  if (!isSpherical || type === 7) {
    const parts = points.map(({ place, reflectivity }) =>
      Buffer.concat([...place.map((value) => number(4, value)), tail(reflectivity)]),
    );
    return Buffer.concat(parts);
  }
  const [, zenith, azimuth] = points[0]!.place;
  const direction = Buffer.concat([number(2, zenith), number(2, azimuth)]);
  const depths = points.map(({ place, reflectivity }) => [number(4, place[0]), tail(reflectivity)]);
  if (points.length > 1) return Buffer.concat([direction, ...depths.flat()]);
  return Buffer.concat([depths[0]![0]!, direction, depths[0]![1]!]);
}

export interface Packet1 {
  readonly type: number;
  readonly firings: readonly (readonly EncodedPoint[])[];
  /** 0 none, 1 PTP, 3 GPS (eight bytes of date instead of a number). */
  readonly clockType: number;
  readonly clock: bigint | Buffer;
}

/** Mid-40, Mid-70, Horizon, Avia, Tele-15. */
export function packet1({ type, firings, clockType, clock }: Packet1): Buffer {
  return Buffer.concat([
    u8(5, 1, 1, 0),
    zeros(4),
    u8(clockType, type),
    typeof clock === "bigint" ? u64(clock) : clock,
    ...firings.map((points) => firing1(type, points)),
  ]);
}

/** What the first kit's lidars send to all while nobody uses them. */
export function broadcast1(code: string, type: number): Buffer {
  const data = Buffer.concat([Buffer.from(code.padEnd(16, "\0"), "latin1"), u8(type), zeros(2)]);
  const front = [u8(0xaa, 1), number(2, 11 + data.length + 4), u8(2), zeros(2), zeros(2), u8(0, 0)];
  return Buffer.concat([...front, data, zeros(4)]);
}

function control2(command: number, data: Buffer): Buffer {
  return Buffer.concat([
    u8(0xaa, 0),
    number(2, 24 + data.length),
    number(4, 1),
    number(2, command),
    u8(1, 1),
    zeros(6),
    zeros(2),
    zeros(4),
    data,
  ]);
}

/** The answer to a search. */
export function searchAnswer(serial: string, address: readonly number[], type: number): Buffer {
  const name = Buffer.from(serial.padEnd(16, "\0"), "latin1");
  return control2(0, Buffer.concat([u8(0, type), name, u8(...address), number(2, 56_100)]));
}

/** A pushed state: keys with their values. */
export function pushedState(entries: readonly (readonly [number, Buffer])[]): Buffer {
  const list = entries.flatMap(([key, value]) => [number(2, key), number(2, value.length), value]);
  return control2(0x0102, Buffer.concat([number(2, entries.length), zeros(2), ...list]));
}
