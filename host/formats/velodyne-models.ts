/**
 * Geometry and timing of Velodyne's lidars with the same angles for every unit, by their manuals:
 * VLP-16 (63-9243), Puck Hi-Res (63-9318), VLP-32C (63-9325), HDL-32E (63-9113), VLS-128 (63-9483).
 * Heights of the beams' origins as the manual or the envelope drawing (86-0101, 86-0129, 86-0106)
 * lists them; of VLP-32C and VLS-128 neither does.
 */

export interface VelodyneModel {
  readonly name: string;
  /** Last byte of its packets. */
  readonly product: number;
  readonly metresPerUnit: number;
  /** For each laser: elevation in degrees, */
  readonly elevations: readonly number[];
  /** what is added to the azimuth, in degrees, */
  readonly azimuths: readonly number[];
  /** height of the beam's origin above the sensor's in millimetres, */
  readonly heightsMm: readonly number[];
  /** and its place among the beams from the lowest up. */
  readonly rings: readonly number[];
  /** Data blocks of one return that share one azimuth: the column. */
  readonly blocksPerColumn: number;
  /** For each value of a column, all its blocks in a row: part of the column's time that is over. */
  readonly delays: readonly number[];
}

/** Values of a data block. */
export const BLOCK_VALUES = 32;

interface Facts {
  readonly name: string;
  readonly product: number;
  readonly metresPerUnit: number;
  readonly elevations: readonly number[];
  readonly azimuths?: readonly number[];
  readonly heightsMm?: readonly number[];
  readonly blocksPerColumn?: number;
  /** Microseconds from the column's begin to the value's firing, and to the next column. */
  readonly firingUs: (value: number) => number;
  readonly columnUs: number;
}

function modelOf(facts: Facts): VelodyneModel {
  const { name, product, metresPerUnit, elevations, blocksPerColumn = 1 } = facts;
  const none = elevations.map(() => 0);
  const sorted = [...elevations].sort((a, b) => a - b);
  return {
    name,
    product,
    metresPerUnit,
    elevations,
    azimuths: facts.azimuths ?? none,
    heightsMm: facts.heightsMm ?? none,
    rings: elevations.map((elevation) => sorted.indexOf(elevation)),
    blocksPerColumn,
    delays: Array.from(
      { length: BLOCK_VALUES * blocksPerColumn },
      (_, value) => facts.firingUs(value) / facts.columnUs,
    ),
  };
}

/** Two firings of 16 lasers, 2.304 µs from one laser to the next, 55.296 µs from firing to firing. */
const PUCK_TIMING = {
  firingUs: (value: number) => Math.floor(value / 16) * 55.296 + (value % 16) * 2.304,
  columnUs: 2 * 55.296,
};

const VLP16 = modelOf({
  name: "VLP-16",
  product: 0x22,
  metresPerUnit: 0.002,
  elevations: [-15, 1, -13, 3, -11, 5, -9, 7, -7, 9, -5, 11, -3, 13, -1, 15],
  heightsMm: [
    11.2, -0.7, 9.7, -2.2, 8.1, -3.7, 6.6, -5.1, 5.1, -6.6, 3.7, -8.1, 2.2, -9.7, 0.7, -11.2,
  ],
  ...PUCK_TIMING,
});

const HI_RES = modelOf({
  name: "Puck Hi-Res",
  product: 0x24,
  metresPerUnit: 0.002,
  elevations: [
    -10, 0.667, -8.667, 2, -7.333, 3.333, -6, 4.667, -4.667, 6, -3.333, 7.333, -2, 8.667, -0.667,
    10,
  ],
  heightsMm: [
    7.4, -0.9, 6.5, -1.8, 5.5, -2.7, 4.6, -3.7, 3.7, -4.6, 2.7, -5.5, 1.8, -6.5, 0.9, -7.4,
  ],
  ...PUCK_TIMING,
});

/** One laser each 1.152 µs, 46.08 µs from firing to firing. */
const HDL32E = modelOf({
  name: "HDL-32E",
  product: 0x21,
  metresPerUnit: 0.002,
  elevations: [
    -30.67, -9.33, -29.33, -8, -28, -6.67, -26.67, -5.33, -25.33, -4, -24, -2.67, -22.67, -1.33,
    -21.33, 0, -20, 1.33, -18.67, 2.67, -17.33, 4, -16, 5.33, -14.67, 6.67, -13.33, 8, -12, 9.33,
    -10.67, 10.67,
  ],
  heightsMm: [
    17.17, 4.76, 16.27, 4.07, 15.4, 3.38, 14.54, 2.7, 13.71, 2.02, 12.89, 1.35, 12.09, 0.67, 11.31,
    0, 10.54, -0.67, 9.78, -1.35, 9.04, -2.02, 8.3, -2.7, 7.58, -3.38, 6.86, -4.07, 6.15, -4.76,
    5.45, -5.45,
  ],
  firingUs: (value) => value * 1.152,
  columnUs: 46.08,
});

