/** Counts by name, added up. */

export type Sums<T> = { -readonly [K in keyof T]: number };

/** Adds the values of the same names. */
export function addTo<K extends string>(
  sums: Record<K, number>,
  values: Readonly<Record<NoInfer<K>, number>>,
): void {
  for (const key of Object.keys(sums) as K[]) sums[key] += values[key];
}
