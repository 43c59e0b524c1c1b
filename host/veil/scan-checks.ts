/**
 * Whether a scan may be put into a map: a map is right only if every scan has a place and a time that
 * go on from those of the scan before. One that does not is refused by its number, and nothing of it is
 * taken; the map goes on with the next that fits.
 */
import { MapveilError } from "../core/errors.ts";
import type { Frame, Pose } from "../core/frame.ts";

/** A robot of a home moves slower than this; a shorter way than JUMP_M may be noise of its pose. */
const SPEED_MAX_MPS = 5;
const JUMP_M = 0.5;
/** Longest way and time that an error tells. */
const FAR_M = 1000;
const HOUR_S = 3600;
/** And turns slower than this; less than JUMP_DEG may be noise. */
const TURN_MAX_DEG_PER_S = 360;
const JUMP_DEG = 45;

/** Numbers of a pose that the core takes; beyond it is no place on Earth. */
const PLACE_MAX = 1e9;

/** Times end here, in the year 2262: with any hold-back they still fit 64 bits. */
const STAMP_END_NS = 2n ** 63n;

/** The map's own place: that of a sensor whose frame is the map. */
const ORIGIN: Pose = { translation: [0, 0, 0], quaternion: [0, 0, 0, 1] };
const DEG_PER_RAD = 180 / Math.PI;

export interface ScanSource {
  /** Frames without a pose are in the map's frame already, measured from its origin. */
  readonly inMapFrame: boolean;
  /** Nanoseconds from one frame to the next, for sources that give their frames no time. */
  readonly periodNs: bigint | undefined;
}

interface Place {
  readonly pose: Pose;
  readonly stampNs: bigint;
}

/** A scan with the place and time that it is taken under. */
export type PlacedFrame = Frame & Place;

function refused(reason: string, field: string, message: string): MapveilError {
  return new MapveilError("REFUSED", message, { field, reason });
}

/** Angle between two orientations, degrees. */
function turnDeg(a: Pose["quaternion"], b: Pose["quaternion"]): number {
  const dot = a.reduce((sum, component, i) => sum + component * b[i]!, 0);
  const cosine = Math.abs(dot) / (Math.hypot(...a) * Math.hypot(...b));
  return 2 * Math.acos(Math.min(1, cosine)) * DEG_PER_RAD;
}

export class ScanChecks {
  readonly #source: ScanSource;
  #offered = 0;
  #last: Place | undefined;

  constructor(source: ScanSource) {
    this.#source = source;
  }

  /**
   * The scan with its place and time, held against the last one that was taken.
   * @throws MapveilError, by number, counted from 1 in the order in which scans are offered:
   *   REFUSED with reason POSE_MISSING, STAMP_MISSING, TIME_BACKWARDS (or time that stands still),
   *   POSE_JUMP (faster than 5 m/s and by more than 0.5 m, or than 360 degrees/s and by more than 45);
   *   BAD_INPUT with reason POSE_INVALID or STAMP_INVALID
   */
  place(frame: Frame): PlacedFrame {
    this.#offered++;
    const name = `scan ${this.#offered}`;
    const placed = { ...frame, pose: this.#pose(frame, name), stampNs: this.#stamp(frame, name) };
    const last = this.#last;
    if (last !== undefined) {
      const seconds = this.#secondsSince(last, placed, name);
      assertNoJump(last.pose, placed.pose, seconds, name);
    }
    return placed;
  }

  /** The scan is in the map: the next one is held against it. */
  taken({ pose, stampNs }: PlacedFrame): void {
    this.#last = { pose, stampNs };
  }

  #pose({ pose }: Frame, name: string): Pose {
    if (pose === undefined) {
      if (this.#source.inMapFrame) return ORIGIN;
      throw refused(
        "POSE_MISSING",
        "pose",
        `${name}: it has no pose, so its place in the map is not known. Give every frame of a map ` +
          "its pose, or say that its points are in the map's frame already.",
      );
    }
    const { translation, quaternion } = pose;
    const isNumber = [...translation, ...quaternion].every((value) => Math.abs(value) <= PLACE_MAX);
    if (isNumber && Math.hypot(...quaternion) > 0) return pose;
    throw new MapveilError(
      "BAD_INPUT",
      `${name}: its pose must be numbers of at most 1e9, and its quaternion not all zero.`,
      { field: "pose", reason: "POSE_INVALID" },
    );
  }

  #stamp({ stampNs }: Frame, name: string): bigint {
    if (stampNs !== undefined && stampNs >= 0n && stampNs < STAMP_END_NS) return stampNs;
    if (stampNs !== undefined) {
      throw new MapveilError(
        "BAD_INPUT",
        `${name}: its capture time in ns must be from 0 to ${STAMP_END_NS - 1n}.`,
        { field: "stampNs", reason: "STAMP_INVALID" },
      );
    }
    const { periodNs } = this.#source;
    if (periodNs !== undefined) return (this.#last?.stampNs ?? 0n) + periodNs;
    throw refused(
      "STAMP_MISSING",
      "stampNs",
      `${name}: it has no capture time, so a map cannot tell how old it is. Give every frame of a ` +
        "map its time, or the time from one frame to the next.",
    );
  }

  #secondsSince(last: Place, { stampNs }: Place, name: string): number {
    const seconds = Number(stampNs - last.stampNs) / 1e9;
    if (seconds > 0) return seconds;
    const what = seconds === 0 ? "stands still" : `goes back by ${upTo(-seconds, HOUR_S)} s`;
    throw refused(
      "TIME_BACKWARDS",
      "stampNs",
      `${name}: its time ${what} after the last scan of the map. Put scans in the order of their ` +
        "capture times; if the clock was set, begin another map.",
    );
  }
}

/** A difference as an error shows it: one of any size would tell the time or the place itself. */
function upTo(difference: number, most: number): string {
  return difference > most ? `more than ${most}` : `${Number(difference.toFixed(2))}`;
}

/** Throws POSE_JUMP where the sensor went or turned faster than a robot of a home can. */
function assertNoJump(from: Pose, to: Pose, seconds: number, name: string): void {
  const distance = Math.hypot(...to.translation.map((value, i) => value - from.translation[i]!));
  const turn = turnDeg(from.quaternion, to.quaternion);
  const isFar = distance > JUMP_M && distance > SPEED_MAX_MPS * seconds;
  const isTurned = turn > JUMP_DEG && turn > TURN_MAX_DEG_PER_S * seconds;
  if (!isFar && !isTurned) return;
  const what = isFar
    ? `by ${upTo(distance, FAR_M)} m in ${upTo(seconds, HOUR_S)} s, at most ${SPEED_MAX_MPS} m/s are possible`
    : `by ${turn.toFixed(0)} degrees in ${upTo(seconds, HOUR_S)} s, at most ${TURN_MAX_DEG_PER_S} a second are possible`;
  throw refused(
    "POSE_JUMP",
    "pose",
    `${name}: its pose jumps ${what}, so it would blur the map. If the robot was carried or found ` +
      "its place anew, begin another map.",
  );
}
