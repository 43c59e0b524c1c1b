/** Where randomness comes from: injected, so that tests and replays are deterministic. */
import { randomFillSync } from "node:crypto";
import { MapveilError } from "../core/errors.ts";
import { secretBytes } from "./secret-bytes.ts";

/** Gives `count` fresh random bytes in an array of its own, which the caller may wipe. */
export type RandomBytes = (count: number) => Uint8Array;

/** The operating system's generator, by way of node:crypto. */
export const systemRandom: RandomBytes = (count) => randomFillSync(secretBytes(count));

/** `count` bytes of `random`; throws INTERNAL if it gives another number of them. */
export function drawRandom(random: RandomBytes, count: number): Uint8Array {
  const bytes = random(count);
  if (bytes.length === count) return bytes;
  throw new MapveilError("INTERNAL", `The random source gave ${bytes.length} bytes for ${count}.`);
}
