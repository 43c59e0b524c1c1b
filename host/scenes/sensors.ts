/** The lidars that the scenes are seen with. */

export const SENSORS = ["vlp16", "os1-64", "lds"] as const;
export type SensorName = (typeof SENSORS)[number];

/** The elevation of a beam. */
export interface Beam {
  readonly cos: number;
  readonly sin: number;
  /** Metres up for each metre along the floor. */
  readonly slope: number;
}

export interface Sensor {
  readonly name: SensorName;
  /** The lowest first. */
  readonly beams: readonly Beam[];
  /** Measurements around the circle. */
  readonly columns: number;
  readonly rateHz: number;
  /** Deviation of a range. */
  readonly noiseM: number;
  readonly rangeM: readonly [number, number];
  /** Of all measurements so many give nothing. */
  readonly lost: number;
  /** Height above the floor, from and to: the seed chooses. */
  readonly heightM: readonly [number, number];
  /** The robot under it: so wide around its middle, and how fast it drives. */
  readonly robotRadiusM: number;
  readonly robotSpeedMps: readonly [number, number];
}

/** Beams between two elevations in degrees. */
function fan(count: number, lowDeg: number, highDeg: number): Beam[] {
  const step = count === 1 ? 0 : (highDeg - lowDeg) / (count - 1);
  return Array.from({ length: count }, (_, i) => {
    const elevation = ((lowDeg + i * step) * Math.PI) / 180;
    return {
      cos: Math.cos(elevation),
      sin: Math.sin(elevation),
      slope: Math.tan(elevation),
    };
  });
}

const ON_A_ROBOT = {
  heightM: [0.6, 1.2],
  robotRadiusM: 0.22,
  robotSpeedMps: [0.3, 0.7],
} as const;

/**
 * VLP-16: 16 beams from -15 to 15 degrees, 0.2 degrees a column at 10 Hz. OS1-64: 64 beams over 45
 * degrees, 1,024 columns. lds: the plane of a robot cleaner, near the floor; the seed chooses 360 to
 * 1,440 columns and 5 to 10 Hz.
 */
const MODELS: Readonly<Record<SensorName, Omit<Sensor, "name">>> = {
  vlp16: {
    beams: fan(16, -15, 15),
    columns: 1800,
    rateHz: 10,
    noiseM: 0.015,
    rangeM: [0.3, 100],
    lost: 0.02,
    ...ON_A_ROBOT,
  },
  "os1-64": {
    beams: fan(64, -22.5, 22.5),
    columns: 1024,
    rateHz: 10,
    noiseM: 0.012,
    rangeM: [0.3, 100],
    lost: 0.02,
    ...ON_A_ROBOT,
  },
  lds: {
    beams: fan(1, 0, 0),
    columns: 360,
    rateHz: 5,
    noiseM: 0.015,
    rangeM: [0.12, 12],
    lost: 0.02,
    heightM: [0.1, 0.2],
    robotRadiusM: 0.17,
    robotSpeedMps: [0.2, 0.35],
  },
};

/** Columns and rates of planar lidars in robot cleaners and on small robots. */
const PLANAR = [
  { columns: 360, rateHz: 5 },
  { columns: 720, rateHz: 7 },
  { columns: 1440, rateHz: 10 },
] as const;

/** The sensor of a name; `choice` in [0, 1) chooses among planar ones. */
export function sensorOf(name: SensorName, choice: number): Sensor {
  const planar = PLANAR[Math.floor(choice * PLANAR.length)];
  return { name, ...MODELS[name], ...(name === "lds" && planar) };
}
