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

interface StampedRow {
  /** Nanoseconds after the first pose that was added: exact in a double for 104 days. */
  readonly atNs: number;
  readonly pose: Pose;
}

export class PoseTrack {
  #rows: StampedRow[] = [];
  #baseNs = 0n;
  #sorted = true;

  get count(): number {
    return this.#rows.length;
  }

  /** Adds one pose; they may come in any order. The caller bounds their number by POSES_MAX. */
  add(stampNs: bigint, pose: Pose): void {
    if (this.#rows.length === 0) this.#baseNs = stampNs;
    const atNs = Number(stampNs - this.#baseNs);
    this.#sorted &&= atNs >= (this.#rows.at(-1)?.atNs ?? atNs);
    this.#rows.push({ atNs, pose });
  }

  /**
   * The pose at `stampNs`: interpolated between the one before and the one after, or the nearest
   * one up to a second away; undefined where the track says nothing of that moment.
   */
  at(stampNs: bigint): Pose | undefined {
    if (!this.#sorted) this.#rows.sort((a, b) => a.atNs - b.atNs);
    this.#sorted = true;
    const atNs = Number(stampNs - this.#baseNs);
    const next = this.#firstAfter(atNs);
    const [before, after] = [this.#rows[next - 1], this.#rows[next]];
    if (before && after && spans(before, after)) {
      return poseBetween(
        before.pose,
        after.pose,
        (atNs - before.atNs) / (after.atNs - before.atNs),
      );
    }
    const age = (row: StampedRow | undefined) =>
      row === undefined ? Number.POSITIVE_INFINITY : Math.abs(row.atNs - atNs);
    const nearest = age(before) <= age(after) ? before : after;
    return age(nearest) <= AGE_NS_MAX ? nearest?.pose : undefined;
  }

  /** Index of the first pose whose stamp is above `atNs`. */
  #firstAfter(atNs: number): number {
    let low = 0;
    for (let high = this.#rows.length; low < high; ) {
      const middle = (low + high) >> 1;
      if (this.#rows[middle]!.atNs > atNs) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}

function spans(before: StampedRow, after: StampedRow): boolean {
  if (after.atNs - before.atNs <= GAP_NS_MAX) return true;
  const [a, b] = [before.pose, after.pose];
  const way = Math.hypot(...a.translation.map((t, i) => t - b.translation[i]!));
  return way <= STANDING_M && angleBetween(a, b) <= STANDING_RAD;
}
