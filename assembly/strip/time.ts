/** Coarsens capture times: exact ones join two recordings of the same event. */

/** Floors a time in nanoseconds to a multiple of `granularityNs`, which is not 0. */
export function floorTime(stampNs: u64, granularityNs: u64): u64 {
  return stampNs - (stampNs % granularityNs);
}
