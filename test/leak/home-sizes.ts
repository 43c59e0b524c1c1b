/** How large the releases of made-up homes are: tiles before padding, and the artefacts that leave. */
import { makeHome } from "../../host/attack/home.ts";
import { seeded } from "../../host/attack/random.ts";
import { robotPlan } from "../../host/attack/robot-plan.ts";
import { mapView } from "../../host/attack/views.ts";
import { makeVisit } from "../../host/attack/visit.ts";
import { generateRecipientKey } from "../../host/keys/index.ts";
import { defaultPolicy } from "../../host/policy/index.ts";
import { MapMaker } from "../../host/veil/map-maker.ts";
import { PlanSealer } from "../../host/veil/plan-sealer.ts";

/** Map at 0.1 m, plan at 0.2 m, path: as new policies have them. */
export const RELEASES = ["map", "plan", "path"] as const;
type Release = (typeof RELEASES)[number];

/** Bytes of a tile and of its artefact; undefined where nothing may leave. */
export type Sizes = Readonly<
  Record<Release, { readonly tile: number; readonly veil: number } | undefined>
>;

/** Measures the first visit to homes of a seed; each has randomness of its own. */
export async function homeMeasure(seed: number): Promise<(index: number) => Sizes> {
  let source = seeded(seed, 106);
  const random = (count: number) => source.bytes(count);
  const { publicKey: recipient } = generateRecipientKey(random);
  const policy = { ...defaultPolicy(), path: "coarse" as const };
  const maker = await MapMaker.create({ policy, recipient, random });
  const sealer = new PlanSealer({ policy, recipient, random });
  const view = mapView(policy.map.leaf_m, maker);
  return (index) => {
    source = seeded(seed, index, 107);
    const visit = makeVisit(makeHome(seed, index), seed, index, 0);
    const plan = robotPlan(visit);
    view.release({ visit, plan }, seeded(seed, index, 108));
    const { plan: grid, path } = sealer.seal(plan, { plan: true, path: true });
    const sizes = (made?: { veil: Uint8Array; report: { tileBytes: number } }) =>
      made && { tile: made.report.tileBytes, veil: made.veil.length };
    return { map: sizes(maker.release()), plan: sizes(grid), path: sizes(path) };
  };
}
