/** How long to wait after failures in a row: exponential with full jitter. */
import type { RandomBytes } from "../keys/index.ts";
import { drawRandom } from "../keys/random.ts";

const FIRST_MS = 200;
const MAX_MS = 60_000;

/**
 * Milliseconds to wait after so many failures in a row, 1 or more: a random share of a span that
 * doubles from 0.2 s up to a minute, so that robots that failed together do not come back together.
 */
export function backoffMs(failures: number, random: RandomBytes): number {
  const spanMs = Math.min(MAX_MS, FIRST_MS * 2 ** Math.min(failures - 1, 20));
  const share = Buffer.from(drawRandom(random, 4)).readUInt32LE() / 2 ** 32;
  return Math.ceil(spanMs * share);
}
