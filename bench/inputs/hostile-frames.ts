/**
 * Frames made to hurt the core's table: 131,072 points that each open an entry of their own, and under
 * the hash without a seed all homes lie in 2,100 of the 262,144 slots. Their order is shuffled, so that
 * no cache helps. Whoever knows the source can place points like this.
 *
 * Hash and keys are those of the core, repeated here; knownKeys() looks whether they still are.
 */
import { existsSync, readFileSync } from "node:fs";
import type { Frame } from "../../host/core/frame.ts";
import { frameOf } from "./frames.ts";
import { uniform } from "./random.ts";

/** 2^64 / golden ratio, as two words. */
const GOLDEN_LOW = 0x7f4a7c15;
const GOLDEN_HIGH = 0x9e3779b9;
/** Cells are counted from here. */
const BIAS = 2 ** 20;
/** Leading bits of a hash that count as a home here; a larger table splits it, which helps little. */
const HOME_BITS = 18;
export const HOSTILE_POINTS = 131_072;
/** Edge of the small cube in entries: all of it is searched. */
const CUBE = 256;
const CUBE_ENTRIES = CUBE ** 3;

/** What an entry of the table is: a cube of `edge` cells, and where its axes stand in the key. */
interface Keys {
  readonly file: string;
  readonly edge: number;
  readonly x: number;
  readonly y: number;
  readonly z: number;
  readonly evidence: readonly RegExp[];
}

const HASH = [
  /GOLDEN: u64 = 0x9e3779b97f4a7c15;/,
  /IN_GROUP: u64 = \(3 << BRICK_X\) \| \(1 << BRICK_Y\) \| \(1 << BRICK_Z\);/,
  /first = \(key & ~IN_GROUP\) \* \w+;/,
  /\(\(first \^ \(first >> 32\)\) \* \w+\) >> \w+/,
  /return hash \^ \(x \| y \| z\);/,
];

/** Bricks of 4 x 4 x 4 cells. */
const KEYS: readonly Keys[] = [
  { file: "bricks.ts", edge: 4, x: 6, y: 25, z: 44, evidence: [...HASH, /~IN_BRICK/] },
];

