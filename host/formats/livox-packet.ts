/**
 * Point packets of Livox lidars. Protocol of the second kit (Mid-360, HAP): a header of 36 bytes, as
 * its manual lists it. Protocol of the first (Mid-40, Mid-70, Horizon, Avia, Tele-15): one of 18.
 */

/** How the points of a packet lie in bytes. */
export interface LivoxForm {
  readonly coordinates: "cartesian" | "spherical" | "direction and depths";
  /** What a whole number of a coordinate is, metres. */
  readonly unit: number;
  /** Returns of one firing; each has a place of its own. */
  readonly echoes: number;
  /** Bytes of all returns of a firing. */
  readonly bytes: number;
  /** Coordinates of i16 instead of i32. */
  readonly isShort?: true;
}

export interface LivoxHeader {
  readonly form: LivoxForm;
  readonly pointsAt: number;
  /** Firings in the packet. */
  readonly firings: number;
  /** Nanoseconds from the first firing of the packet to the last, if it says so. */
  readonly spanNs: number | undefined;
  /** Nanoseconds on the lidar's clock, whatever it counts from. */
  readonly clockNs: bigint;
  /** True if that clock counts from the Unix epoch. */
  readonly isUnixTime: boolean;
}

const HEADER_2 = 36;
const HEADER_1 = 18;
const VERSION_1 = 5;

const cartesian = (bytes: number, echoes = 1): LivoxForm => ({
  coordinates: "cartesian",
  unit: 0.001,
  echoes,
  bytes,
});
const spherical = (bytes: number): LivoxForm => ({
  coordinates: "spherical",
  unit: 0.001,
  echoes: 1,
  bytes,
});
const depths = (echoes: number): LivoxForm => ({
  coordinates: "direction and depths",
  unit: 0.001,
  echoes,
  bytes: 4 + 6 * echoes,
});

/** By data type. */
const FORMS_2: Readonly<Record<number, LivoxForm>> = {
  1: cartesian(14),
  2: { ...cartesian(8), unit: 0.01, isShort: true },
  3: spherical(10),
  17: cartesian(28, 2),
};
/** By data type, with the firings that a packet always has. */
const FORMS_1: Readonly<Record<number, readonly [LivoxForm, number]>> = {
  0: [cartesian(13), 100],
  1: [spherical(9), 100],
  2: [cartesian(14), 96],
  3: [spherical(10), 96],
  4: [cartesian(28, 2), 48],
  5: [depths(2), 48],
  7: [cartesian(42, 3), 30],
  8: [depths(3), 30],
};

/** The header of a point packet; undefined if it is none. */
export function livoxHeader(packet: Uint8Array): LivoxHeader | undefined {
  if (packet.length < HEADER_1) return undefined;
  const view = new DataView(packet.buffer, packet.byteOffset, packet.byteLength);
  return packet[0] === VERSION_1 ? header1(view) : header2(view);
}

function header2(view: DataView): LivoxHeader | undefined {
  const length = view.byteLength;
  if (length < HEADER_2 || view.getUint8(0) !== 0 || view.getUint16(1, true) !== length) {
    return undefined;
  }
  const form = FORMS_2[view.getUint8(10)];
  const firings = view.getUint16(5, true);
  if (form === undefined || length !== HEADER_2 + firings * form.bytes) return undefined;
  return {
    form,
    pointsAt: HEADER_2,
    firings,
    spanNs: view.getUint16(3, true) * 100,
    clockNs: view.getBigUint64(28, true),
    // 0 counts from when the lidar was switched on; 1 is PTP, 2 is GPS.
    isUnixTime: view.getUint8(11) !== 0,
  };
}

function header1(view: DataView): LivoxHeader | undefined {
  const [form, firings] = FORMS_1[view.getUint8(9)] ?? [];
  if (form === undefined || firings === undefined) return undefined;
  if (view.byteLength !== HEADER_1 + firings * form.bytes) return undefined;
  const clock = view.getUint8(8);
  const isDate = clock === CLOCK_GPS;
  return {
    form,
    pointsAt: HEADER_1,
    firings,
    spanNs: undefined,
    clockNs: isDate ? dateNs(view, 10) : view.getBigUint64(10, true),
    isUnixTime: isDate || clock === CLOCK_PTP,
  };
}

const CLOCK_PTP = 1;
const CLOCK_GPS = 3;

/** Year since 2000, month, day, hour, microseconds of the hour. */
function dateNs(view: DataView, at: number): bigint {
  const [year, month, day, hour] = [0, 1, 2, 3].map((n) => view.getUint8(at + n));
  const hourMs = Date.UTC(2000 + year!, month! - 1, day!, hour!);
  return BigInt(hourMs) * 1_000_000n + BigInt(view.getUint32(at + 4, true)) * 1000n;
}
