/** A policy lowered to what the owner granted: it can only ever let less leave. */
import { LEVELS, type Level } from "./fields.ts";
import type { Policy } from "./policy.ts";

/**
 * The policy with its level lowered to `level`, and without what only level full may let out: ring,
 * point time and the pose as it is. A level at or above the policy's own changes nothing. What comes
 * out for plan and map is refused by compilePolicy, as these levels are in a file.
 */
export function narrowPolicy(policy: Policy, level: Level): Policy {
  if (LEVELS.indexOf(level) >= LEVELS.indexOf(policy.level)) return policy;
  const { intensity } = policy.keep.attributes;
  return {
    ...policy,
    level,
    pose: policy.pose === "keep" ? "drop" : policy.pose,
    keep: { ...policy.keep, attributes: intensity === undefined ? {} : { intensity } },
    // The line of the file says another level than the one that holds now.
    source: { file: policy.source.file },
  };
}
