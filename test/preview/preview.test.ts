import { PNG } from "pngjs";
import { describe, expect, it } from "vitest";
import type { Frame } from "../../host/core/frame.ts";
import { drawGlyphs } from "../../host/preview/font.ts";
import { drawPreview, scaleBarMetres } from "../../host/preview/preview.ts";
import { rawPoints, toMap } from "../../host/preview/raw-points.ts";
import { bounds, lowest, partByVoxels, shift } from "../../host/preview/scene.ts";

function frameOf(values: readonly number[]): Frame {
  return {
    count: values.length / 3,
    layout: {
      pointStep: 12,
      x: { offset: 0, type: "f32" },
      y: { offset: 4, type: "f32" },
      z: { offset: 8, type: "f32" },
    },
    data: new Uint8Array(Float32Array.from(values).buffer),
    metadata: [],
  };
}

describe("the points of a picture", () => {
  it("are the measurements of a frame", () => {
    const frame = frameOf([1, 2, 3, 0, 0, 0, Number.NaN, 1, 1, 4, 5, 6]);
    expect([...rawPoints(frame)]).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it("are turned and moved by a pose", () => {
    const half = Math.SQRT1_2;
    const pose = { translation: [10, 0, 0], quaternion: [0, 0, half, half] } as const;
    const [x, y, z] = toMap(Float32Array.of(1, 2, 3), pose);
    expect([x, y, z].map((v) => Math.round(v! * 1e5) / 1e5)).toEqual([8, 1, 3]);
  });

  it("fill the picture but for a few far ones", () => {
    const points = new Float32Array(3000);
    for (let i = 0; i < 1000; i++) points.set([i % 10, i % 7, i % 3], 3 * i);
    points.set([9000, 9000, 9000], 0);
    expect(bounds(points, 0.98)).toEqual({ min: [0, 0, 0], max: [9, 6, 2] });
    expect(bounds(new Float32Array(0), 0.98)).toEqual({ min: [0, 0, 0], max: [0, 0, 0] });
  });

  it("are moved to where their voxels were", () => {
    const points = Float32Array.of(1, 2, 3, 0, 5, 4);
    expect(lowest(points)).toEqual([0, 2, 3]);
    expect([...shift(points, [1, -2, 0])]).toEqual([2, 0, 3, 1, 3, 4]);
  });

  it("are parted by the voxels that left", () => {
    const points = Float32Array.of(0.05, 0.05, 0.05, -0.05, 0.05, 0.05, 0.15, 0.01, 0.09);
    const { kept, cropped } = partByVoxels(points, Float32Array.of(0.05, 0.05, 0.05), 0.1);
    expect(kept).toHaveLength(3);
    expect(cropped).toHaveLength(6);
  });
});

describe("the font", () => {
  const drawn = (text: string) => {
    const pixels: string[] = [];
    drawGlyphs(text, (x, y) => pixels.push(`${x},${y}`));
    return pixels.join(" ");
  };

  it("has a shape of its own for every printable character", () => {
    const printable = Array.from({ length: 94 }, (_, i) => String.fromCharCode(33 + i));
    expect(new Set(printable.map(drawn)).size).toBe(94);
    expect(drawn(" ")).toBe("");
    expect(drawn("\u00e9")).toBe(drawn("?"));
  });
});

describe("drawPreview", () => {
  const side = (points: Float32Array) => ({ title: "t", points, sizeM: 0.1, captions: ["c"] });
  const room = Float32Array.from({ length: 9000 }, (_, i) => Math.sin(i * 12.9898) * (3 + (i % 3)));

  it("draws both sides, brighter than their ground", () => {
    const png = PNG.sync.read(
      drawPreview({ before: side(room), after: side(room), sameFrame: true }),
    );
    const bright = [0, 0];
    for (let i = 0; i < png.data.length; i += 4) {
      const isRight = (i / 4) % png.width >= png.width / 2 ? 1 : 0;
      if (Math.max(png.data[i]!, png.data[i + 1]!, png.data[i + 2]!) > 90) bright[isRight]! += 1;
    }
    expect(bright[0]).toBeGreaterThan(2000);
    expect(bright[1]).toBeGreaterThan(2000);
  });

  it("draws scenes without a point, with one and of any size", () => {
    for (const points of [[], [1, 2, 3], [0, 0, 0, 1e6, 1e6, 1e6], [0, 0, 0, 1e-5, 0, 0]]) {
      const cloud = side(Float32Array.from(points));
      const png = drawPreview({ before: cloud, after: cloud, sameFrame: false });
      expect(PNG.sync.read(png).width).toBe(1600);
    }
  });

  it("has a scale bar of a round length", () => {
    expect(scaleBarMetres(770, 30)).toBe(5);
    expect(scaleBarMetres(770, 8)).toBe(10);
    expect(scaleBarMetres(770, 7000)).toBeCloseTo(0.02);
  });
});
