/** Deterministic randomness and error capture for the key tests. */
import { createHash } from "node:crypto";
import type { MapveilError } from "../../host/core/errors.ts";
import type { RandomBytes } from "../../host/keys/index.ts";

/** The same bytes at every run; every array that was given out is remembered. */
export function seededRandom(seed: string): RandomBytes & { given: Uint8Array[] } {
  let calls = 0;
  const given: Uint8Array[] = [];
  const random = (count: number): Uint8Array => {
    const bytes = new Uint8Array(
      createHash("sha512").update(`${seed} ${calls++}`).digest().subarray(0, count),
    );
    given.push(bytes);
    return bytes;
  };
  return Object.assign(random, { given });
}

export const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

/** The error that `run` throws or rejects with. */
export async function errorOf(run: () => unknown): Promise<MapveilError> {
  try {
    await run();
  } catch (error) {
    return error as MapveilError;
  }
  throw new Error("nothing was thrown");
}
