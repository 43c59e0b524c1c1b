/** Capture times of recordings that have none, or that begin again. */
import { expect, test } from "vitest";
import { CaptureTimes } from "../../host/cli/capture-times.ts";

test("those of the recording stay as they are, also where they go back", () => {
  const times = new CaptureTimes(0);
  times.begin();
  expect([5n, 9n, 7n].map((stamp) => times.next(stamp))).toEqual([5n, 9n, 7n]);
});

test("a recording that begins again goes on a period later", () => {
  const times = new CaptureTimes(0);
  times.begin(1e-6);
  expect([5n, 9n].map((stamp) => times.next(stamp))).toEqual([5n, 9n]);
  times.begin(1e-6);
  expect([5n, 9n].map((stamp) => times.next(stamp))).toEqual([1009n, 1013n]);
});

test("frames without a time are a period apart, from the start on", () => {
  const times = new CaptureTimes(2);
  times.begin();
  expect([1, 2].map(() => times.next(undefined))).toEqual([2_000_000n, 102_000_000n]);
  times.begin(1e-9);
  expect(times.next(undefined)).toBe(102_000_001n);
});
