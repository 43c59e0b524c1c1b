/** Frames in, sealed artefacts out, tiles back: through the host, and through libsodium alone. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sodium from "libsodium-wrappers";
import { afterAll, describe, expect, test } from "vitest";
import * as abi from "../../assembly/abi.ts";
import { compilePolicy } from "../../host/policy/index.ts";
import { parseHeader } from "../../host/veil/header.ts";
import { openVeil, openVeilFile } from "../../host/veil/open.ts";
import { BUILDS, RawCore } from "../core/raw-core.ts";
import { decodeReference } from "../core/reference-tile.ts";
import {
  artefactOf,
  boundaries,
  codeOf,
  frameOf,
  policyOf,
  RECIPIENT,
  STRANGER,
  sanitizerOf,
  seededRandom,
} from "./support.ts";

const folder = mkdtempSync(join(tmpdir(), "veil-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const COMMITMENT_CONTEXT = "mapveil.key-commitment.v1";
const POSE = { translation: [3, 4, 1], quaternion: [0, 0, 0, 1] } as const;
const BEDROOM = "no_go:\n  areas:\n    - { name: b, polygon_m: [[0, 0], [4, 0], [4, 3], [0, 3]] }";

/** Opens an artefact with libsodium and the documented layout, nothing else; gives its records. */
function openWithSodium(veil: Uint8Array): Uint8Array[] {
  const part = (at: number, bytes: number) => veil.slice(at, at + bytes);
  const dataKey = sodium.crypto_box_seal_open(
    part(18, 80),
    RECIPIENT.publicKey,
    RECIPIENT.secretKey,
  );
  expect(sodium.crypto_generichash(32, dataKey, COMMITMENT_CONTEXT)).toEqual(part(122, 32));
  const header = part(0, 194);
  const ad = sodium.crypto_generichash(32, header, null);
  const state = sodium.crypto_secretstream_xchacha20poly1305_init_pull(part(98, 24), dataKey);
  const offsets = boundaries(veil, header.length);
  const records: Uint8Array[] = [];
  let parts: Uint8Array[] = [];
  for (const [i, from] of offsets.slice(0, -1).entries()) {
    const message = veil.slice(from + 4, offsets[i + 1]);
    const opened = sodium.crypto_secretstream_xchacha20poly1305_pull(state, message, ad);
    if (!opened) throw new Error("libsodium refused a message");
    parts.push(opened.message);
    if (opened.tag === abi.TAG_MESSAGE) continue;
    const record = Uint8Array.from(Buffer.concat(parts));
    if (record.length > 0) records.push(record);
    parts = [];
    expect(opened.tag).toBe(i === offsets.length - 2 ? abi.TAG_FINAL : abi.TAG_PUSH);
  }
  return records;
}

/** Cells of x y z rows, counted from the lowest, as sorted texts: each voxel once, in no order. */
function cellsFromLowest(rows: Float32Array, leaf: number): string[] {
  const cells = Array.from(rows, (value) => Math.floor(value / Math.fround(leaf)));
  const low = [0, 1, 2].map((k) => Math.min(...cells.filter((_, i) => i % 3 === k)));
  return Array.from({ length: rows.length / 3 }, (_, i) =>
    [0, 1, 2].map((k) => cells[3 * i + k]! - low[k]!).join(" "),
  ).sort();
}

