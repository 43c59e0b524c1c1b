/** What all tests with damaged input share: random numbers by a seed, and what readers must hold to. */
import { basename, dirname } from "node:path";
import { expect } from "vitest";
import { MapveilError } from "../../host/core/errors.ts";
import type { Frame } from "../../host/core/frame.ts";
import { openFrames, openPlan, type Plan } from "../../host/formats/index.ts";

const LIMIT_MS = 5000;

/** mulberry32: the same numbers on every machine. */
export function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** What the core relies on. */
function checkFrame(frame: Frame): void {
  const { count, layout, data } = frame;
  if (!Number.isSafeInteger(count) || count < 0) throw new Error(`count ${count}`);
  if (data.length < count * layout.pointStep) throw new Error("data too short");
  for (const field of [layout.x, layout.y, layout.z, layout.intensity, layout.ring, layout.time]) {
    if (field && field.offset >= layout.pointStep) throw new Error("field outside of the point");
    if (field && !Number.isFinite((field.scale ?? 1) + (field.bias ?? 0))) throw new Error("scale");
  }
}

/** What the way of a plan relies on. */
function checkPlan(plan: Plan): void {
  const { width, height, cellM, origin, cells, roomOf, rooms, path, noGo, dock } = plan;
  const places = [...noGo.flat(), ...(dock ? [dock] : []), origin].flatMap(({ x, y }) => [x, y]);
  if (cells.length !== width * height || cells.some((state) => state > 2)) throw new Error("cells");
  if (roomOf && roomOf.length !== cells.length) throw new Error("roomOf");
  if (roomOf?.some((number) => number > rooms.length)) throw new Error("room without a number");
  if (!(cellM > 0) || !places.every(Number.isFinite)) throw new Error("places");
  if (path && (path.length % 2 !== 0 || !path.every(Number.isFinite))) throw new Error("path");
}

/** Reads a file to its end: "read", or the code of the error, which must say `name`, and soon. */
async function outcomeOf(name: string, read: () => Promise<void>): Promise<string> {
  const start = performance.now();
  let outcome = "read";
  try {
    await read();
  } catch (error) {
    if (!(error instanceof MapveilError)) throw error;
    outcome = error.code;
    expect(error.message).toContain(name);
  }
  expect(performance.now() - start).toBeLessThan(LIMIT_MS);
  return outcome;
}

export function attemptFrames(path: string, metadataPath?: string): Promise<string> {
  return outcomeOf(basename(path), async () => {
    const source = await openFrames(path, metadataPath === undefined ? {} : { metadataPath });
    try {
      for await (const frame of source.frames()) checkFrame(frame);
    } finally {
      await source.close();
    }
  });
}

/** The fault may be in the image beside the file. */
export function attemptPlan(path: string): Promise<string> {
  return outcomeOf(dirname(path), async () => checkPlan(await openPlan(path)));
}

/** A copy with one to four bytes changed, half of them in the first kilobyte, where headers are. */
export function changedBytes(content: Uint8Array, random: () => number): Buffer {
  const copy = Buffer.from(content);
  const changes = 1 + Math.floor(random() * 4);
  for (let change = 0; change < changes; change++) {
    const reach = change % 2 === 0 ? Math.min(1024, copy.length) : copy.length;
    copy[Math.floor(random() * reach)] = Math.floor(random() * 256);
  }
  return copy;
}
