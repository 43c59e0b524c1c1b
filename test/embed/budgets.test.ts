/** What calls may cost is counted by proof/budgets.ts; here, whether what it publishes holds together. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { costRows, SEAL_CALLS } from "./proof/budgets/costs.ts";
import { dumpTotals } from "./proof/budgets/meter.ts";
import { COSTS_PAGE, costsPage } from "./proof/budgets/page.ts";
import { limitsOf, trialOf } from "./proof/budgets/scenario.ts";
import { costOf } from "./proof/budgets/search.ts";
import type { Baseline } from "./proof/budgets.ts";

const baseline = JSON.parse(
  readFileSync(new URL("proof/budgets/baseline.json", import.meta.url), "utf8"),
) as Baseline;

test("the page has the costs of the baseline", () => {
  expect(readFileSync(COSTS_PAGE, "utf8")).toBe(costsPage(baseline));
});

test.each(["micro", "standard", "wide"] as const)(
  "every call of %s has a cost and its worst frame",
  (profile) => {
    const { costs, worst } = baseline.profiles[profile]!;
    const rows = costRows(profile);
    expect(Object.keys(worst)).toEqual(rows.map(({ name }) => name));
    const names = [...rows, ...SEAL_CALLS].map(({ name }) => name);
    expect(Object.keys(costs)).toEqual(names);
    for (const name of names) {
      const { real, checked, unchecked } = costs[name]!;
      expect(Math.min(real, unchecked), name).toBeGreaterThan(0);
      expect(checked, name).toBeGreaterThanOrEqual(real);
      expect(unchecked, name).toBeLessThan(1.05 * checked);
    }
  },
);

test("scenarios stay within their profile", () => {
  for (const profile of ["micro", "standard"] as const) {
    const limits = limitsOf(profile);
    for (const [name, scenario] of Object.entries(baseline.profiles[profile]!.worst)) {
      const row = costRows(profile).find((one) => one.name === name)!;
      const { frame, pushPoints } = trialOf(scenario, profile, row.points, row.pushPoints);
      expect(frame.count).toBeLessThanOrEqual(limits.MAX_SLOTS);
      expect(pushPoints * frame.layout.pointStep).toBeLessThanOrEqual(limits.inputBytes);
    }
  }
});

test("costs are read from callgrind's dumps, and refused calls cost nothing", () => {
  const dump = (why: string, i: number) => `part: ${i}\ndesc: Trigger: ${why}\ntotals: ${i}\n`;
  const text = dump("Client Request: call", 7) + dump("Program termination", 9);
  expect(dumpTotals(text)).toEqual([7]);
  const call = (status: number, instructions: number) =>
    ({ name: "push", status, instructions, stackBytes: 0 }) as const;
  expect(costOf([call(3, 10), call(-4, 90), call(0, 20)], "push")).toBe(20);
});