/** The keys that the core has; throws if it hashes in another way, which would make this harmless. */
function knownKeys(): Keys {
  for (const keys of KEYS) {
    const path = new URL(`../../assembly/voxel/${keys.file}`, import.meta.url);
    if (!existsSync(path)) continue;
    const source = readFileSync(path, "utf8");
    if (keys.evidence.every((line) => line.test(source))) return keys;
  }
  throw new Error("The core hashes in another way: renew bench/inputs/hostile-frames.ts.");
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

/** What tells the entries of a group apart, in the two words of a key. */
const IN_GROUP_LOW = (3 << 6) | (1 << 25);
const IN_GROUP_HIGH = 1 << 12;

/** Leading bits of the hash of a key's group, turned by the place in it. */
function homeOf(low: number, high: number): number {
  const groupLow = low & ~IN_GROUP_LOW;
  const firstLow = Math.imul(groupLow, GOLDEN_LOW);
  const firstHigh = timesGolden(groupLow, high & ~IN_GROUP_HIGH);
  const hash = timesGolden(firstLow ^ firstHigh, firstHigh) >>> (32 - HOME_BITS);
  return hash ^ ((low >>> 6) & 3) ^ ((low >>> 23) & 4) ^ ((high >>> 9) & 8);
}

/** The same in plain numbers of 64 bits, to check the words above. */
function plainHomeOf(key: bigint): number {
  const golden = (BigInt(GOLDEN_HIGH) << 32n) | BigInt(GOLDEN_LOW);
  const inGroup = (3n << 6n) | (1n << 25n) | (1n << 44n);
  const first = BigInt.asUintN(64, (key & ~inGroup) * golden);
  const hash = BigInt.asUintN(64, (first ^ (first >> 32n)) * golden);
  const place = ((key >> 6n) & 3n) | ((key >> 23n) & 4n) | ((key >> 41n) & 8n);
  return Number((hash >> BigInt(64 - HOME_BITS)) ^ place);
}

function verifyHash(): void {
  const next = uniform(3);
  for (let i = 0; i < 1000; i++) {
    const low = (next() * 2 ** 32) | 0;
    const high = (next() * 2 ** 31) | 0;
    const key = (BigInt(high) << 32n) | BigInt.asUintN(32, BigInt(low));
    if (homeOf(low, high) !== plainHomeOf(key)) throw new Error("the bench hashes wrongly");
  }
}

/** Writes entry number `i` of some order to `to`, in entries from the lowest possible one. */
type Candidates = (i: number, to: Int32Array) => void;

/** All entries of a small cube in the middle, shuffled. */
function cubeOf(middle: number): Candidates {
  const low = middle - CUBE / 2;
  return (i, to) => {
    // An odd factor modulo a power of two meets every number once.
    const at = Math.imul(i, 0x9e3779b1) & (CUBE_ENTRIES - 1);
    to[0] = low + (at & (CUBE - 1));
    to[1] = low + ((at >> 8) & (CUBE - 1));
    to[2] = low + (at >> 16);
  };
}

/** Random entries of a cube. */
function randomIn(middle: number, edge: number, seed: number): Candidates {
  const next = uniform(seed);
  return (_, to) => {
    for (let axis = 0; axis < 3; axis++) to[axis] = middle - edge / 2 + Math.floor(next() * edge);
  };
}

/**
 * Entries that collide: for each of `frames` frames (a power of two) those whose homes lie at the start
 * of its part of the table.
 */
function colliding(keys: Keys, frames: number, candidates: Candidates): Int32Array[] {
  const partBits = HOME_BITS - Math.log2(frames);
  const within = 2 ** partBits - 1;
  const width = (1.04 * HOSTILE_POINTS * 2 ** HOME_BITS) / CUBE_ENTRIES;
  const found = Array.from({ length: frames }, () => new Int32Array(3 * HOSTILE_POINTS));
  const sizes = new Uint32Array(frames);
  const at = new Int32Array(3);
  for (let i = 0; i < CUBE_ENTRIES; i++) {
    candidates(i, at);
    const [x, y, z] = [at[0]!, at[1]!, at[2]!];
    const low = (x << keys.x) | (y << keys.y);
    const home = homeOf(low, (y >>> (32 - keys.y)) | (z << (keys.z - 32)));
    const frame = home >> partBits;
    if ((home & within) >= width || sizes[frame] === HOSTILE_POINTS) continue;
    found[frame]!.set(at, 3 * sizes[frame]!++);
  }
  if (sizes.some((size) => size !== HOSTILE_POINTS)) throw new Error("too few cells that collide");
  return found;
}

function scattered(candidates: Candidates): Int32Array {
  const entries = new Int32Array(3 * HOSTILE_POINTS);
  for (let at = 0; at < entries.length; at += 3) candidates(0, entries.subarray(at, at + 3));
  return entries;
}

/** A point in the middle of one cell of each entry. */
function pointsIn(entries: Int32Array, keys: Keys, leaf: number): Frame {
  const edge = Math.fround(leaf);
  return frameOf(Float32Array.from(entries, (at) => (at * keys.edge - BIAS + 0.5) * edge));
}

export interface HostileFrames {
  readonly name: string;
  /** Made to collide; the others are there to compare with. */
  readonly attack: boolean;
  readonly variants: readonly Frame[];
}

/** The attacks and what to compare them with, `frames` frames of each. */
export function hostileFrames(leaf: number, frames: number): HostileFrames[] {
  verifyHash();
  const keys = knownKeys();
  const middle = BIAS / keys.edge;
  const near = colliding(keys, frames, cubeOf(middle));
  const twice = near.map((entries) => {
    const half = entries.subarray(0, entries.length / 2);
    return Int32Array.from(entries, (_, i) => half[i % half.length]!);
  });
  const far = colliding(keys, frames, randomIn(middle, 2 * middle, 600));
  const control = (edge: number, seed: number) =>
    Array.from({ length: frames }, (_, i) => scattered(randomIn(middle, edge, seed + i)));
  const metres = Math.round(CUBE * keys.edge * leaf);
  const sets: [string, boolean, Int32Array[]][] = [
    [`scattered in ${metres} m`, false, control(CUBE, 500)],
    [`colliding in ${metres} m`, true, near],
    [`colliding in ${metres} m, each twice`, true, twice],
    ["scattered in 100 km", false, control(2 * middle, 700)],
    ["colliding in 100 km", true, far],
  ];
  return sets.map(([name, attack, entries]) => ({
    name,
    attack,
    variants: entries.map((set) => pointsIn(set, keys, leaf)),
  }));
}
