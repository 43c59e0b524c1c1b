/**
 * Frames made to hurt the core's voxel table: every point opens a cell whose home slot, under the hash
 * without a seed, is among 2,000 of 262,144 in a row, or is one and the same. Whoever knows the source
 * can place points like this.
 *
 * The hash is that of assembly/voxel/list.ts, repeated here; hashIsKnown() looks whether it still is.
 */
import { readFileSync } from "node:fs";
import type { Frame } from "../host/core/frame.ts";
import { frameOf } from "./frames.ts";
import { uniform } from "./random.ts";

/** 2^64 / golden ratio, as two words. */
const GOLDEN_LOW = 0x7f4a7c15;
const GOLDEN_HIGH = 0x9e3779b9;
const BIAS = 2 ** 20;
/** Leading bits of a hash that count as a home here; tables of more slots split it, which helps little. */
const HOME_BITS = 18;
/** Leading bits that all cells of farCells share: one home in any table of up to 2^24 slots. */
const SHARED_BITS = 24;
export const HOSTILE_POINTS = 131_072;
/** Edge in cells of the cube that is searched: 12.8 m at 5 cm. */
const CUBE = 256;

/** Whether list.ts hashes as this file believes; else these frames would be harmless. */
export function hashIsKnown(): boolean {
  const source = readFileSync(new URL("../assembly/voxel/list.ts", import.meta.url), "utf8");
  return [
    /GOLDEN: u64 = 0x9e3779b97f4a7c15;/,
    /first = key \* \w+;/,
    /\(\(first \^ \(first >> 32\)\) \* \w+\) >> \w+/,
  ].every((line) => line.test(source));
}

/** Upper word of the 64-bit product of two unsigned words. */
function highWord(a: number, b: number): number {
  const [aLow, aHigh, bLow, bHigh] = [a & 0xffff, a >>> 16, b & 0xffff, b >>> 16];
  const cross = aHigh * bLow + ((aLow * bLow) >>> 16);
  const carry = (cross % 65536) + aLow * bHigh;
  return (aHigh * bHigh + Math.floor(cross / 65536) + Math.floor(carry / 65536)) | 0;
}

/** Upper word of key * GOLDEN, both 64 bits. */
function timesGolden(low: number, high: number): number {
  return (
    (highWord(low, GOLDEN_LOW) + Math.imul(low, GOLDEN_HIGH) + Math.imul(high, GOLDEN_LOW)) | 0
  );
}

/** Home slot of a cell in a table of 2^HOME_BITS. */
function homeOf(low: number, high: number): number {
  const firstLow = Math.imul(low, GOLDEN_LOW);
  const firstHigh = timesGolden(low, high);
  return timesGolden(firstLow ^ firstHigh, firstHigh) >>> (32 - HOME_BITS);
}

/**
 * Cells inside a cube whose home is one of `width` slots in a row, for each of `frames` places in the
 * table; as many as a frame has points, in the order of a scan. `frames` is a power of two.
 */
function nearCells(frames: number): Int32Array[] {
  const width = (1.02 * HOSTILE_POINTS * 2 ** HOME_BITS) / CUBE ** 3;
  const frameBits = Math.log2(frames);
  const within = 2 ** (HOME_BITS - frameBits) - 1;
  const found = Array.from({ length: frames }, () => new Int32Array(3 * HOSTILE_POINTS));
  const sizes = new Uint32Array(frames);
  for (let z = -CUBE / 2; z < CUBE / 2; z++) {
    for (let y = -CUBE / 2; y < CUBE / 2; y++) {
      const cy = y + BIAS;
      const high = (cy >>> 11) | ((z + BIAS) << 10);
      for (let x = -CUBE / 2; x < CUBE / 2; x++) {
        const home = homeOf((x + BIAS) | (cy << 21), high);
        if ((home & within) >= width) continue;
        const frame = home >> (HOME_BITS - frameBits);
        const at = 3 * sizes[frame]!;
        if (at === 3 * HOSTILE_POINTS) continue;
        sizes[frame]!++;
        found[frame]!.set([x, y, z], at);
      }
    }
  }
  return found.map((cells, i) => cells.subarray(0, 3 * sizes[i]!));
}

