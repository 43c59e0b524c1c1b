import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { packed, XYZI } from "./clouds.ts";
import {
  errorOf,
  OS1,
  OS1_POSES,
  positionsOf,
  readAll,
  temporaryFolder,
  valuesOf,
  writeInput,
} from "./samples.ts";

const folder = temporaryFolder();
let files = 0;
const input = (extension: string, content: Uint8Array | string) =>
  writeInput(folder, `${files++}.${extension}`, content);

describe("KITTI", () => {
  it("gives positions and intensity as it stands", async () => {
    const [frame] = await readAll(input("bin", packed(XYZI, [[1, 2, 3, 0.25]])));
    expect(positionsOf(frame!)).toEqual([[1, 2, 3]]);
    expect(valuesOf(frame!, frame!.layout.intensity)).toEqual([0.25]);
  });

  it("refuses a size that is not a multiple of 16", async () => {
    const error = await errorOf(input("bin", Buffer.alloc(40)));
    expect(error.code).toBe("BAD_INPUT");
    expect(error.message).toMatch(/8 bytes are left from offset 32 on/);
  });
});

describe("poses", () => {
  const rows = readFileSync(OS1_POSES, "latin1").trimEnd().split("\n");

  it("are given to the frames in order", async () => {
    const frames = await readAll(OS1, { posesPath: OS1_POSES });
    const translations = frames.map((frame) => frame.pose!.translation);
    expect(translations).toEqual(
      rows.map((row) => [3, 7, 11].map((i) => Number(row.split(" ")[i]))),
    );
    for (const frame of frames) {
      expect(Math.hypot(...frame.pose!.quaternion)).toBeCloseTo(1, 12);
    }
  });

  it.each([
    ["too few", 2],
    ["too many", 4],
  ])("that are %s are refused with the line", async (_, count) => {
    const text = Array.from({ length: count }, (__, i) => rows[i % 3]).join("\n");
    const error = await errorOf(OS1, { posesPath: input("txt", text) });
    expect(error.code).toBe("BAD_INPUT");
    expect(error.details.line).toBe(count);
  });

  it.each([
    ["11 numbers", "1 0 0 0 0 1 0 0 0 0 1", /line 2 has 11 numbers/],
    ["a mirror", "1 0 0 0 0 1 0 0 0 0 -1 0", /line 2 is not a rotation/],
    ["a word", "1 0 0 x 0 1 0 0 0 0 1 0", /line 2 is not a rotation/],
  ])("with a row of %s are refused", async (_, row, message) => {
    const path = input("txt", `${rows[0]}\n${row}\n${rows[2]}\n`);
    const error = await errorOf(OS1, { posesPath: path });
    expect(error.message).toMatch(message);
    expect(error.details).toMatchObject({ file: path, line: 2 });
  });

  it("keep the rotation, whichever axis it turns about", async () => {
    const cloud = input("bin", packed(XYZI, [[1, 2, 3, 0]]));
    const turns: [string, number[]][] = [
      ["1 0 0 0 0 -1 0 0 0 0 -1 0", [1, 0, 0, 0]],
      ["-1 0 0 0 0 1 0 0 0 0 -1 0", [0, 1, 0, 0]],
      ["-1 0 0 0 0 -1 0 0 0 0 1 0", [0, 0, 1, 0]],
      ["0 -1 0 0 1 0 0 0 0 0 1 0", [0, 0, Math.SQRT1_2, Math.SQRT1_2]],
    ];
    for (const [row, quaternion] of turns) {
      const [frame] = await readAll(cloud, { posesPath: input("txt", row) });
      for (const [i, part] of frame!.pose!.quaternion.entries()) {
        expect(part).toBeCloseTo(quaternion[i]!, 12);
      }
    }
  });
});
