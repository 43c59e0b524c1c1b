/** A beam that stands still is a microphone, and refused; a lidar that maps is never taken for one. */
import { describe, expect, test } from "vitest";
import type { Frame } from "../../host/core/frame.ts";
import { openFrames } from "../../host/formats/index.ts";
import { assertBeamMoves, TELLING_POINTS_MIN } from "../../host/veil/beam-guard.ts";
import { openVeil } from "../../host/veil/open.ts";
import { between, cellOf } from "../core/clouds.ts";
import { frameOfRays, LIDARS, rangeIn, roomOf, stillFrame, turningFrame } from "./beams.ts";
import { codeOf, policyOf, RECIPIENT, Seeded, sanitizerOf } from "./support.ts";

const isRefused = (frame: Frame, inMapFrame = false) => {
  try {
    assertBeamMoves(frame, inMapFrame);
    return false;
  } catch (error) {
    expect(error).toMatchObject({ code: "REFUSED", details: { reason: "BEAM_STUCK" } });
    return true;
  }
};

const MOVED = { translation: [3, 4, 0], quaternion: [0, 0, 0, 1] } as const;

describe("a beam that stands still", () => {
  test("is refused with a tone of 200 to 2000 Hz in it, in every one of 200 frames", () => {
    const random = new Seeded(1201);
    let refused = 0;
    for (let round = 0; round < 200; round++) {
      const hertz = 200 + 1800 * (round / 199);
      if (isRefused(stillFrame(random, hertz, 90 + random.below(3000)))) refused++;
    }
    expect(refused).toBe(200);
  });

  test("is refused across the seam of the azimuth, and where its slots are mostly empty", () => {
    const seam = Array.from({ length: 400 }, (_, i) => ({
      azimuth: Math.PI - 0.02 + (0.04 * i) / 400,
      elevation: 0,
      range: 2,
    }));
    expect(isRefused(frameOfRays(seam))).toBe(true);
    const sparse = Array.from({ length: 60_000 }, (_, i) => ({
      azimuth: 1,
      elevation: 0,
      range: i % 2000 === 7 ? 2 : 0,
    }));
    expect(isRefused(frameOfRays(sparse))).toBe(true);
  });

  test("is told from 95 % of the points in five degrees on", () => {
    const share = (still: number) =>
      frameOfRays(
        Array.from({ length: 1000 }, (_, i) => ({
          azimuth: i < still ? 0.08 * (i / still) : 0.2 + 6 * (i / 1000),
          elevation: 0,
          range: 2,
        })),
      );
    expect(isRefused(share(960))).toBe(true);
    expect(isRefused(share(940))).toBe(false);
    const wide = Array.from({ length: 1000 }, (_, i) => ({
      azimuth: (0.105 * i) / 1000,
      elevation: 0,
      range: 2,
    }));
    expect(isRefused(frameOfRays(wide))).toBe(false);
  });

  test("is refused by a sanitizer, in frames of their own and in artefacts", async () => {
    const sanitizer = await sanitizerOf();
    const frame = stillFrame(new Seeded(1202), 440, 360);
    expect(await codeOf((async () => sanitizer.sanitize(frame))())).toBe("REFUSED");
    const artefact = sanitizer.begin();
    expect(await codeOf((async () => artefact.add(frame))())).toBe("REFUSED");
  });

  test("passes where it cannot be told: a handful of points, or points in the map's frame", () => {
    const random = new Seeded(1203);
    expect(isRefused(stillFrame(random, 440, TELLING_POINTS_MIN - 1))).toBe(false);
    const frame = stillFrame(random, 440, 100);
    expect(isRefused(frame, true)).toBe(false);
    expect(isRefused({ ...frame, pose: MOVED }, true)).toBe(true);
    expect(isRefused({ ...frame, count: 0 })).toBe(false);
  });
});

describe("a lidar that maps", () => {
  test.each(Object.keys(LIDARS))("of the kind %s is never refused", (kind) => {
    const random = new Seeded(1210);
    const refused = Array.from({ length: 30 }, () => isRefused(turningFrame(random, kind)));
    expect(refused.filter(Boolean)).toEqual([]);
  });

  test.each([
    "nebula/xt32_1673400678101968885.pcd",
    "nebula/at128_1679653308704927652.pcd",
    "nebula/vlp16_1673400472138016708.pcd",
    "ouster/OS-1-128_v2.3.0_1024x10_lb_n3.pcap",
    "ouster/OS-0-32-U1_v2.2.0_1024x10.pcap",
    "scan2d_carmen/mit-csail_every16th.clf.gz",
    "people2d/demo_stationary_first600.bag",
  ])("and recorded %s is not refused", async (name) => {
    const source = await openFrames(`test/data/${name}`);
    let frames = 0;
    for await (const frame of source.frames()) {
      expect(isRefused(frame)).toBe(false);
      if (++frames === 100) break;
    }
    await source.close();
    expect(frames).toBeGreaterThan(0);
  });
});

