/**
 * Where the beams of Hesai's lidars point: elevation, and azimuth beside that of the block, degrees,
 * one a channel. The tables are the nominal ones of the user manuals (appendix "Channel
 * distribution"); a unit's own angles, which differ by up to 0.3 degrees, come with its calibration.
 */

export interface BeamAngles {
  readonly elevations: readonly number[];
  readonly azimuths: readonly number[];
}

/** The nominal angles; undefined for models whose angles must come with the recording. */
export function nominalAngles(model: string): BeamAngles | undefined {
  const table = Object.hasOwn(NOMINAL, model) ? NOMINAL[model] : undefined;
  return table?.();
}

const NOMINAL: Readonly<Record<string, () => BeamAngles>> = {
  "PandarXT-16": () => even(16, 15, -2),
  "PandarXT-32": () => even(32, 15, -1),
  XT32M: () => even(32, 19.5, -1.3),
  Pandar40P: pandar40,
  Pandar64: pandar64,
  PandarQT: pandarQt,
};

/** Beams one above the other, evenly spaced. */
function even(count: number, top: number, step: number): BeamAngles {
  const elevations = Array.from({ length: count }, (_, n) => top + n * step);
  return { elevations, azimuths: elevations.map(() => 0) };
}

/** Beams 7 to 29 lie a third of a degree apart and look aside in turn, the others 1 to 6 degrees. */
function pandar40(): BeamAngles {
  const dense = Array.from({ length: 25 }, (_, n) => 2 - n / 3);
  const elevations = [15, 11, 8, 5, 3, ...dense];
  elevations.push(-7, -8, -9, -10, -11, -12, -13, -14, -19, -25);
  const turn = [3.125, -5.208, -1.042];
  const azimuths = elevations.map((_, n) => (n >= 6 && n < 29 ? turn[n % 3]! : -1.042));
  return { elevations, azimuths };
}

function pandar64(): BeamAngles {
  const elevations = [
    14.882, 11.032, 8.059, 5.057, 3.04, 2.028, 1.86, 1.688, 1.522, 1.351, 1.184, 1.013, 0.846,
    0.675, 0.508, 0.337, 0.169, 0, -0.169, -0.337, -0.508, -0.675, -0.845, -1.013, -1.184, -1.351,
    -1.522, -1.688, -1.86, -2.028, -2.198, -2.365, -2.536, -2.7, -2.873, -3.04, -3.21, -3.375,
    -3.548, -3.712, -3.884, -4.05, -4.221, -4.385, -4.558, -4.72, -4.892, -5.057, -5.229, -5.391,
    -5.565, -5.726, -5.898, -6.061, -7.063, -8.059, -9.06, -9.885, -11.032, -12.006, -12.974,
    -13.93, -18.889, -24.897,
  ];
  const turn = [1.042, 3.125, 5.208, -5.208, -3.125, -1.042];
  const azimuths = elevations.map((_, n) => (n >= 6 && n < 54 ? turn[n % 6]! : -1.042));
  return { elevations, azimuths };
}

/** Four blocks of 16 beams: two look left, two look right. */
function pandarQt(): BeamAngles {
  const elevations = [
    -52.121, -49.785, -47.577, -45.477, -43.465, -41.528, -39.653, -37.831, -36.055, -34.32,
    -32.619, -30.95, -29.308, -27.69, -26.094, -24.517, -22.964, -21.42, -19.889, -18.372, -16.865,
    -15.368, -13.88, -12.399, -10.925, -9.457, -7.994, -6.535, -5.079, -3.626, -2.175, -0.725,
    0.725, 2.175, 3.626, 5.079, 6.534, 7.993, 9.456, 10.923, 12.397, 13.877, 15.365, 16.861, 18.368,
    19.885, 21.415, 22.959, 24.524, 26.101, 27.697, 29.315, 30.957, 32.627, 34.328, 36.064, 37.84,
    39.662, 41.537, 43.475, 45.487, 47.587, 49.795, 52.133,
  ];
  const azimuths = [
    8.736, 8.314, 7.964, 7.669, 7.417, 7.198, 7.007, 6.838, 6.688, 6.554, 6.434, 6.326, 6.228, 6.14,
    6.059, 5.987, -5.27, -5.216, -5.167, -5.123, -5.083, -5.047, -5.016, -4.988, -4.963, -4.942,
    -4.924, -4.91, -4.898, -4.889, -4.884, -4.881, 5.493, 5.496, 5.502, 5.512, 5.525, 5.541, 5.561,
    5.584, 5.611, 5.642, 5.676, 5.716, 5.759, 5.808, 5.862, 5.921, -5.33, -5.396, -5.469, -5.55,
    -5.64, -5.74, -5.85, -5.974, -6.113, -6.269, -6.447, -6.651, -6.887, -7.163, -7.493, -7.892,
  ];
  return { elevations, azimuths };
}
