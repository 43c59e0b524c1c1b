/** What judges the cost of a frame, and what of it needs no counting; see bench/README.md. The proof counts. */
import { describe, expect, test } from "vitest";
import { allocationSuite, measureAllocations } from "../../bench/budgets/allocations.ts";
import { type Baseline, otherTools, readBaseline } from "../../bench/budgets/baseline.ts";
import { hostileSuite, instructionSuite } from "../../bench/budgets/instruction-suite.ts";
import { type PlayCounts, parseDumps, STAGES } from "../../bench/budgets/instructions.ts";
import { moduleSizes, moduleSuite } from "../../bench/budgets/module-size.ts";
import type { Toolchain } from "../../bench/budgets/player.ts";
import type { Suite } from "../../bench/report/report.ts";

const missed = (suite: Suite) =>
  suite.gates.filter(({ ok }) => !ok).map(({ name, value }) => `${name}: ${value.toFixed(3)}`);

/** Made-up counts of one play: stage n costs n times `unit`. */
function countsOf(unit: number, name = "a"): PlayCounts {
  const stages = Object.fromEntries(STAGES.map((stage, i) => [stage, (i + 1) * unit]));
  return {
    play: name,
    build: "simd",
    hostile: name !== "a",
    slots: 1000,
    voxels: 500,
    recordBytes: 4096,
    stages: stages as PlayCounts["stages"],
  };
}

const TOOLS: Toolchain = { gcc: "1", wabt: "2", valgrind: "3" };

function baselineOf(counts: PlayCounts): Baseline {
  const size = { bytes: 1000, memoryPages: 10 };
  return {
    tools: TOOLS,
    modules: { baseline: size, simd: size },
    instructions: { [counts.play]: { baseline: counts.stages, simd: counts.stages } },
  };
}

describe("budgets", () => {
  const baseline = baselineOf(countsOf(1000));

  test("let a stage grow by 3 %, no more", () => {
    expect(missed(instructionSuite([countsOf(1030)], baseline, ""))).toEqual([]);
    expect(missed(instructionSuite([countsOf(1031)], baseline, ""))).toHaveLength(STAGES.length);
  });

  test("ask for a new baseline where something became cheaper", () => {
    const cheaper = instructionSuite([countsOf(960)], baseline, "");
    expect(missed(cheaper)).toEqual([]);
    expect(cheaper.rows[0]).toContain(STAGES.map((stage) => `${stage} -4.0 %`).join(", "));
    expect(cheaper.notes.join()).toContain("--update");
    expect(instructionSuite([countsOf(980)], baseline, "").notes.join()).not.toContain("--update");
  });

  test("notice plays that came, and plays that went", () => {
    const other = instructionSuite([countsOf(1000, "b")], baseline, "");
    expect(missed(other)).toHaveLength(STAGES.length + 1);
    expect(missed(other).at(-1)).toBe("plays of the baseline that are gone: a: 1.000");
  });

  test("do not compare counts of other tools", () => {
    expect(otherTools(baseline, { ...TOOLS, valgrind: "9" })).toBe("");
    const other = otherTools(baseline, { ...TOOLS, gcc: "9" });
    expect(other).toBe("gcc 1, here 9");
    const suite = instructionSuite([countsOf(5000)], baseline, other);
    expect(missed(suite)).toEqual([]);
    expect(suite.notes.join()).toContain(other);
  });

  test("let a hostile frame cost twice a typical one, no more", () => {
    expect(missed(hostileSuite([countsOf(1000), countsOf(2000, "b")], "a"))).toEqual([]);
    expect(missed(hostileSuite([countsOf(1000), countsOf(2010, "b")], "a"))).toHaveLength(7);
  });

  test("hold for the modules", () => {
    const size = { bytes: 1000, memoryPages: 10 };
    const larger = { bytes: 1031, memoryPages: 11 };
    expect(missed(moduleSuite({ baseline: size, simd: size }, baseline))).toEqual([]);
    expect(missed(moduleSuite({ baseline: size, simd: larger }, baseline))).toHaveLength(2);
    expect(missed(moduleSuite(moduleSizes(), readBaseline()))).toEqual([]);
  });

  test("hold for what a frame allocates, however many points it has", async () => {
    const all = await measureAllocations();
    expect(all.length).toBeGreaterThan(2);
    expect(missed(allocationSuite(all))).toEqual([]);
    const more = all.map((one) => ({ ...one, heapBytes: one.heapBytes + one.slots }));
    expect(missed(allocationSuite(more))).toHaveLength(all.length);
  });

  test("are read from what callgrind writes", () => {
    const dump = (stage: string, i: number) =>
      `part: ${i}\ndesc: Trigger: Client Request: ${stage}\nevents: Ir\nfn=(1)\n1 7\ntotals: ${i}\n`;
    expect(parseDumps(STAGES.map((stage, i) => dump(stage, i + 1)).join("\n"))).toEqual(
      Object.fromEntries(STAGES.map((stage, i) => [stage, i + 1])),
    );
    expect(() => parseDumps(dump("begin", 5))).toThrow("push, finish");
  });
});
