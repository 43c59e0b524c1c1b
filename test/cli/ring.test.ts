/** Beam numbers that were kept with eight bits come back as they were measured. */
import { join } from "node:path";
import { expect, it } from "vitest";
import { generateRecipientKey } from "../../host/keys/index.ts";
import { parsePolicy } from "../../host/policy/index.ts";
import { openVeil } from "../../host/veil/open.ts";
import { Sanitizer } from "../../host/veil/sanitizer.ts";
import { type Column, pcd } from "../formats/clouds.ts";
import { beamsOf, positionsOf, readAll } from "../formats/samples.ts";
import { run, temporaryFolder, VLP16, write } from "./support.ts";

const folder = temporaryFolder();
const POLICY = "version: 1\nlevel: full\nleaf_m: 0.01\nkeep: { attributes: { ring: 8 } }\n";

it("sanitize and open give every beam number from 0 to 255 back", async () => {
  const beams = Array.from({ length: 256 }, (_, i) => (i * 77 + 13) % 256);
  const columns: Column[] = [
    { name: "x", type: "f32" },
    { name: "y", type: "f32" },
    { name: "z", type: "f32" },
    { name: "ring", type: "u16" },
  ];
  // One point a voxel, in a row along x.
  const rows = beams.map((beam, i) => [2 + i / 4, -1, 0.5, beam]);
  write(folder, "beams.pcd", pcd(columns, rows, "binary"));
  write(folder, "ring.yaml", POLICY);
  await run(folder, "keygen", "-o", "home.key");
  const sealing = ["--to", "home.key.pub", "--policy", "ring.yaml"];
  const sealed = await run(folder, "sanitize", "beams.pcd", "-o", "beams.veil", ...sealing);
  expect(sealed).toMatchObject({ exit: 0, err: "" });
  for (const name of ["opened.pcd", "opened.ply"]) {
    await run(folder, "open", "beams.veil", "--key", "home.key", "-o", name);
    const [frame] = await readAll(join(folder, name));
    const found = beamsOf(frame!);
    const along = positionsOf(frame!).map(([x], i) => ({ x, beam: found[i]! }));
    expect(along.sort((a, b) => a.x - b.x).map(({ beam }) => beam)).toEqual(beams);
  }
});

it("voxels with one point of a recorded scan keep its beam number", async () => {
  const [frame] = await readAll(VLP16);
  const keyPair = generateRecipientKey();
  const policy = parsePolicy(POLICY, "ring.yaml");
  const sanitizer = await Sanitizer.create({ policy, recipient: keyPair.publicKey });
  const tile = (await openVeil(sanitizer.sanitize(frame!).veil, keyPair))[0]!;
  const leaf = Math.fround(tile.leafM);
  const cells = positionsOf(frame!).map((p) => p.map((v) => Math.floor(Math.fround(v / leaf))));
  const low = [0, 1, 2].map((axis) => Math.min(...cells.map((cell) => cell[axis]!)));
  const beams = beamsOf(frame!);
  const inCell = new Map<string, number[]>();
  for (const [i, cell] of cells.entries()) {
    const key = cell.map((value, axis) => value - low[axis]!).join(" ");
    inCell.set(key, [...(inCell.get(key) ?? []), beams[i]!]);
  }
  let single = 0;
  const seen = new Set<number>();
  for (let i = 0; i < tile.voxels; i++) {
    const there = inCell.get(tile.cells.subarray(3 * i, 3 * i + 3).join(" "))!;
    if (there.length > 1) continue;
    expect(tile.ring![i]! * 256 - 0.5).toBe(there[0]);
    seen.add(there[0]!);
    single++;
  }
  expect(single).toBeGreaterThan(10_000);
  expect([...seen].sort((a, b) => a - b)).toEqual([...new Set(beams)].sort((a, b) => a - b));
});
