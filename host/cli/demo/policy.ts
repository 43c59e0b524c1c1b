/** The policy of the demo: a file that its reader may edit, to run the demo again under it. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { writeFileAtomic } from "../../formats/index.ts";
import { loadPolicy, type Policy } from "../../policy/index.ts";

/** Its name, below the folder of the demo. */
export const DEMO_POLICY = "policy.yaml";

/** The safe defaults, and what an owner would add for the place that the bundled recording shows. */
const DEMO_POLICY_YAML = `# What may leave in the demo. Edit it and run the demo again: it stays as you leave it, and is
# written anew only if you delete it. "mapveil policy init" prints every key with its meaning.
version: 1

# Cubes of 10 cm. What is not named here is as safe as by default: single frames, no pose, no
# time, no intensity, no string.
leaf_m: 0.1

crop:
  # Nearest and farthest distance from the sensor, in metres.
  range_m: [0.5, 40]

no_go:
  # Every area is grown by this many metres.
  dilate_m: 0.3
  areas:
    # The front of a house and its yard. The corners are metres in the map, which begins where the
    # sensor stood at first. Name and outline never leave the robot.
    - name: private yard
      polygon_m: [[-21, 10], [7, 10], [7, 19], [-21, 19]]
`;

/** The policy in the folder; writes it first if there is none. CONFIG if an edit made it wrong. */
export async function demoPolicy(folder: string): Promise<Policy> {
  const path = join(folder, DEMO_POLICY);
  if (!existsSync(path)) {
    await writeFileAtomic(path, Buffer.from(DEMO_POLICY_YAML, "utf8"), { mode: 0o600 });
  }
  return loadPolicy(path);
}