/** Inverse of an odd number modulo 2^64 (Newton). */
function inverse(odd: bigint): bigint {
  let x = odd;
  for (let i = 0; i < 6; i++) x = BigInt.asUintN(64, x * (2n - odd * x));
  return x;
}

/** Cells of one home slot, from all over the 21 bits an axis: the hash run backwards. */
function farCells(home: number, seed: number): Int32Array {
  const back = inverse((BigInt(GOLDEN_HIGH) << 32n) | BigInt(GOLDEN_LOW));
  const next = uniform(seed);
  const cells = new Int32Array(3 * HOSTILE_POINTS);
  const axis = (key: bigint, shift: bigint) => Number((key >> shift) & 0x1fffffn) - BIAS;
  for (let at = 0; at < cells.length; ) {
    const rest =
      BigInt(Math.floor(next() * 2 ** 20)) | (BigInt(Math.floor(next() * 2 ** 20)) << 20n);
    const mixed = BigInt.asUintN(64, ((BigInt(home) << BigInt(64 - SHARED_BITS)) | rest) * back);
    const key = BigInt.asUintN(64, (mixed ^ (mixed >> 32n)) * back);
    if (key >> 63n !== 0n) continue;
    cells.set([axis(key, 0n), axis(key, 21n), axis(key, 42n)], at);
    at += 3;
  }
  return cells;
}

/** A point in the middle of each cell; cell 0 0 0 of the lattice is no empty slot then. */
function pointsIn(cells: Int32Array, leaf: number): Frame {
  const edge = Math.fround(leaf);
  return frameOf(Float32Array.from(cells, (cell) => (cell + 0.5) * edge));
}

/** Cells at random places of a cube: what colliding ones cost if nothing collides. */
function scattered(edge: number, seed: number): Int32Array {
  const next = uniform(seed);
  return new Int32Array(3 * HOSTILE_POINTS).map(() => Math.floor(next() * edge) - edge / 2);
}

export interface HostileFrames {
  readonly name: string;
  /** Made to collide; the others are there to compare with. */
  readonly attack: boolean;
  readonly variants: readonly Frame[];
}

/** The attacks, `frames` frames of each. */
export function hostileFrames(leaf: number, frames: number): HostileFrames[] {
  const near = nearCells(frames);
  const half = 3 * (HOSTILE_POINTS / 2);
  const twice = near.map((cells) => {
    const first = cells.subarray(0, half);
    return Int32Array.from({ length: 2 * first.length }, (_, i) => first[i % first.length]!);
  });
  const indices = Array.from({ length: frames }, (_, i) => i);
  const home = (i: number) => 100_000 * i + 7;
  const sets: [string, boolean, Int32Array[]][] = [
    ["scattered in 13 m", false, indices.map((i) => scattered(CUBE, 500 + i))],
    ["colliding in 13 m", true, near],
    ["colliding in 13 m, each cell twice", true, twice],
    ["scattered in 100 km", false, indices.map((i) => scattered(2 * BIAS, 700 + i))],
    ["one home slot, in 100 km", true, indices.map((i) => farCells(home(i), 600 + i))],
  ];
  return sets.map(([name, attack, cells]) => ({
    name,
    attack,
    variants: cells.map((set) => pointsIn(set, leaf)),
  }));
}

/** Throws unless the hash is still this one, and it and its inverse agree. */
export function verifyHash(): void {
  if (!hashIsKnown()) throw new Error("list.ts has another hash: renew bench/hostile-frames.ts");
  const home = 1_234_567;
  const cells = farCells(home, 1);
  for (let at = 0; at < 3000; at += 3) {
    const [x, y, z] = [cells[at]!, cells[at + 1]!, cells[at + 2]!];
    const cy = y + BIAS;
    const slot = homeOf((x + BIAS) | (cy << 21), (cy >>> 11) | ((z + BIAS) << 10));
    const wanted = home >> (SHARED_BITS - HOME_BITS);
    if (slot !== wanted) throw new Error(`a cell's home is ${slot}, not ${wanted}`);
  }
}
