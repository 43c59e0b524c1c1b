/** How long things took, in three numbers. */
export interface Spread {
  readonly median: number;
  readonly p99: number;
  readonly max: number;
}

/** Median, 99th percentile and largest of `values` (nearest rank); 0 of none. */
export function spread(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.ceil(share * sorted.length) - 1] ?? 0;
  return { median: at(0.5), p99: at(0.99), max: at(1) };
}
