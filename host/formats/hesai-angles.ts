/**
 * Where the beams of Hesai's lidars point: elevation, and azimuth beside that of the block, degrees,
 * one a channel. The tables are the design values of the user manuals (appendix "Channel
 * distribution"); a unit's own angles, some tenths of a degree beside them, come with its calibration.
 */

export interface BeamAngles {
  readonly elevations: readonly number[];
  readonly azimuths: readonly number[];
}

/** The design values; undefined for models whose angles must come with the recording. */
export function nominalAngles(model: string): BeamAngles | undefined {
  const table = Object.hasOwn(NOMINAL, model) ? NOMINAL[model] : undefined;
  return table?.();
}

const NOMINAL: Readonly<Record<string, () => BeamAngles>> = {
  "PandarXT-16": () => even(16, 15, -2),
  "PandarXT-32": () => even(32, 15, -1),
  XT32M: () => even(32, 19.5, -1.3),
  Pandar40P: () => dense(3, [3.125, -5.208, -1.042]),
  Pandar64: () => dense(6, [1.042, 3.125, 5.208, -5.208, -3.125, -1.042]),
};

/** Beams one above the other, evenly spaced. */
function even(count: number, top: number, step: number): BeamAngles {
  const elevations = Array.from({ length: count }, (_, n) => top + n * step);
  return { elevations, azimuths: elevations.map(() => 0) };
}

const ABOVE = [15, 11, 8, 5, 3];
const BELOW = [-7, -8, -9, -10, -11, -12, -13, -14, -19, -25];
/** Where all beams look but those in between. */
const ASIDE = -1.042;

/** From 2 to -6 degrees there are several beams a degree, which look aside in turn. */
function dense(perDegree: number, turn: readonly number[]): BeamAngles {
  const between = Array.from({ length: 8 * perDegree + 1 }, (_, n) => 2 - n / perDegree);
  const elevations = [...ABOVE, ...between, ...BELOW];
  const first = ABOVE.length + 1;
  const end = first + 8 * perDegree;
  const azimuths = elevations.map((_, n) =>
    n >= first && n < end ? turn[(n - first) % turn.length]! : ASIDE,
  );
  return { elevations, azimuths };
}
