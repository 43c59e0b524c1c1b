/**
 * The targets of what leaves, on whole populations: a path links at most 2 % of 1,000 homes, a map
 * at most 2 % of 100 sensors; and figures that the labels tell are those that the attacks find.
 *
 * All figures of the labels, and the whole suite with raw data beside it, in some minutes each:
 *   npx tsx host/attack/tools/write-figures.ts && git diff --exit-code host/linkage
 *   mapveil attack
 */
import { expect, test } from "vitest";
import { FIGURE_TERMS, measureFigures } from "../../host/attack/measure-figures.ts";
import { loadProduct } from "../../host/attack/product.ts";
import { recogniseSensors } from "../../host/attack/recognise-sensors.ts";
import { pathView } from "../../host/attack/views.ts";
import { LINKAGE_FIGURES } from "../../host/linkage/figures.ts";
import { run } from "../cli/support.ts";

test("paths in 1,000 homes: as the label says, and within the target", async () => {
  const measured = await measureFigures([pathView()], FIGURE_TERMS, () => {});
  expect(measured).toEqual(LINKAGE_FIGURES.filter(({ kind }) => kind === "path"));
  const [{ first, queries }] = measured as [(typeof measured)[number]];
  expect(queries).toBeGreaterThan(90);
  // Of all second visits: a path of which nothing may leave is not recognised either.
  expect(first / FIGURE_TERMS.queries).toBeLessThanOrEqual(0.02);
});

test("100 sensors: raw and single frames tell them apart, maps do not", async () => {
  const product = await loadProduct(1);
  const result = await recogniseSensors({ seed: 1, units: 100, leafM: 0.1 }, product, () => {});
  expect(result.raw).toEqual({ queries: 100, first: 100, ten: 100 });
  expect(result.frames.first).toBeGreaterThanOrEqual(95);
  expect(result.map.queries).toBe(100);
  expect(result.map.first).toBeLessThanOrEqual(2);
});

test("mapveil attack tells recall of release and raw data, and that plans are pseudonymised", async () => {
  const argv = ["attack", "--quick", "--homes", "20", "--only", "plan"];
  const [json, again, text] = [
    await run(".", ...argv, "--json"),
    await run(".", ...argv, "--json"),
    await run(".", ...argv, "--cell", "0.4"),
  ];
  expect(json.exit).toBe(0);
  expect(again.out).toBe(json.out);
  const { figures, seed, verdict } = JSON.parse(json.out);
  expect(seed).toBe(1);
  expect(verdict).toMatch(/^Plans and maps are pseudonymised/);
  expect(figures).toHaveLength(1);
  const [plan] = figures;
  expect(plan).toMatchObject({ attack: "plan", cellM: 0.2, of: 20, chance1: 0.05, chance10: 0.5 });
  expect(plan.release.queries).toBe(20);
  expect(plan.release.recall1).toBeGreaterThan(0.8);
  expect(plan.raw.recall1).toBeGreaterThan(0.8);
  expect(text.out).toMatch(/homes by plan, 0\.4 m +20 +20 +5 % \/ 50 %/);
  expect(text.out.trimEnd().endsWith("recognises it without a name.")).toBe(true);
  expect(text.out).not.toMatch(/anonym(?:ous|ised)/);
});
