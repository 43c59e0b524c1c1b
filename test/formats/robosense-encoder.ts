/** Writes RoboSense packets field after field, as the tables of the user manuals list them. */

const zeros = (count: number) => Buffer.alloc(count);
const u8 = (...values: number[]) => Buffer.from(values);
const u16 = (value: number) => u8((value >> 8) & 255, value & 255);
const u32 = (value: number) => Buffer.concat([u16(value >>> 16), u16(value & 0xffff)]);

export interface RobosenseReturn {
  /** Units of 5 mm; 0 is no return. */
  readonly distance: number;
  /** M1: pitch and yaw in hundredths of a degree; E1: a vector of length 32768. */
  readonly direction: readonly number[];
  readonly intensity: number;
}

function header(sequence: number, timeNs: bigint): Buffer {
  const seconds = timeNs / 1_000_000_000n;
  const micros = Number((timeNs % 1_000_000_000n) / 1000n);
  return Buffer.concat([
    u8(0x55, 0xaa, 0x5a, 0xa5),
    u16(sequence),
    u16(1),
    u8(4, 2),
    u16(0),
    u32(Number(seconds)),
    u32(micros),
    zeros(10),
    u8(0x10, 80),
  ]);
}

/** 125 returns: 25 blocks of 5, each 8 microseconds after the one before. */
export function packetM1(returns: readonly RobosenseReturn[], sequence: number, timeNs: bigint) {
  const blocks = Array.from({ length: 25 }, (_, block) => [
    u8(8 * block, 1),
    ...returns
      .slice(5 * block, 5 * block + 5)
      .map(({ distance, direction: [pitch, yaw], intensity }) =>
        Buffer.concat([
          u16(distance),
          u16(pitch! + 32_768),
          u16(yaw! + 32_768),
          u8(intensity, 0, 0),
        ]),
      ),
  ]);
  return Buffer.concat([header(sequence, timeNs), ...blocks.flat(), zeros(3)]);
}

/** 96 returns. */
export function packetE1(returns: readonly RobosenseReturn[], sequence: number, timeNs: bigint) {
  const points = returns.map(({ distance, direction, intensity }, point) =>
    Buffer.concat([
      u16(3 * point),
      u16(distance),
      ...direction.map((part) => u16(part & 0xffff)),
      u8(intensity, 0),
    ]),
  );
  return Buffer.concat([header(sequence, timeNs), ...points, zeros(16)]);
}

export interface DeviceFacts {
  readonly address: readonly number[];
  readonly host: readonly number[];
  /** Hexadecimal digits. */
  readonly mac: string;
  readonly serial: string;
  readonly sentence?: string;
}

const MARK = u8(0xa5, 0xff, 0x00, 0x5a, 0x11, 0x11, 0x55, 0x55);
const hex = (digits: string) => Buffer.from(digits, "hex");

/** Device information of M1. */
export function deviceM1({ address, host, mac, serial }: DeviceFacts): Buffer {
  const known = Buffer.concat([
    MARK,
    zeros(1),
    u8(10),
    u8(...address, ...host),
    hex(mac),
    u16(6699),
    u16(7788),
    hex("0102030405"),
    hex("0607080900"),
    hex(serial),
  ]);
  return Buffer.concat([known, zeros(256 - known.length)]);
}

/** Device information of RS-16. */
export function deviceRs16(facts: DeviceFacts): Buffer {
  const front = Buffer.concat([
    MARK,
    u16(600),
    u8(...facts.address, ...facts.host),
    hex(facts.mac),
    zeros(8),
    zeros(4),
    zeros(2 + 2),
    hex("0102030405"),
    hex("0607080900"),
    zeros(242),
    hex(facts.serial),
    zeros(2 + 1 + 2 + 10),
    zeros(24),
    zeros(5),
    zeros(40),
    Buffer.from((facts.sentence ?? "").padEnd(86, "\0"), "latin1"),
  ]);
  return Buffer.concat([front, zeros(1248 - front.length)]);
}

/** A packet of RS-16 with nothing in it. */
export function packetRs16(): Buffer {
  return Buffer.concat([u8(0x55, 0xaa, 0x05, 0x0a, 0x5a, 0xa5, 0x50, 0xa0), zeros(1240)]);
}
