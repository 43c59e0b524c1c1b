/** How Ouster lidar packets lie in their UDP payload, by the name of the sensor's UDP profile. */

export interface OusterProfile {
  readonly name: string;
  /** Bytes before the first column, and behind the last. */
  readonly packetHeader: number;
  readonly packetFooter: number;
  readonly columnHeader: number;
  readonly columnFooter: number;
  /** Bytes of one pixel. */
  readonly pixel: number;
  /** Range: little-endian u32 at the start of the pixel, masked, then shifted left: millimetres. */
  readonly rangeMask: number;
  readonly rangeShift: number;
  /** Byte of the pixel that holds the reflectivity, 0..255. */
  readonly reflectivity: number;
  /** Where the frame's number stands, from the start of the packet. */
  readonly frameId: { readonly offset: number; readonly bytes: 2 | 4 };
  /** Offsets of the 24-bit session and the 40-bit serial number; undefined if they do not exist. */
  readonly initId: number | undefined;
  readonly serial: number | undefined;
  /** Where a column says that it is valid, from the end (footer) or start of the column. */
  readonly status: "footer" | "header";
}

const LEGACY = {
  packetHeader: 0,
  packetFooter: 0,
  columnHeader: 16,
  columnFooter: 4,
  frameId: { offset: 10, bytes: 2 },
  initId: undefined,
  serial: undefined,
  status: "footer",
} as const;

const EUDP = {
  packetHeader: 32,
  packetFooter: 32,
  columnHeader: 12,
  columnFooter: 0,
  frameId: { offset: 2, bytes: 2 },
  initId: 4,
  serial: 7,
  status: "header",
} as const;

const FUSA = { ...EUDP, frameId: { offset: 4, bytes: 4 }, initId: 1, serial: 11 } as const;

const FULL_RANGE = { rangeMask: 0x7ffff, rangeShift: 0 } as const;
/** 15 bits in steps of 8 mm. */
const SHORT_RANGE = { rangeMask: 0x7fff, rangeShift: 3 } as const;

/** Of dual-return profiles the first return is read. */
const PROFILES: readonly OusterProfile[] = [
  { name: "LEGACY", ...LEGACY, pixel: 12, rangeMask: 0xfffff, rangeShift: 0, reflectivity: 4 },
  { name: "RNG19_RFL8_SIG16_NIR16", ...EUDP, pixel: 12, ...FULL_RANGE, reflectivity: 4 },
  { name: "RNG19_RFL8_SIG16_NIR16_DUAL", ...EUDP, pixel: 16, ...FULL_RANGE, reflectivity: 3 },
  { name: "RNG15_RFL8_NIR8", ...EUDP, pixel: 4, ...SHORT_RANGE, reflectivity: 2 },
  { name: "RNG15_RFL8_NIR8_DUAL", ...EUDP, pixel: 8, ...SHORT_RANGE, reflectivity: 2 },
  { name: "FUSA_RNG15_RFL8_NIR8_DUAL", ...FUSA, pixel: 8, ...SHORT_RANGE, reflectivity: 2 },
];

/** The profile of that name; undefined if it is not supported. */
export function profileOf(name: string): OusterProfile | undefined {
  return PROFILES.find((profile) => profile.name === name);
}

/** Bytes of one column with `rows` pixels. */
export function columnBytes(profile: OusterProfile, rows: number): number {
  return profile.columnHeader + rows * profile.pixel + profile.columnFooter;
}

/** Bytes of the UDP payload of a packet with `columns` columns of `rows` pixels. */
export function packetBytes(profile: OusterProfile, rows: number, columns: number): number {
  return profile.packetHeader + columns * columnBytes(profile, rows) + profile.packetFooter;
}