describe.each(BUILDS)("a sanitizer on the %s build", (build) => {
  test("what is opened is what the core has made of the frame", async () => {
    const sanitizer = await sanitizerOf({ build, policy: policyOf("leaf_m: 0.2") });
    const frame = frameOf(11, { points: 5000 });
    const { veil, report } = sanitizer.sanitize(frame);
    const [tile, ...others] = await openVeil(veil, RECIPIENT);
    expect(others).toEqual([]);
    const core = RawCore.load(build);
    const decoded = core.decode(core.tileOf(frame.data, { leaf: 0.2 }));
    expect(tile!.cells).toEqual(decoded.cells);
    expect(tile!.voxels).toBe(report.voxels);
    expect(report.sealedBytes).toBe(veil.length - abi.HEADER_BYTES);
    const stays = sanitizer.copyVoxels(report);
    // On the robot in metres of the sensor, in the tile from the lowest cell on: one distance.
    expect(cellsFromLowest(stays, 0.2)).toEqual(cellsFromLowest(tile!.positions, 0.2));
  });

  test("an artefact holds its frames in order, whatever their sizes", async () => {
    const sanitizer = await sanitizerOf({ build });
    const sizes = [10, 30_000, 1, 3000, 1, 40_000];
    const frames = sizes.map((points, i) => frameOf(20 + i, { points, half: 20 }));
    const veil = artefactOf(sanitizer, frames);
    const tiles = await openVeil(veil, RECIPIENT);
    const alone = frames.map((frame) => openVeil(sanitizer.sanitize(frame).veil, RECIPIENT));
    expect(tiles.length).toBe(sizes.length);
    for (const [i, tile] of tiles.entries()) {
      const [other] = await alone[i]!;
      expect(Buffer.compare(bytes(tile.cells), bytes(other!.cells))).toBe(0);
      expect(tile.strings).toEqual(other!.strings);
    }
    expect(tiles[5]!.voxels).toBeGreaterThan(35_000);
  });

  test("an artefact without frames opens to nothing; one without an end does not open", async () => {
    const sanitizer = await sanitizerOf({ build });
    expect(await openVeil(artefactOf(sanitizer, []), RECIPIENT)).toEqual([]);
    const artefact = sanitizer.begin();
    const { bytes } = artefact.add(frameOf(31));
    const unended = Uint8Array.from(Buffer.concat([artefact.header, bytes]));
    expect(await codeOf(openVeil(unended, RECIPIENT))).toBe("INTEGRITY");
  });

  test("libsodium alone opens it, and the independent decoder reads what comes out", async () => {
    await sodium.ready;
    const sanitizer = await sanitizerOf({ build, policy: policyOf("leaf_m: 0.1") });
    const frames = [frameOf(41), frameOf(42, { points: 45_000, half: 50 }), frameOf(43)];
    const veil = artefactOf(sanitizer, frames);
    const tiles = await openVeil(veil, RECIPIENT);
    const records = openWithSodium(veil);
    expect(records.length).toBe(3);
    expect(records[1]!.length).toBeGreaterThan(abi.MESSAGE_BYTES);
    for (const [i, record] of records.entries()) {
      const { cells } = decodeReference(record);
      expect(Buffer.compare(bytes(cells), bytes(tiles[i]!.cells))).toBe(0);
    }
  });

  test("the same randomness gives the same bytes, other randomness gives others", async () => {
    const make = async (seed: number) =>
      artefactOf(await sanitizerOf({ build, random: seededRandom(seed) }), [frameOf(51)]);
    const [one, again, other] = await Promise.all([make(7), make(7), make(8)]);
    expect(Buffer.compare(again!, one!)).toBe(0);
    const same = one!.filter((byte, i) => byte === other![i]).length;
    expect(same).toBeLessThan(one!.length / 10);
  });

  test("the header tells recipient, policy and epoch, and no two artefacts share a key", async () => {
    const policy = policyOf("leaf_m: 0.3");
    const sanitizer = await sanitizerOf({ build, policy, epoch: 77n });
    const [a, b] = [frameOf(61), frameOf(61)].map((frame) => sanitizer.sanitize(frame).veil);
    const [first, second] = [parseHeader(a!), parseHeader(b!)];
    expect(first.epoch).toBe(77n);
    expect(first.kind).toBe("frame");
    expect(first.policyDigest).toEqual(compilePolicy(policy).digest);
    expect(Buffer.compare(first.sealedKey, second.sealedKey)).not.toBe(0);
    expect(Buffer.compare(a!.slice(194), b!.slice(194))).not.toBe(0);
  });

  test("a frame without a pose is refused where the policy has no-go areas", async () => {
    const sanitizer = await sanitizerOf({ build, policy: policyOf(BEDROOM) });
    const refused = async () => sanitizer.sanitize(frameOf(71));
    expect(await codeOf(refused())).toBe("REFUSED");
    const artefact = sanitizer.begin();
    expect(await codeOf((async () => artefact.add(frameOf(71)))())).toBe("REFUSED");
    const { report } = sanitizer.sanitize(frameOf(71, { pose: POSE }));
    expect(report.cropped.noGo).toBeGreaterThan(0);
    const inMap = await sanitizerOf({ build, policy: policyOf(BEDROOM), inMapFrame: true });
    expect(inMap.sanitize(frameOf(71)).report.cropped.noGo).toBeGreaterThan(0);
  });

  test("a refused frame does not spoil the artefact that it was meant for", async () => {
    const sanitizer = await sanitizerOf({ build, policy: policyOf(BEDROOM) });
    const artefact = sanitizer.begin();
    const first = artefact.add(frameOf(81, { pose: POSE })).bytes;
    expect(() => artefact.add(frameOf(82))).toThrow();
    const short = { ...frameOf(83, { pose: POSE }), count: 501 };
    expect(() => artefact.add(short)).toThrow(/bytes/);
    const second = artefact.add(frameOf(84, { pose: POSE })).bytes;
    const parts = [artefact.header, first, second, artefact.end()];
    const tiles = await openVeil(Uint8Array.from(Buffer.concat(parts)), RECIPIENT);
    expect(tiles.length).toBe(2);
  });
});

