/** Real frames, under policies that they fit a profile with. */
import { bundled, OS1 } from "../../../../bench/inputs/frames.ts";
import type { Profile } from "../../../../host/embed/tools/build-c.ts";
import { compilePolicy, defaultPolicy, type Policy } from "../../../../host/policy/index.ts";
import { limitsOf } from "./scenario.ts";
import type { Trial } from "./trials.ts";

type Change = (policy: Policy) => Partial<Policy>;

function policyOf(change: Change): Uint8Array {
  const policy = defaultPolicy();
  return compilePolicy({ ...policy, ...change(policy) }).bytes;
}

/** The room around a small robot, as a map of 1,024 voxels can hold it. */
const near: Change = () => ({ leaf_m: 0.7, crop: { boxes: [], range_m: [0, 8] } });

/** Everything that a policy can ask for at once. */
const everything: Change = (policy) => ({
  level: "full",
  point: "centroid",
  crop: {
    range_m: [0.5, 60],
    height_m: [-20, 20],
    boxes: [{ mode: "remove", centre_m: [0, 0, 0], size_m: [1, 1, 1], yaw_deg: 30 }],
  },
  keep: { ...policy.keep, attributes: { intensity: 8, ring: 8, time: 8 } },
});

/** Frames of sensors on all their way: sealed, opened again where the profile can, wiped. */
export async function realTrials(profile: Profile, pushPoints?: number): Promise<Trial[]> {
  const first = async (name: "VLP16" | "XT32" | typeof OS1) => (await bundled(name)).variants[0]!;
  const vlp16 = await first("VLP16");
  const { inputBytes } = limitsOf(profile);
  const trial = (name: string, frame: Trial["frame"], change: Change): Trial => {
    const most = Math.floor(inputBytes / frame.layout.pointStep);
    const open = profile !== "micro";
    const all = { encode: true, seal: true, open, wipe: true };
    const push = Math.min(most, pushPoints ?? most);
    return { name, frame, policy: policyOf(change), pushPoints: push, ...all };
  };
  if (profile === "micro") return [trial("VLP-16, 0.7 m, 8 m", vlp16, near)];
  return [
    trial("VLP-16", vlp16, () => ({})),
    trial("VLP-16, everything kept", vlp16, everything),
    trial("XT32", await first("XT32"), () => ({})),
    trial("OS1-128, 0.2 m", await first(OS1), () => ({ leaf_m: 0.2 })),
  ];
}
