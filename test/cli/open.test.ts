import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { openFrames } from "../../host/formats/index.ts";
import {
  names,
  OS1,
  OS1_POSES,
  onSmallDisk,
  run,
  temporaryFolder,
  write,
  XT32,
} from "./support.ts";

const folder = temporaryFolder();
const open = (...argv: string[]) => run(folder, "open", ...argv);

beforeAll(async () => {
  await run(folder, "keygen", "-o", "home.key");
  await run(folder, "keygen", "-o", "other.key");
  const to = ["--to", "home.key.pub"];
  write(folder, "session.yaml", "version: 1\npose: session\nleaf_m: 0.2\ntime: 365d\n");
  await run(folder, "sanitize", XT32, "-o", "one.veil", ...to);
  const shared = ["--poses", OS1_POSES, "--policy", "session.yaml"];
  await run(folder, "sanitize", OS1, "-o", "three.veil", ...to, ...shared);
});

async function pointCount(path: string): Promise<number> {
  const source = await openFrames(path);
  try {
    for await (const frame of source.frames()) return frame.count;
  } finally {
    await source.close();
  }
  return -1;
}

describe("mapveil open", () => {
  it("writes one frame as the output, readable by its owner only", async () => {
    const ran = await open("one.veil", "--key", "home.key", "-o", "one.pcd");
    expect(ran).toMatchObject({ exit: 0, err: "" });
    expect(ran.out).toContain("11,650 voxels of 5 cm");
    expect(await pointCount(join(folder, "one.pcd"))).toBe(11650);
    expect(statSync(join(folder, "one.pcd")).mode & 0o777).toBe(0o600);
  });

  it("numbers several frames, and merges those that share a map", async () => {
    const ran = await open("three.veil", "--key", "home.key", "-o", "three.ply", "--json");
    const { frames } = JSON.parse(ran.out);
    expect(frames).toHaveLength(3);
    expect(frames[0]).toMatchObject({ leafM: 0.2, sharedMap: true, attributes: [], strings: {} });
    expect(frames[0].time).toMatch(/T00:00:00.000Z$/);
    const files = names(folder).filter((name) => name.startsWith("three."));
    expect(files).toEqual(["three.0001.ply", "three.0002.ply", "three.0003.ply", "three.veil"]);
    expect(statSync(join(folder, "three.0002.ply")).mode & 0o777).toBe(0o600);

    const merged = await open("three.veil", "--key", "home.key", "-o", "all.ply", "--merge");
    expect(merged.exit).toBe(0);
    const sum = frames.reduce((total: number, { voxels }: { voxels: number }) => total + voxels, 0);
    expect(await pointCount(join(folder, "all.ply"))).toBe(sum);
    const alone = await open("one.veil", "--key", "home.key", "-o", "no.ply", "--merge");
    expect(alone).toMatchObject({ exit: 2 });
  });

  it("replaces outputs with --force only, numbered ones too", async () => {
    write(folder, "kept.pcd", "x");
    write(folder, "row.0007.pcd", "x");
    expect((await open("one.veil", "--key", "home.key", "-o", "kept.pcd")).exit).toBe(2);
    const before = names(folder);
    expect((await open("three.veil", "--key", "home.key", "-o", "row.pcd")).exit).toBe(2);
    expect(names(folder)).toEqual(before);
    expect(readFileSync(join(folder, "kept.pcd"), "utf8")).toBe("x");
    expect((await open("one.veil", "--key", "home.key", "-o", "kept.pcd", "--force")).exit).toBe(0);
    expect((await open("one.veil", "--key", "home.key", "-o", "one.veil", "--force")).exit).toBe(2);
  });

  it("refuses other keys and changed artefacts before anything is written", async () => {
    const veil = readFileSync(join(folder, "three.veil"));
    const changed = Uint8Array.from(veil);
    changed[changed.length - 100]! ^= 1;
    write(folder, "changed.veil", changed);
    write(folder, "cut.veil", veil.subarray(0, veil.length - 21));
    write(folder, "longer.veil", Buffer.concat([veil, veil.subarray(194)]));
    const before = names(folder);
    for (const [file, key] of [
      ["three.veil", "other.key"],
      ["changed.veil", "home.key"],
      ["cut.veil", "home.key"],
      ["longer.veil", "home.key"],
    ]) {
      const ran = await open(file!, "--key", key!, "-o", "bad.pcd");
      expect(ran, file).toMatchObject({ exit: 6, out: "" });
    }
    expect(names(folder)).toEqual(before);
    expect((await open("three.veil", "--key", "home.key.pub", "-o", "bad.pcd")).exit).toBe(78);
    expect((await open("three.veil", "--key", "home.key", "-o", "bad.las")).exit).toBe(2);
    expect((await open("none.veil", "--key", "home.key", "-o", "bad.pcd")).exit).toBe(1);
    expect((await open(".", "--key", "home.key", "-o", "bad.pcd")).exit).toBe(1);
  });

  it("takes back the frames that it wrote when the disk fills up", async (context) => {
    const done = await onSmallDisk(800, async (disk) => {
      const ran = await open("three.veil", "--key", "home.key", "-o", join(disk, "out.pcd"));
      expect(ran.exit).toBe(7);
      expect(names(disk)).toEqual([]);
    });
    if (!done) context.skip();
  });
});

describe("mapveil inspect", () => {
  it("tells what needs no key, and what does", async () => {
    const ran = await run(folder, "inspect", "three.veil");
    expect(ran.exit).toBe(0);
    expect(ran.out).toMatch(/kind +frame\n/);
    expect(ran.out).toContain("needs the key");
    const found = JSON.parse((await run(folder, "inspect", "three.veil", "--json")).out);
    const keyId = JSON.parse((await run(folder, "keygen", "-o", "x.key", "--json")).out).keyId;
    expect(found.keyId).not.toBe(keyId);
    expect(found).toMatchObject({ schema: 1, kind: "frame", suite: 1, epoch: "0" });
    expect(found).toMatchObject({ authenticated: false, headerBytes: 194 });
    expect(found.bytes).toBe(statSync(join(folder, "three.veil")).size);
    expect(found.bytes).toBe(194 + found.ciphertextBytes + 4 * found.messages);
  });

  it("names the offset at which a file is no artefact", async () => {
    const veil = readFileSync(join(folder, "one.veil"));
    for (const length of [0, 3, 100, 194, 196, 250, veil.length - 1]) {
      write(folder, "part.veil", veil.subarray(0, length));
      const ran = await run(folder, "inspect", "part.veil", "--json");
      expect(ran.exit, `${length} bytes`).toBe(6);
      expect(JSON.parse(ran.err).error.offset).toBeTypeOf("number");
    }
    write(folder, "part.veil", Buffer.alloc(5000, 7));
    expect((await run(folder, "inspect", "part.veil")).err).toContain("offset 0");
  });
});
