/** Which clock a frame's stamp is from: the lidar's is finer, the recorder's is the one that poses have. */

/**
 * Further apart, the two do not count the same time: the lidar's was never set, or set once and left
 * to run, or counts leap seconds as PTP does (37 s).
 */
const APART_NS_MAX = 1_000_000_000n;

/** The lidar's own time if it runs with the capture's, or if the capture has none; else the latter. */
export function frameTime(lidarNs: bigint | undefined, capturedNs: bigint): bigint {
  if (lidarNs === undefined) return capturedNs;
  const apart = lidarNs > capturedNs ? lidarNs - capturedNs : capturedNs - lidarNs;
  return apart <= APART_NS_MAX || capturedNs <= 0n ? lidarNs : capturedNs;
}
