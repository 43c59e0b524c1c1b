/** Scenes as folders of the benchmark, and `mapveil bench people` over both. */
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import {
  coreMapper,
  makeScene,
  runFolder,
  runScene,
  writeFolder,
} from "../../host/scenes/index.ts";
import { mapTerms } from "../../host/veil/map-terms.ts";
import { run, temporaryFolder } from "../cli/support.ts";

const folder = temporaryFolder();

test("a folder that was written gives the figures of the scene", async () => {
  const leafM = 0.1;
  const terms = { seed: 12, sensor: "vlp16", seconds: 0.5, layout: "studio" } as const;
  const scene = makeScene({ ...terms, poseSigmaM: 0.02 });
  const map = () => coreMapper(mapTerms(leafM, false, 0n), leafM);
  const path = join(folder, "written");
  await writeFolder(path, scene);
  const { byCell, byPoint, scans } = await runFolder(path, map(), leafM);
  const { atEnd } = runScene(scene, { leafM, atEnd: map() });
  expect(scans).toBe(5);
  for (const figures of [byCell, byPoint]) {
    expect(figures.staticPoints).toBe(atEnd.staticPoints);
    expect(figures.dynamicPoints).toBe(atEnd.dynamicPoints);
  }
  // Points go through the map's frame as f32 and back: some change their cell.
  const few = 2e-3 * atEnd.staticPoints;
  expect(Math.abs(byCell.staticKept - atEnd.staticKept)).toBeLessThan(few);
  expect(Math.abs(byCell.dynamicKept - atEnd.dynamicKept)).toBeLessThan(few);
  // A kept point is near to itself: what is kept by cell is kept by point as well.
  expect(byPoint.staticKept).toBeGreaterThanOrEqual(byCell.staticKept - few);
  expect(byPoint.dynamicKept).toBeGreaterThanOrEqual(byCell.dynamicKept - few);
});

describe("mapveil bench people", () => {
  const homes = ["--quick", "--seeds", "1", "--sensor", "lds", "--delay", "2"];

  test("tells the shares of every home and of all, the same ones each time", async () => {
    const ran = await run(folder, "bench", "people", ...homes, "--no-peers", "--json");
    expect(ran).toMatchObject({ exit: 0, err: "" });
    const found = JSON.parse(ran.out);
    expect(found).toMatchObject({ schema: 1, sensor: "lds", seconds: 10, leafM: 0.1, delayS: 2 });
    expect(found.homes).toHaveLength(1);
    expect(found.homes[0]).toMatchObject({ seed: 1, people: expect.arrayContaining(["walker"]) });
    expect(found.atEnd.sa).toBeGreaterThan(0);
    expect(found.atEnd.da).toBeLessThanOrEqual(1);
    expect(found.atEnd.daShown).toBeGreaterThan(0);
    expect(found.atEnd.shownShare).toBeLessThanOrEqual(1);
    const text = await run(folder, "bench", "people", ...homes, "--no-peers");
    expect(text.out).toContain((100 * found.atEnd.sa).toFixed(2));
    expect(text.out).toMatch(/released every second 2 s late/);
    expect(text.out).toContain((100 * found.atEnd.daShown).toFixed(2));
    const without = ["bench", "people", ...homes, "--no-peers", "--no-shown", "--json"];
    const plain = JSON.parse((await run(folder, ...without)).out);
    expect(plain.atEnd).toMatchObject({ da: found.atEnd.da, daShown: null, shownShare: null });
  });

  test("writes a folder and reads it, and replaces none", async () => {
    const write = ["bench", "people", ...homes, "--write", "kth"];
    expect((await run(folder, ...write)).exit).toBe(0);
    expect(readdirSync(join(folder, "kth/pcd")).length).toBe(70);
    const read = await run(folder, "bench", "people", "kth", "--json");
    expect(read.exit).toBe(0);
    expect(JSON.parse(read.out).scans).toBe(70);
    const again = await run(folder, ...write);
    expect(again).toMatchObject({ exit: 2, err: expect.stringMatching(/kth exists already/) });
  });

  test.each([
    ["a folder that is not there", ["none"], 1, /none.*pcd/],
    ["an option of homes with a folder", ["none", "--seeds", "2"], 2, /--seeds is for homes/],
    ["a sensor with a folder", ["none", "--sensor", "lds"], 2, /--sensor is for homes/],
    ["a leaf out of range", ["--leaf", "3"], 2, /from 0.05 to 1/],
    ["noise that is no number", ["--noise", ""], 2, /from 0 to 50/],
    [
      "a delay as long as the run",
      ["--quick", "--delay", "10"],
      2,
      /not shorter than a run of 10 s/,
    ],
    ["a sensor of another name", ["--sensor", "sonar"], 2, /sonar/],
  ])("refuses %s", async (_, argv, exit, message) => {
    const ran = await run(folder, "bench", "people", ...argv);
    expect(ran).toMatchObject({ exit, out: "", err: expect.stringMatching(message) });
  });

  test("names what is wrong with a folder", async () => {
    const cloud = (fields: string, row: string) =>
      `VERSION 0.7\nFIELDS ${fields}\nSIZE ${fields.replaceAll(/\w+/g, "4")}\n` +
      `TYPE ${fields.replaceAll(/\w+/g, "F")}\nWIDTH 1\nHEIGHT 1\n` +
      `VIEWPOINT 0 0 0 1 0 0 0\nPOINTS 1\nDATA ascii\n${row}\n`;
    mkdirSync(join(folder, "odd/pcd"), { recursive: true });
    const bench = () => run(folder, "bench", "people", "odd");
    expect(await bench()).toMatchObject({ exit: 6, err: expect.stringMatching(/no .pcd files/) });
    writeFileSync(join(folder, "odd/pcd/000000.pcd"), cloud("x y z", "1 2 0.5"));
    expect(await bench()).toMatchObject({ exit: 1, err: expect.stringMatching(/gt_cloud.pcd/) });
    writeFileSync(join(folder, "odd/gt_cloud.pcd"), cloud("x y z", "1 2 0.5"));
    expect(await bench()).toMatchObject({ exit: 6, err: expect.stringMatching(/no intensity/) });
    writeFileSync(join(folder, "odd/gt_cloud.pcd"), cloud("x y z intensity", "1 2 0.5 0"));
    const still = await bench();
    expect(still).toMatchObject({ exit: 6, err: expect.stringMatching(/nothing that moves/) });
    expect(existsSync(join(folder, "odd/eval"))).toBe(false);
  });
});
