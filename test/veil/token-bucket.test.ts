/** How often frames may come: a sensor at its rate always, faster ones down to the cap. */
import { describe, expect, test } from "vitest";
import { TokenBucket } from "../../host/veil/token-bucket.ts";
import { between, Seeded } from "../core/clouds.ts";

/** As the sidecar takes frames: a second's frames may come at once. */
const PER_S = 20;
const BURST = 20;

/** How many of `count` frames pass that come every `periodMs`, shifted by up to `jitterMs`. */
function passed(count: number, periodMs: number, jitterMs = 0): number {
  const bucket = new TokenBucket(PER_S, BURST);
  const random = new Seeded(7);
  const times = Array.from(
    { length: count },
    (_, i) => i * periodMs + between(random, 0, jitterMs),
  );
  return times.sort((a, b) => a - b).filter((at) => bucket.take(at)).length;
}

describe("a cap of frames", () => {
  test("lets a sensor of 20 Hz and less through, jitter included", () => {
    expect(passed(20_000, 50)).toBe(20_000);
    expect(passed(20_000, 50, 40)).toBe(20_000);
    expect(passed(20_000, 50, 900)).toBe(20_000);
    expect(passed(2000, 200, 150)).toBe(2000);
  });

  test("lets of more than that no more through than the cap", () => {
    for (const hertz of [25, 100, 1800]) {
      const seconds = 60;
      const through = passed(hertz * seconds, 1000 / hertz);
      expect(through).toBeGreaterThanOrEqual(20 * seconds);
      expect(through).toBeLessThanOrEqual(PER_S * seconds + BURST);
    }
  });

  test("a time that goes back neither fills it up nor blocks it", () => {
    const bucket = new TokenBucket(20, 2);
    expect([bucket.take(1000), bucket.take(1000), bucket.take(1000)]).toEqual([true, true, false]);
    expect(bucket.take(0)).toBe(false);
    expect(bucket.take(49)).toBe(false);
    expect(bucket.take(50)).toBe(true);
  });

  test("a long pause fills it to its burst and no further", () => {
    const bucket = new TokenBucket(20, 3);
    expect(bucket.take(0)).toBe(true);
    const burst = Array.from({ length: 6 }, () => bucket.take(1e9));
    expect(burst).toEqual([true, true, true, false, false, false]);
  });
});
