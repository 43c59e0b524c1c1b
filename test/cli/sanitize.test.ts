import { existsSync, linkSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import {
  names,
  OS1,
  OS1_META,
  OS1_POSES,
  onSmallDisk,
  run,
  temporaryFolder,
  VLP16,
  write,
  XT32,
} from "./support.ts";

const folder = temporaryFolder();
const sanitize = (...argv: string[]) => run(folder, "sanitize", ...argv);

beforeAll(async () => {
  await run(folder, "keygen", "-o", "home.key");
});

describe("mapveil sanitize", () => {
  it("seals a recording and reports what was stripped", async () => {
    const ran = await sanitize(OS1, "-o", "os1.veil", "--to", "home.key.pub", "--poses", OS1_POSES);
    expect(ran).toMatchObject({ exit: 0, err: "" });
    expect(ran.out).toMatch(/frames +3\n/);
    expect(ran.out).toMatch(/points in +393,216\n/);
    expect(ran.out).toContain("serial number (3)");
    expect(ran.out).toContain("map origin (3)");
    expect(ran.out).toContain("intensity, ring, point time");
    expect(ran.out).toContain("of the sensor's 100 ms");
    expect(ran.out).not.toMatch(/1224\d|OS-1|v2\.3/);
  });

  it("accounts for every point, and for every byte of the artefact", async () => {
    const { out } = await sanitize(XT32, "-o", "xt.veil", "--to", "home.key.pub", "--json");
    const report = JSON.parse(out);
    const { points } = report;
    const sum = (part: Record<string, number>) => Object.values(part).reduce((a, b) => a + b, 0);
    expect(points.in).toBe(sum(points.dropped) + sum(points.cropped) + points.kept);
    expect(report).toMatchObject({
      schema: 1,
      output: "xt.veil",
      complete: true,
      frames: 1,
      points: { in: 63021, voxels: 11650 },
      passed: [],
      faultCount: 0,
      faults: [],
    });
    expect(report.bytes.out).toBe(readFileSync(join(folder, "xt.veil")).length);
    expect(report.keyId).toMatch(/^[0-9a-f]{16}$/);
    expect(report.stripped).toContainEqual({ name: "file_name", values: 1 });
  });

  it("takes the text of a key, a policy and the first frames only", async () => {
    const line = readFileSync(join(folder, "home.key.pub"), "utf8").split("\n")[1]!;
    write(folder, "keep.yaml", "version: 1\nleaf_m: 0.5\nkeep: { attributes: { intensity: 4 } }\n");
    const rest = ["--to", line, "--policy", "keep.yaml", "--frames", "2", "--json"];
    const { out } = await sanitize(OS1, "-o", "two.veil", ...rest);
    const report = JSON.parse(out);
    expect(report.frames).toBe(2);
    expect(report.strippedPointFields).toEqual(["ring", "time"]);
  });

  it("leaves no file of a recording that breaks, with exit code 6", async () => {
    const cut = write(folder, "cut.pcap", readFileSync(OS1).subarray(0, 900_000));
    const rest = ["-o", "cut.veil", "--to", "home.key.pub", "--metadata", OS1_META];
    const before = names(folder);
    const failed = await sanitize(cut, ...rest);
    expect(failed).toMatchObject({ exit: 6, out: "" });
    expect(failed.err).toContain("--partial");
    expect(names(folder)).toEqual(before);

    const partial = await sanitize(cut, ...rest, "--partial", "--json");
    expect(partial.exit).toBe(3);
    const report = JSON.parse(partial.out);
    expect(report).toMatchObject({ complete: false, frames: 2, faultCount: 1 });
    expect(report.faults[0]).toMatchObject({ frame: 3, code: "BAD_INPUT" });
    const opened = await run(folder, "open", "cut.veil", "--key", "home.key", "-o", "cut.pcd");
    expect(opened.exit).toBe(0);
  });

  it("refuses level nothing, and no-go areas without a pose, with exit code 4", async () => {
    write(folder, "off.yaml", "version: 1\nlevel: nothing\n");
    write(
      folder,
      "no-go.yaml",
      "version: 1\nno_go: { areas: [{ name: x, polygon_m: [[0, 0], [1, 0], [1, 1]] }] }\n",
    );
    const rest = ["-o", "no.veil", "--to", "home.key.pub", "--policy"];
    expect((await sanitize(VLP16, ...rest, "off.yaml")).exit).toBe(4);
    const noPose = await sanitize(VLP16, ...rest, "no-go.yaml", "--partial");
    expect(noPose.exit).toBe(4);
    expect(existsSync(join(folder, "no.veil"))).toBe(false);
    expect((await sanitize(VLP16, ...rest, "no-go.yaml", "--in-map-frame")).exit).toBe(0);
  });

  it("replaces an output with --force only, and never an input", async () => {
    const rest = ["--to", "home.key.pub"];
    const own = write(folder, "own.pcd", readFileSync(VLP16));
    write(folder, "there.veil", "x");
    const kept = await sanitize(own, "-o", "there.veil", ...rest);
    expect(kept).toMatchObject({ exit: 2 });
    expect(kept.err).toContain("--force");
    expect(readFileSync(join(folder, "there.veil"), "utf8")).toBe("x");
    expect((await sanitize(own, "-o", "there.veil", ...rest, "--force")).exit).toBe(0);

    linkSync(own, join(folder, "hard.veil"));
    symlinkSync(own, join(folder, "soft.veil"));
    for (const output of ["own.pcd", "hard.veil", "soft.veil", "home.key.pub"]) {
      const ran = await sanitize(own, "-o", output, ...rest, "--force");
      expect(ran).toMatchObject({ exit: 2 });
      expect(ran.err).toContain("also read");
    }
    expect(readFileSync(own)).toEqual(readFileSync(VLP16));
    expect((await sanitize(own, "-o", "/dev/null", ...rest, "--force")).exit).toBe(2);
  });

  it("refuses keys of the wrong kind and policies with unknown fields, with exit code 78", async () => {
    const secret = await sanitize(VLP16, "-o", "k.veil", "--to", "home.key");
    expect(secret).toMatchObject({ exit: 78 });
    expect(secret.err).toContain("this is a secret key");
    expect(secret.err).not.toContain("mapveil-secret-1:");
    const typo = await sanitize(VLP16, "-o", "k.veil", "--to", "mapveil-public-1:abc");
    expect(typo.exit).toBe(78);
    write(folder, "bad.yaml", "version: 1\nleef_m: 0.1\n");
    const rest = ["--to", "home.key.pub", "--policy", "bad.yaml", "--json"];
    const unknown = await sanitize(VLP16, "-o", "k.veil", ...rest);
    expect(unknown).toMatchObject({ exit: 78, out: "" });
    expect(JSON.parse(unknown.err)).toMatchObject({
      schema: 1,
      error: { code: "CONFIG", exit: 78, field: "leef_m", line: 2 },
    });
    expect(unknown.err).toContain("did you mean leaf_m?");
  });

  it("says what is missing, with exit codes 1 and 6", async () => {
    const rest = ["-o", "m.veil", "--to", "home.key.pub"];
    expect((await sanitize("none.pcd", ...rest)).exit).toBe(1);
    expect((await sanitize(VLP16, "-o", "m.veil", "--to", "none.pub")).exit).toBe(1);
    expect((await sanitize(VLP16, "-o", "none/m.veil", "--to", "home.key.pub")).exit).toBe(1);
    write(folder, "text.pcd", "hello\n");
    expect((await sanitize("text.pcd", ...rest)).exit).toBe(6);
    write(folder, "text.docx", "hello\n");
    expect((await sanitize("text.docx", ...rest)).exit).toBe(6);
  });

  it("ends with exit code 7 on a full disk and leaves nothing on it", async (context) => {
    const done = await onSmallDisk(200, async (disk) => {
      const rest = ["-o", join(disk, "os1.veil"), "--to", "home.key.pub", "--partial"];
      const ran = await sanitize(OS1, ...rest);
      expect(ran).toMatchObject({ exit: 7 });
      expect(ran.err).toContain("disk is full");
      expect(names(disk)).toEqual([]);
    });
    if (!done) context.skip();
  });
});
