/** The label of a release: always short, never better than what was measured. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { META_STRING_MAX } from "../../assembly/abi.ts";
import type { LinkageFigure } from "../../host/linkage/figure.ts";
import { linkageLabel } from "../../host/linkage/label.ts";

const LABEL =
  /^pseudonymised; recall@1 (\d+(?:\.\d)?)% recall@10 (\d+(?:\.\d)?)% of (\d+); attack (\d+)$/;

const figure = (cellM: number, first: number, ten: number): LinkageFigure => ({
  kind: "grid",
  cellM,
  homes: 1000,
  queries: 500,
  first,
  ten,
});

const FIGURES = [figure(0.4, 200, 300), figure(0.2, 450, 480), figure(0.8, 1, 7)];

test("tells what was measured, rounded up", () => {
  const label = (cellM: number) => linkageLabel("grid", cellM, FIGURES);
  expect(label(0.2)).toBe("pseudonymised; recall@1 90% recall@10 96% of 1000; attack 1");
  expect(label(0.8)).toBe("pseudonymised; recall@1 0.2% recall@10 1.4% of 1000; attack 1");
});

test("between two cells the worse one counts, outside of them the careful guess", () => {
  const first = (cellM: number) => LABEL.exec(linkageLabel("grid", cellM, FIGURES))![1];
  expect(first(0.3)).toBe("90");
  expect(first(0.5)).toBe("40");
  expect(first(0.19)).toBe("100");
  expect(first(2)).toBe("0.2");
});

test("a kind without figures says so", () => {
  expect(linkageLabel("path", 1, FIGURES)).toBe("pseudonymised; recall not measured");
});

test("fits into the metadata field, whatever was measured", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 9999 }),
      fc.integer({ min: 0, max: 9999 }),
      fc.integer({ min: 1, max: 9999 }),
      (a, b, queries) => {
        const first = Math.min(a, b, queries);
        const ten = Math.min(Math.max(a, b), queries);
        const figures = [{ kind: "map", cellM: 0.1, homes: 9999, queries, first, ten } as const];
        const label = linkageLabel("map", 0.1, figures);
        expect(Buffer.byteLength(label)).toBeLessThanOrEqual(META_STRING_MAX);
        const [, one, many] = LABEL.exec(label)!;
        expect(Number(one)).toBeGreaterThanOrEqual((100 * first) / queries);
        expect(Number(many)).toBeGreaterThanOrEqual(Number(one));
      },
    ),
  );
});
