/** `mapveil attack` refuses what it cannot do before it takes minutes for it. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { figuresSource } from "../../host/attack/measure-figures.ts";
import { LINKAGE_FIGURES } from "../../host/linkage/figures.ts";
import { run } from "../cli/support.ts";

test.each([
  [["--homes", "19"], /'--homes <n>'.*whole number from 20 to 10000/],
  [["--homes", "1e9"], /whole number from 20/],
  [["--homes", "30.5"], /whole number from 20/],
  [["--cell", "0.05"], /'--cell <m>'.*number from 0\.1 to 2/],
  [["--cell", ""], /number from 0\.1 to 2/],
  [["--seed", "x"], /'--seed <n>'.*whole number from 0/],
  [["--only", "plans"], /plan, map, path, fingerprint/],
  [["--only", "path", "--cell", "0.4"], /cells of a path have one size/],
])("refuses %j", async (argv, message) => {
  const { exit, out, err } = await run(".", "attack", ...argv);
  expect(err).toMatch(message);
  expect(err.split("\n")).toHaveLength(2);
  expect(out).toBe("");
  expect(exit).toBe(2);
});

test("figures of labels stand as the tool writes them", () => {
  const file = fileURLToPath(new URL("../../host/linkage/figures.ts", import.meta.url));
  expect(readFileSync(file, "utf8")).toBe(figuresSource(LINKAGE_FIGURES));
});
