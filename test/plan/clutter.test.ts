import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { LAYER_NONE, PLAN_FREE, PLAN_OCCUPIED, PLAN_UNKNOWN } from "../../host/formats/plan.ts";
import { removeClutter } from "../../host/plan/clutter.ts";
import type { Grid } from "../../host/plan/grid.ts";
import { drawSecret, releasePlan } from "../../host/plan/index.ts";
import { copyOf, emptyRoom, fill, RULES, seededRandom } from "./support.ts";

/** `#` occupied, space unknown, a digit the layer of that number. */
function grid(...rows: string[]): Grid {
  const width = rows[0]!.length;
  const layers = rows
    .toReversed()
    .flatMap((row) => [...row].map((sign) => (sign === "#" ? 0 : sign === " " ? 255 : +sign)));
  return { width, height: rows.length, layers: Uint8Array.from(layers) };
}

function text({ width, height, layers }: Grid): string[] {
  const sign = (layer: number) => (layer === 0 ? "#" : layer === LAYER_NONE ? " " : String(layer));
  return Array.from({ length: height }, (_, y) =>
    [...layers.subarray((height - 1 - y) * width, (height - y) * width)].map(sign).join(""),
  );
}

describe("what goes and what stays", () => {
  test("a blob becomes floor of the room around it, one at a wall stays", () => {
    const home = grid("#######", "#22222#", "#2##2##", "#22#222", "#22222#", "#######");
    expect(removeClutter(home, 1, 4)).toEqual({ blobs: 1, spots: 0, specks: 0 });
    expect(text(home)).toEqual(["#######", "#22222#", "#2222##", "#222222", "#22222#", "#######"]);
  });

  test("what touches a wall by a corner is part of it", () => {
    const home = grid("######", "#1111#", "#11#1#", "#111##", "######");
    removeClutter(home, 1, 4);
    expect(text(home)).toEqual(["######", "#1111#", "#11#1#", "#111##", "######"]);
  });

  test("someone drawn as a ring goes with what was hidden inside", () => {
    const home = grid(
      "#########",
      "#1111111#",
      "#11###11#",
      "#11# #11#",
      "#11###11#",
      "#1111111#",
      "#########",
    );
    expect(removeClutter(home, 1, 4)).toEqual({ blobs: 1, spots: 1, specks: 0 });
    expect(text(home).slice(1, 6)).toEqual(Array(5).fill("#1111111#"));
  });

  test("between two rooms a blob goes to the one with the longer border", () => {
    const home = grid("#######", "#22233#", "#22##3#", "#22233#", "#######");
    removeClutter(home, 1, 3);
    expect(text(home)[2]).toBe("#22223#");
  });

  test("specks outside of the house become nothing, occupied or free", () => {
    const home = grid("####    ", "#11# 1 #", "#11#   #", "####    ");
    expect(removeClutter(home, 1, 3)).toEqual({ blobs: 1, spots: 0, specks: 2 });
    expect(text(home)).toEqual(["####    ", "#  #    ", "#  #    ", "####    "]);
  });

  test("the larger side decides, and what is exactly as long stays", () => {
    const home = grid("111111111", "1#######1", "111111111", "111111111", "1##1##111", "111111111");
    expect(removeClutter(home, 0.1, 0.7)).toMatchObject({ blobs: 2 });
    expect(text(home)[1]).toBe("1#######1");
    expect(text(home)[4]).toBe("111111111");
    expect(removeClutter(home, 0.1, 0.71)).toMatchObject({ blobs: 1 });
  });

  test("nothing goes at a size of 0", () => {
    const home = grid("111", "1#1", "111");
    expect(removeClutter(home, 0.05, 0)).toEqual({ blobs: 0, spots: 0, specks: 0 });
    expect(text(home)[1]).toBe("1#1");
  });
});

test("a release does not depend on small things in a room: it is that of the empty room", () => {
  const room = emptyRoom(70, 60);
  const thing = fc.record({
    x: fc.integer({ min: 4, max: 55 }),
    y: fc.integer({ min: 4, max: 45 }),
    w: fc.integer({ min: 1, max: 9 }),
    h: fc.integer({ min: 1, max: 9 }),
    hollow: fc.boolean(),
  });
  fc.assert(
    fc.property(thing, fc.nat(1e6), (blob, seed) => {
      const plan = copyOf(room);
      fill(plan, blob.x, blob.y, blob.w, blob.h, PLAN_OCCUPIED);
      if (blob.hollow && blob.w > 2 && blob.h > 2) {
        fill(plan, blob.x + 1, blob.y + 1, blob.w - 2, blob.h - 2, PLAN_UNKNOWN);
      }
      const secret = drawSecret(plan, RULES, seededRandom(seed));
      const empty = releasePlan(room, RULES, secret);
      expect(releasePlan(plan, RULES, secret).cells.join()).toBe(empty.cells.join());
      expect(room.cells.filter((cell) => cell === PLAN_FREE).length).toBe(68 * 58);
    }),
    { numRuns: 20 },
  );
});
