/** Sizes as people write them: a whole number and one unit, such as 256KiB or 1GiB. */

const UNITS = { B: 1, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30, TiB: 2 ** 40 } as const;

const PATTERN = /^([1-9][0-9]{0,8})(B|KiB|MiB|GiB|TiB)$/;

/** The size in bytes, 1 B to 2^53 - 1, or null if `text` is not one. */
export function parseSize(text: string): number | null {
  const match = PATTERN.exec(text);
  if (match === null) return null;
  const bytes = Number(match[1]) * UNITS[match[2] as keyof typeof UNITS];
  return Number.isSafeInteger(bytes) ? bytes : null;
}