/** Two lasers each 2.304 µs, 55.296 µs from firing to firing. */
const VLP32C = modelOf({
  name: "VLP-32C",
  product: 0x28,
  metresPerUnit: 0.004,
  elevations: [
    -25, -1, -1.667, -15.639, -11.31, 0, -0.667, -8.843, -7.254, 0.333, -0.333, -6.148, -5.333,
    1.333, 0.667, -4, -4.667, 1.667, 1, -3.667, -3.333, 3.333, 2.333, -2.667, -3, 7, 4.667, -2.333,
    -2, 15, 10.333, -1.333,
  ],
  azimuths: [
    1.4, -4.2, 1.4, -1.4, 1.4, -1.4, 4.2, -1.4, 1.4, -4.2, 1.4, -1.4, 4.2, -1.4, 4.2, -1.4, 1.4,
    -4.2, 1.4, -4.2, 4.2, -1.4, 1.4, -1.4, 1.4, -1.4, 1.4, -4.2, 4.2, -1.4, 1.4, -1.4,
  ],
  firingUs: (value) => Math.floor(value / 2) * 2.304,
  columnUs: 55.296,
});

/** Eight lasers each 2.665 µs, with a pause of one after each 64; 53.3 µs from firing to firing. */
const VLS128 = modelOf({
  name: "VLS-128",
  product: 0xa1,
  metresPerUnit: 0.004,
  elevations: [
    -11.742, -1.99, 3.4, -5.29, -0.78, 4.61, -4.08, 1.31, -6.5, -1.11, 4.28, -4.41, 0.1, 6.48, -3.2,
    2.19, -3.86, 1.53, -9.244, -1.77, 2.74, -5.95, -0.56, 4.83, -2.98, 2.41, -6.28, -0.89, 3.62,
    -5.07, 0.32, 7.58, -0.34, 5.18, -3.64, 1.75, -25, -2.43, 2.96, -5.73, 0.54, 9.7, -2.76, 2.63,
    -7.65, -1.55, 3.84, -4.85, 3.18, -5.51, -0.12, 5.73, -4.3, 1.09, -16.042, -2.21, 4.06, -4.63,
    0.76, 15, -3.42, 1.97, -6.85, -1.33, -5.62, -0.23, 5.43, -3.53, 0.98, -19.582, -2.32, 3.07,
    -4.74, 0.65, 11.75, -2.65, 1.86, -7.15, -1.44, 3.95, -2.1, 3.29, -5.4, -0.01, 4.5, -4.19, 1.2,
    -13.565, -1.22, 4.17, -4.52, 0.87, 6.08, -3.31, 2.08, -6.65, 1.42, -10.346, -1.88, 3.51, -6.06,
    -0.67, 4.72, -3.97, 2.3, -6.39, -1, 4.39, -5.18, 0.21, 6.98, -3.09, 4.98, -3.75, 1.64, -8.352,
    -2.54, 2.85, -5.84, -0.45, 8.43, -2.87, 2.52, -6.17, -1.66, 3.73, -4.96, 0.43,
  ],
  azimuths: Array.from(
    { length: 128 },
    (_, laser) => [6.354, 4.548, 2.732, 0.911, -0.911, -2.732, -4.548, -6.354][laser % 8]!,
  ),
  blocksPerColumn: 4,
  firingUs: (value) => (Math.floor(value / 8) + Math.floor(value / 64)) * 2.665,
  columnUs: 53.3,
});

const VELODYNE_MODELS: readonly VelodyneModel[] = [VLP16, HI_RES, HDL32E, VLP32C, VLS128];

/** Names of the models, for errors. */
export const VELODYNE_NAMES = VELODYNE_MODELS.map(({ name }) => name).join(", ");

/** The model whose packets end with that byte. */
export function velodyneModel(product: number): VelodyneModel | undefined {
  return VELODYNE_MODELS.find((model) => model.product === product);
}
