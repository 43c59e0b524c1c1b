/** Poses of a recording by their stamps, and the pose of any moment between them. */
import type { Pose } from "../core/frame.ts";
import { angleBetween, poseBetween } from "./rotation.ts";

/** 50 poses a second for eleven hours; 64 bytes each. */
export const POSES_MAX = 1 << 21;

/** Between two poses that stand this far apart in time the robot is taken to move evenly. */
const GAP_NS_MAX = 2_000_000_000;
/** A pose further away from the moment than this says nothing about it. */
const AGE_NS_MAX = 1_000_000_000;
/**
 * Localisers such as AMCL write a pose only after so much of a way: poses that are closer than this
 * are interpolated over any time, for the robot did not leave their neighbourhood.
 */
const STANDING_M = 0.3;
const STANDING_RAD = 0.3;

/** A row: stamp, place, turn. */
const ROW = 8;

export class PoseTrack {
  /** Stamps are nanoseconds after the first pose that was added: exact in a double for 104 days. */
  #rows = new Float64Array(64 * ROW);
  #count = 0;
  #baseNs = 0n;
  #sorted = true;

  get count(): number {
    return this.#count;
  }

  /** Adds one pose; they may come in any order. The caller bounds their number by POSES_MAX. */
  add(stampNs: bigint, { translation, quaternion }: Pose): void {
    if (this.#count === 0) this.#baseNs = stampNs;
    if (this.#rows.length < (this.#count + 1) * ROW) {
      const larger = new Float64Array(this.#rows.length * 2);
      larger.set(this.#rows);
      this.#rows = larger;
    }
    const atNs = Number(stampNs - this.#baseNs);
    this.#sorted &&= this.#count === 0 || atNs >= this.#stampOf(this.#count - 1);
    this.#rows.set([atNs, ...translation, ...quaternion], this.#count * ROW);
    this.#count++;
  }

  /**
   * The pose at `stampNs`: interpolated between the one before and the one after, or the nearest
   * one up to a second away; undefined where the track says nothing of that moment.
   */
  at(stampNs: bigint): Pose | undefined {
    if (!this.#sorted) this.#sort();
    const atNs = Number(stampNs - this.#baseNs);
    const after = this.#firstAfter(atNs);
    const before = after - 1;
    if (before >= 0 && after < this.#count) {
      const [from, to] = [this.#poseOf(before), this.#poseOf(after)];
      const gapNs = this.#stampOf(after) - this.#stampOf(before);
      if (gapNs <= GAP_NS_MAX || areNear(from, to)) {
        return poseBetween(from, to, (atNs - this.#stampOf(before)) / gapNs);
      }
    }
    const nearest = this.#ageOf(before, atNs) <= this.#ageOf(after, atNs) ? before : after;
    return this.#ageOf(nearest, atNs) <= AGE_NS_MAX ? this.#poseOf(nearest) : undefined;
  }

  /** Index of the first pose whose stamp is above `atNs`. */
  #firstAfter(atNs: number): number {
    let low = 0;
    for (let high = this.#count; low < high; ) {
      const middle = (low + high) >> 1;
      if (this.#stampOf(middle) > atNs) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  #stampOf(index: number): number {
    return this.#rows[index * ROW]!;
  }

  #ageOf(index: number, atNs: number): number {
    const isThere = index >= 0 && index < this.#count;
    return isThere ? Math.abs(this.#stampOf(index) - atNs) : Number.POSITIVE_INFINITY;
  }

  #poseOf(index: number): Pose {
    const [tx, ty, tz, x, y, z, w] = this.#rows.subarray(index * ROW + 1, (index + 1) * ROW);
    return { translation: [tx!, ty!, tz!], quaternion: [x!, y!, z!, w!] };
  }

  /** Poses of one stamp stay in the order in which they came: the last one counts. */
  #sort(): void {
    const order = Uint32Array.from({ length: this.#count }, (_, i) => i);
    order.sort((a, b) => this.#stampOf(a) - this.#stampOf(b) || a - b);
    const sorted = new Float64Array(this.#rows.length);
    for (const [to, from] of order.entries()) {
      sorted.set(this.#rows.subarray(from * ROW, (from + 1) * ROW), to * ROW);
    }
    this.#rows = sorted;
    this.#sorted = true;
  }
}

/** True if a robot that was at both did not leave the neighbourhood in between. */
function areNear(a: Pose, b: Pose): boolean {
  const way = Math.hypot(...a.translation.map((t, i) => t - b.translation[i]!));
  return way <= STANDING_M && angleBetween(a, b) <= STANDING_RAD;
}