describe("what a turning frame tells of a tone", () => {
  const LEAF = 0.05;
  const KHZ = 36;

  /** The same frame without and with a tone of 0.1 mm in its ranges. */
  function pairOf(seed: number, kind: string, hertz: number): [Frame, Frame] {
    const random = new Seeded(seed);
    const room = roomOf(random);
    const rays = LIDARS[kind]!(random).map(([azimuth, elevation]) => ({
      azimuth,
      elevation,
      range: rangeIn(room, azimuth, elevation) + between(random, -0.005, 0.005),
    }));
    const heard = rays.map((ray, i) => ({
      ...ray,
      range: ray.range + 1e-4 * Math.sin((2 * Math.PI * hertz * i) / (1000 * KHZ)),
    }));
    return [frameOfRays(rays), frameOfRays(heard)];
  }

  /** Ranges of the cells' centres that the points fall into: more than a reader of the tile has. */
  function cellRanges(frame: Frame): number[] {
    const points = new Float32Array(frame.data.buffer);
    return Array.from({ length: frame.count }, (_, i) =>
      Math.hypot(...[0, 1, 2].map((axis) => (cellOf(points[4 * i + axis]!, LEAF) + 0.5) * LEAF)),
    );
  }

  /** Power of the tone over that of all else, in dB. */
  function snrDb(signal: readonly number[], hertz: number): number {
    let [sin, cos, power] = [0, 0, 0];
    for (const [i, value] of signal.entries()) {
      const phase = (2 * Math.PI * hertz * i) / (1000 * KHZ);
      sin += value * Math.sin(phase);
      cos += value * Math.cos(phase);
      power += value * value;
    }
    const tone = (2 * (sin * sin + cos * cos)) / signal.length;
    return power === 0 ? Number.NEGATIVE_INFINITY : 10 * Math.log10(tone / (power - tone));
  }

  test("a tone can be told where nothing is reduced", () => {
    const [still, heard] = pairOf(1220, "spinning", 440);
    const ranges = (frame: Frame) => {
      const points = new Float32Array(frame.data.buffer);
      return Array.from({ length: frame.count }, (_, i) =>
        Math.hypot(points[4 * i]!, points[4 * i + 1]!, points[4 * i + 2]!),
      );
    };
    const [a, b] = [ranges(still), ranges(heard)];
    expect(
      snrDb(
        b.map((range, i) => range - a[i]!),
        440,
      ),
    ).toBeGreaterThan(20);
  });

  test.each(["cleaner", "spinning", "solid"])(
    "cells of 5 cm from a %s hold at most 0 dB of it, even for who knows all but the tone",
    (kind) => {
      const worst = Array.from({ length: 20 }, (_, i) => {
        const hertz = 200 + 90 * i;
        const [still, heard] = pairOf(1230 + i, kind, hertz);
        const [a, b] = [cellRanges(still), cellRanges(heard)];
        return snrDb(
          b.map((range, k) => range - a[k]!),
          hertz,
        );
      });
      expect(Math.max(...worst)).toBeLessThanOrEqual(0);
      // Not because nothing ever changes: some cells do.
      expect(worst.some((db) => db > Number.NEGATIVE_INFINITY)).toBe(true);
    },
  );

  test("those cells are what leaves", async () => {
    const sanitizer = await sanitizerOf({
      policy: policyOf("level: full\npose: keep\nleaf_m: 0.05"),
    });
    const [, heard] = pairOf(1221, "spinning", 440);
    const pose = { translation: [0, 0, 0], quaternion: [0, 0, 0, 1] } as const;
    const [tile] = await openVeil(sanitizer.sanitize({ ...heard, pose }).veil, RECIPIENT);
    const points = new Float32Array(heard.data.buffer);
    const cells = new Set<string>();
    for (let i = 0; i < heard.count; i++) {
      cells.add([0, 1, 2].map((axis) => cellOf(points[4 * i + axis]!, LEAF)).join(" "));
    }
    const left = new Set<string>();
    for (let i = 0; i < tile!.voxels; i++) left.add(tile!.cells.slice(3 * i, 3 * i + 3).join(" "));
    expect(left).toEqual(cells);
  });
});
