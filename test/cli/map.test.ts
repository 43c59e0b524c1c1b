import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { las } from "../formats/las-builders.ts";
import { DATA, run, temporaryFolder, write, XT32 } from "./support.ts";

const CSAIL = join(DATA, "scan2d_carmen/mit-csail_60s.clf.gz");
const SPARSE = join(DATA, "scan2d_carmen/mit-csail_every16th.clf.gz");

const folder = temporaryFolder();
const map = (...argv: string[]) => run(folder, "map", ...argv, "--to", "home.key.pub");

beforeAll(async () => {
  await run(folder, "keygen", "-o", "home.key");
});

describe("mapveil map of scans", () => {
  it("makes one artefact of a log, and says what it held back", async () => {
    const ran = await map(CSAIL, "-o", "csail.veil", "--json");
    expect(ran).toMatchObject({ exit: 0, err: "" });
    const report = JSON.parse(ran.out);
    const { points } = report;
    const sum = (part: Record<string, number>) => Object.values(part).reduce((a, b) => a + b, 0);
    expect(points.in).toBe(sum(points.dropped) + sum(points.cropped) + points.kept);
    expect(report).toMatchObject({
      schema: 1,
      level: "map",
      cellM: 0.1,
      scans: 281,
      complete: true,
    });
    expect(report.heldScans).toBeGreaterThan(0);
    expect(report.linkage).toMatch(/^pseudonymised; /);
    expect(report.bytes.out).toBe(statSync(join(folder, "csail.veil")).size);
    const opened = await run(
      folder,
      ...["open", "csail.veil", "--key", "home.key", "-o", "csail.pcd", "--json"],
    );
    const { frames } = JSON.parse(opened.out);
    expect(frames).toHaveLength(1);
    expect(frames[0]).toMatchObject({ voxels: report.cells, sharedMap: false });
    expect(frames[0].strings).toEqual({ linkage: report.linkage });
  });

  it("says why nothing is left of a map", async () => {
    // Scans three seconds apart hit hardly a place often enough for a plan.
    const { exit, err } = await map(SPARSE, "-o", "plan.veil", "--level", "plan");
    expect(exit).not.toBe(0);
    expect(err).toContain("no place was hit in enough scans");
    expect(existsSync(join(folder, "plan.veil"))).toBe(false);
  });

  it("refuses a cloud of many scans, whose rays nobody knows", async () => {
    const points = Array.from({ length: 100 }, (_, i) => ({ xyz: [9 * i, i * i, i] as const }));
    write(folder, "survey.las", las(points));
    const ran = await map("survey.las", "-o", "survey.veil", "--rate", "10");
    expect(ran.exit).toBe(2);
    expect(ran.err).toMatch(/is a cloud of many scans, .* seal it as it is, with mapveil sanitize/);
    expect(existsSync(join(folder, "survey.veil"))).toBe(false);
  });

  it("refuses scans that no pose places, and names the scan", async () => {
    const { exit, err } = await map(XT32, "-o", "xt.veil", "--rate", "10");
    expect(exit).not.toBe(0);
    expect(err).toMatch(/pose/);
    expect(existsSync(join(folder, "xt.veil"))).toBe(false);
  });

  it("names the scan whose pose jumps, and goes on without it if told to", async () => {
    const lines = [0, 0.1, 9, 0.3].map((x) => `1 0 0 ${x} 0 1 0 0 0 0 1 0`).join("\n");
    write(folder, "jump.txt", lines);
    const scans = [XT32, XT32, XT32, XT32];
    const poses = ["--poses", "jump.txt", "--rate", "10"];
    const failed = await map(...scans, "-o", "jump.veil", ...poses);
    expect(failed.exit).not.toBe(0);
    expect(failed.err).toMatch(/scan 3.*jumps by 8\.9 m/);
    write(folder, "now.yaml", "version: 1\nlevel: map\nmap: { hold_back: 0s }\n");
    const partial = await map(
      ...scans,
      ...["-o", "jump.veil", ...poses, "--partial", "--policy", "now.yaml"],
    );
    expect(partial.exit).toBe(3);
    expect(partial.err).toMatch(/scan 3/);
    expect(partial.out).toMatch(/scans +3,/);
  });

  it("lets nothing leave that is younger than the hold-back", async () => {
    write(folder, "still.txt", "1 0 0 0 0 1 0 0 0 0 1 0\n".repeat(2));
    const { exit, err } = await map(
      ...[XT32, XT32, "-o", "young.veil", "--poses", "still.txt", "--rate", "10"],
    );
    expect(exit).not.toBe(0);
    expect(err).toContain("map.hold_back");
    expect(existsSync(join(folder, "young.veil"))).toBe(false);
  });

  it("says how many poses there must be", async () => {
    write(folder, "three.txt", "1 0 0 0 0 1 0 0 0 0 1 0\n".repeat(3));
    const { exit, err } = await map(
      ...[XT32, XT32, "-o", "three.veil", "--poses", "three.txt", "--rate", "10"],
    );
    expect(exit).not.toBe(0);
    expect(err).toMatch(/3 poses.*2 scans/);
  });
});

describe("mapveil preview of a map", () => {
  it("draws what moved in red beside what leaves", async () => {
    const ran = await run(folder, "preview", CSAIL, "-o", "csail.png", "--map", "--json");
    expect(ran).toMatchObject({ exit: 0, err: "" });
    const report = JSON.parse(ran.out);
    expect(report).toMatchObject({ level: "map", scans: 281 });
    expect(readFileSync(join(folder, "csail.png")).subarray(1, 4).toString()).toBe("PNG");
    expect(statSync(join(folder, "csail.png")).mode & 0o777).toBe(0o600);
  });
});
