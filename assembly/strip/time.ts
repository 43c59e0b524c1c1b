/** Coarsens capture times: exact ones join two recordings of the same event. */

/** Floors a time in nanoseconds to a multiple of `granularityNs`, which is not 0. */
export function floorTime(stampNs: u64, granularityNs: u64): u64 {
  // Bit by bit: processors of 32 bits have no division of 64, and the one of C takes 700 bytes.
  let rest: u64 = 0;
  for (let bit: u64 = 64; bit > 0; bit--) {
    const over = rest >> 63;
    rest = (rest << 1) | ((stampNs >> (bit - 1)) & 1);
    if (over != 0 || rest >= granularityNs) rest -= granularityNs;
  }
  return stampNs - rest;
}
