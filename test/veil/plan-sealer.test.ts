/** House plans and paths go out sealed: by kind, label and digest, and never more than the policy lets. */
import { describe, expect, test } from "vitest";
import { PLAN_FREE, PLAN_OCCUPIED, PLAN_UNKNOWN, type Plan } from "../../host/formats/plan.ts";
import { openPlanTile } from "../../host/plan/index.ts";
import { compilePolicy, narrowPolicy } from "../../host/policy/index.ts";
import { parseHeader } from "../../host/veil/header.ts";
import { openVeil } from "../../host/veil/open.ts";
import { PlanSealer, type PlanSealerOptions } from "../../host/veil/plan-sealer.ts";
import { codeOf, policyOf, RECIPIENT, seededRandom } from "./support.ts";

const WIDTH = 160;
const CELL_M = 0.05;

/** An empty home of 8 m by 8 m with walls around, and a path that winds through it. */
function plan(): Plan {
  const cells = new Uint8Array(WIDTH * WIDTH).fill(PLAN_FREE);
  for (let i = 0; i < WIDTH; i++) {
    for (const wall of [0, 1, WIDTH - 2, WIDTH - 1]) {
      cells[wall * WIDTH + i] = PLAN_OCCUPIED;
      cells[i * WIDTH + wall] = PLAN_OCCUPIED;
    }
  }
  cells[5 * WIDTH + 5] = PLAN_UNKNOWN;
  const path: number[] = [];
  for (let lane = 0; lane < 12; lane++) {
    const y = 0.7 + 0.6 * lane;
    const ends = lane % 2 === 0 ? [0.7, 7.3] : [7.3, 0.7];
    for (let k = 0; k <= 20; k++) path.push(ends[0]! + ((ends[1]! - ends[0]!) * k) / 20, y);
  }
  return {
    ...{ cellM: CELL_M, width: WIDTH, height: WIDTH, origin: { x: 0, y: 0, yawRad: 0 }, cells },
    ...{ rooms: [], noGo: [], path: Float64Array.from(path), dock: { x: 0.7, y: 0.7 } },
    metadata: [
      { name: "label", value: "upstairs" },
      { name: "serial_number", value: "R1234" },
    ],
  };
}

const sealerOf = (yaml: string, options: Partial<PlanSealerOptions> = {}) =>
  new PlanSealer({
    policy: policyOf(yaml),
    recipient: RECIPIENT.publicKey,
    random: seededRandom(41),
    ...options,
  });

const BOTH = { plan: true, path: true } as const;

describe("a house plan", () => {
  test("and its path are two artefacts with what the policy names, and nothing else", async () => {
    const yaml = "path: coarse\nkeep: {strings: [label]}";
    const sealed = sealerOf(yaml, { epoch: 5n }).seal(plan(), BOTH);
    expect(sealed.refused).toEqual({});
    const digest = compilePolicy(narrowPolicy(policyOf(yaml), "plan")).digest;
    for (const [part, kind, cellM] of [
      ["plan", "grid", 0.2],
      ["path", "path", 1],
    ] as const) {
      const { veil, report } = sealed[part]!;
      expect(parseHeader(veil)).toMatchObject({ kind, epoch: 5n, policyDigest: digest });
      const [tile, ...others] = await openVeil(veil, RECIPIENT);
      expect(others).toEqual([]);
      expect(tile).toMatchObject({ hasOrigin: false, voxels: report.cells });
      expect(tile!.leafM).toBeCloseTo(cellM, 6);
      expect(tile!.strings).toEqual({ label: "upstairs", linkage: report.linkage });
      expect(report.linkage).toMatch(/^pseudonymised; /);
      expect(report.stripped).toContain("serial_number");
      expect(report.cellM).toBe(cellM);
      expect(veil.length).toBe(194 + report.sealedBytes);
    }
    const [tile] = await openVeil(sealed.plan!.veil, RECIPIENT);
    const { layers } = openPlanTile(tile!);
    const count = (layer: number) => layers.filter((value) => value === layer).length;
    expect([count(0), count(1)]).toEqual([sealed.plan!.report.occupied, sealed.plan!.report.free]);
    expect(count(1)).toBeGreaterThan(1000);
    const [path] = await openVeil(sealed.path!.veil, RECIPIENT);
    expect(path!.voxels).toBeGreaterThan(10);
  });

  test("is the same for the same randomness, and turned otherwise for other", () => {
    const make = (seed: number) =>
      sealerOf("", { random: seededRandom(seed) }).seal(plan(), { plan: true, path: false }).plan!;
    expect(Buffer.compare(make(1).veil, make(1).veil)).toBe(0);
    expect(make(1).report.cells).not.toBe(make(2).report.cells);
  });

  test("leaves where its path may not, and the other way round", () => {
    const noPath = sealerOf("").seal(plan(), BOTH);
    expect(noPath.plan).toBeDefined();
    expect(noPath.path).toBeUndefined();
    expect(noPath.refused.path).toMatchObject({
      code: "REFUSED",
      details: { reason: "POLICY_PATH" },
    });
    const { path: _, ...still } = plan();
    expect(sealerOf("path: coarse").seal(still, BOTH).refused.path).toMatchObject({
      code: "BAD_INPUT",
    });
    const all = "no_go: {areas: [{name: a, polygon_m: [[-1,-1],[9,-1],[9,9],[-1,9]]}]}";
    const closed = sealerOf(all).seal(plan(), BOTH);
    expect(closed.refused.plan).toMatchObject({ code: "REFUSED" });
    expect(closed.plan).toBeUndefined();
    const only = sealerOf("path: coarse").seal(plan(), { plan: false, path: true });
    expect(only.plan).toBeUndefined();
    expect(only.path).toBeDefined();
  });

  test("does not leave at level nothing", async () => {
    expect(await codeOf((async () => sealerOf("level: nothing"))())).toBe("REFUSED");
    expect(sealerOf("level: plan").seal(plan(), { plan: true, path: false }).plan).toBeDefined();
  });
});
