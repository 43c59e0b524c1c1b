/** A policy lowered to what the owner granted: it can only ever let less leave. */
import { isGathered, LEVELS, type Level } from "./fields.ts";
import type { Policy } from "./policy.ts";

/**
 * The policy with its level lowered to `level`, and without what that level never lets out: below
 * full ring, point time and the pose as it is; below frames also intensity, centroids, capture times
 * and any pose. A level at or above the policy's own changes nothing. What comes out is a policy that
 * a file with that level could say.
 */
export function narrowPolicy(policy: Policy, level: Level): Policy {
  if (LEVELS.indexOf(level) >= LEVELS.indexOf(policy.level)) return policy;
  const { intensity } = policy.keep.attributes;
  const lowered: Policy = {
    ...policy,
    level,
    pose: policy.pose === "keep" ? "drop" : policy.pose,
    keep: { ...policy.keep, attributes: intensity === undefined ? {} : { intensity } },
    // The line of the file says another level than the one that holds now.
    source: { file: policy.source.file },
  };
  if (!isGathered(level)) return lowered;
  const { centroid_bits: _, ...coarse } = lowered;
  return {
    ...coarse,
    point: "centre",
    pose: "drop",
    time: "drop",
    keep: { ...policy.keep, attributes: {} },
  };
}