const bytes = (array: Int32Array) => new Uint8Array(array.buffer);

test("points may lie in memory that threads share", async () => {
  const frame = frameOf(5);
  const data = new Uint8Array(new SharedArrayBuffer(frame.data.length));
  data.set(frame.data);
  const make = async (of: typeof frame) => (await sanitizerOf()).sanitize(of).veil;
  expect(await make({ ...frame, data })).toEqual(await make(frame));
});

test("an artefact is closed by its end, by a wipe, and by whatever begins after it", async () => {
  const sanitizer = await sanitizerOf();
  const frame = frameOf(1);
  for (const close of [
    (artefact: { end(): unknown }) => artefact.end(),
    () => sanitizer.wipe(),
    () => sanitizer.begin(),
    () => sanitizer.sanitize(frame),
  ]) {
    const artefact = sanitizer.begin();
    artefact.add(frame);
    close(artefact);
    expect(await codeOf((async () => artefact.add(frame))())).toBe("USAGE");
    expect(await codeOf((async () => artefact.end())())).toBe("USAGE");
  }
});

test("level nothing makes no sanitizer", async () => {
  expect(await codeOf(sanitizerOf({ policy: policyOf("level: nothing") }))).toBe("REFUSED");
});

test("another key does not open it", async () => {
  const { veil } = (await sanitizerOf()).sanitize(frameOf(91));
  expect(await codeOf(openVeil(veil, STRANGER))).toBe("INTEGRITY");
  const mixed = { publicKey: RECIPIENT.publicKey, secretKey: STRANGER.secretKey };
  expect(await codeOf(openVeil(veil, mixed))).toBe("INTEGRITY");
});

test("a file gives its tiles one by one, after all of it was verified", async () => {
  const sanitizer = await sanitizerOf();
  const frames = Array.from({ length: 12 }, (_, i) => frameOf(100 + i, { points: 2000 }));
  const veil = artefactOf(sanitizer, frames);
  const path = join(folder, "many.veil");
  writeFileSync(path, veil);
  const expected = await openVeil(veil, RECIPIENT);
  let count = 0;
  for await (const tile of openVeilFile(path, RECIPIENT)) expect(tile).toEqual(expected[count++]);
  expect(count).toBe(12);
  for await (const _ of openVeilFile(path, RECIPIENT)) break;
  // The last byte is wrong: not one of the twelve tiles may come.
  writeFileSync(path, veil.with(veil.length - 1, veil.at(-1)! ^ 1));
  const tiles = openVeilFile(path, RECIPIENT);
  expect(await codeOf(tiles.next())).toBe("INTEGRITY");
  expect(await codeOf(openVeilFile(join(folder, "none.veil"), RECIPIENT).next())).toBe("IO");
});
