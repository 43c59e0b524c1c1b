/** No-go areas under thousands of outlines, turns and cell sizes: nothing of them is ever released. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { LAYER_NONE } from "../../host/formats/plan.ts";
import { drawSecret } from "../../host/plan/index.ts";
import { sanitisePlan } from "../../host/plan/release-plan.ts";
import type { Vertex } from "../../host/policy/index.ts";
import { cornersInMap, emptyRoom, gapBetween, RULES, seededRandom } from "./support.ts";

const metre = (min: number, max: number) => fc.double({ min, max, noNaN: true });

/** Corners around a point, stretched along one direction: thin ones, wide ones, with dents. */
const polygon = fc
  .record({
    x: metre(0, 2.5),
    y: metre(0, 2.5),
    radii: fc.array(metre(0.01, 1), { minLength: 3, maxLength: 12 }),
    stretch: metre(0.1, 1),
    turn: metre(0, 6.3),
  })
  .map(({ x, y, radii, stretch, turn }) =>
    radii.map((radius, i): Vertex => {
      const angle = (2 * Math.PI * i) / radii.length;
      const [along, across] = [radius * Math.cos(angle), stretch * radius * Math.sin(angle)];
      const [c, s] = [Math.cos(turn), Math.sin(turn)];
      return [x + c * along - s * across, y + s * along + c * across];
    }),
  );

test("no released cell comes nearer than dilate_m, in 2000 plans", () => {
  let [plans, cells] = [0, 0];
  fc.assert(
    fc.property(
      fc.array(polygon, { minLength: 1, maxLength: 3 }),
      metre(0, 0.5),
      fc.nat(2 ** 31),
      fc.constantFrom(0.07, 0.1, 0.2, 0.5),
      metre(-3.2, 3.2),
      (noGo, dilateM, seed, cellM, yawRad) => {
        const room = emptyRoom(50, 50, { origin: { x: 0.5, y: -0.3, yawRad } });
        const rules = { ...RULES, cellM, dilateM, noGo };
        const secret = drawSecret(room, rules, seededRandom(seed));
        let coarse: ReturnType<typeof sanitisePlan>["coarse"];
        try {
          coarse = sanitisePlan(room, rules, secret).coarse;
        } catch (error) {
          // Areas that hold the whole room leave nothing to look at.
          expect(error).toMatchObject({ code: "REFUSED" });
          return;
        }
        let nearest = Number.POSITIVE_INFINITY;
        for (const [i, layer] of coarse.layers.entries()) {
          if (layer === LAYER_NONE) continue;
          const [x, y] = [i % coarse.width, Math.floor(i / coarse.width)];
          const corners = cornersInMap(coarse.x0 + x, coarse.y0 + y, secret, cellM);
          for (const area of noGo) nearest = Math.min(nearest, gapBetween(corners, area, nearest));
          cells++;
        }
        plans++;
        expect(nearest).toBeGreaterThanOrEqual(dilateM);
      },
    ),
    { numRuns: 2000 },
  );
  expect(plans).toBeGreaterThan(1700);
  expect(cells).toBeGreaterThan(100_000);
});
