/** The frames whose cost has a budget: real ones, all that a policy can ask for, hostile ones. */
import { compilePolicy, defaultPolicy, type Policy } from "../../host/policy/index.ts";
import { bundled, OS1, os1WithPoses } from "../inputs/frames.ts";
import { hostileFrames } from "../inputs/hostile-frames.ts";
import type { Play } from "./play.ts";

/** What hostile frames are measured by. */
export const TYPICAL = OS1;

/** Centroids, every attribute, crops and a no-go area, so that no branch of the core goes uncounted. */
function fullPolicy(): Policy {
  const policy = defaultPolicy();
  return {
    ...policy,
    level: "full",
    point: "centroid",
    pose: "keep",
    crop: {
      range_m: [0.5, 60],
      height_m: [-20, 20],
      boxes: [{ mode: "remove", centre_m: [0, 0, 0], size_m: [1, 1, 1], yaw_deg: 30 }],
    },
    no_go: {
      ...policy.no_go,
      areas: [
        {
          name: "corner",
          polygon_m: [
            [2, 2],
            [12, 3],
            [9, 14],
            [4, 10],
          ],
        },
      ],
    },
    keep: { ...policy.keep, attributes: { intensity: 8, ring: 8, time: 8 } },
  };
}

/** All plays, the same on every run. */
export async function loadPlays(): Promise<Play[]> {
  const { bytes: policy } = compilePolicy(defaultPolicy());
  const real: Play[] = [];
  for (const name of [OS1, "XT32", "VLP16"] as const) {
    const frame = (await bundled(name)).variants[0]!;
    real.push({ name, frame, policy, hostile: false });
  }
  const posed = (await os1WithPoses())[0]!.frame;
  const full = compilePolicy(fullPolicy()).bytes;
  return [
    ...real,
    { name: `${OS1}, all kept`, frame: posed, policy: full, hostile: false },
    // Those that collide are as far apart as those that are only scattered: one play for both.
    ...hostileFrames(defaultPolicy().leaf_m, 1)
      .filter(({ attack }) => attack)
      .map(({ name, variants }) => ({ name, frame: variants[0]!, policy, hostile: true })),
  ];
}
