/**
 * Re-bases poses. A robot's map often has its origin at a surveyed or geographic point, and a pose
 * in it joins two recordings of one home. The policy decides:
 *
 *   drop     sensor axes; the tile keeps no position at all (its lowest cell becomes the origin)
 *   session  T = S . inverse(first pose of the session) . pose, S a secret offset and yaw
 *   map      T = S . translate(-first position of the session) . pose: floors stay level
 *   keep     T = pose
 *
 * Poses are f64 (a map origin may be 500 km away); only the resulting matrix is f32.
 */
import {
  E_ARG,
  E_STATE,
  FRAME_HAS_POSE,
  FRAME_POSE,
  FRAME_SESSION_OFFSET,
  POLICY_POSE,
  POSE_DROP,
  POSE_KEEP,
  POSE_MAP,
  POSE_SESSION,
} from "../abi.ts";
import { writeRotation } from "../frame/rotation.ts";
import { TO_MAP, TO_OUTPUT } from "../frame/transform.ts";
import { FIRST_PLACE_PTR, FRAME_IN_PTR, FRAME_PTR, MAPS, POLICY_PTR } from "../memory.ts";

/** Row-major 3x4 matrices of f64. */
const SECRET: usize = memory.data(96, 16);
const FIRST_INVERSE: usize = memory.data(96, 16);
const POSE: usize = memory.data(96, 16);
const SCRATCH: usize = memory.data(96, 16);

let sessionBegun = false;
let hasFirst = false;
let hasFirstPlace = false;
/** Sessions that were begun since the last wipe: a map holds scans of one. */
export let sessions: u32 = 0;

/** Forgets the session: the next frame with a pose is its first. Wiped with everything else. */
export function wipePose(): void {
  memory.fill(SECRET, 0, 96);
  memory.fill(FIRST_INVERSE, 0, 96);
  memory.fill(POSE, 0, 96);
  memory.fill(SCRATCH, 0, 96);
  memory.fill(TO_MAP, 0, 48);
  memory.fill(TO_OUTPUT, 0, 48);
  sessionBegun = false;
  hasFirst = false;
  if (MAPS) {
    memory.fill(FIRST_PLACE_PTR, 0, 24);
    hasFirstPlace = false;
    sessions = 0;
  }
}

/** Starts a session with the secret offset and direction of the FRAME struct; E_ARG if not finite. */
export function beginSession(): i32 {
  const at = FRAME_IN_PTR + FRAME_SESSION_OFFSET;
  let u = load<f64>(at, 24);
  let v = load<f64>(at, 32);
  for (let k: u32 = 0; k < 40; k += 8) {
    const value = load<f64>(at + k);
    if (value - value != 0 || abs<f64>(value) > 1e9) return E_ARG;
  }
  const norm = sqrt<f64>(u * u + v * v);
  if (norm > 0) {
    u /= norm;
    v /= norm;
  } else {
    u = 1;
  }
  setIdentity(SECRET);
  store<f64>(SECRET, u);
  store<f64>(SECRET, -v, 8);
  store<f64>(SECRET, v, 32);
  store<f64>(SECRET, u, 40);
  placeAt(SECRET, at);
  memory.fill(at, 0, 40);
  sessionBegun = true;
  hasFirst = false;
  if (MAPS) {
    hasFirstPlace = false;
    sessions++;
  }
  return 0;
}

function setIdentity(m: usize): void {
  memory.fill(m, 0, 96);
  store<f64>(m, 1);
  store<f64>(m, 1, 40);
  store<f64>(m, 1, 80);
}

/** Reads the pose of the frame into POSE; E_ARG if it is not finite or its quaternion is zero. */
function readPose(): i32 {
  const at = FRAME_PTR + FRAME_POSE;
  for (let k: u32 = 0; k < 56; k += 8) {
    const value = load<f64>(at + k);
    if (value - value != 0 || abs<f64>(value) > 1e9) return E_ARG;
  }
  if (!writeRotation<f64>(POSE, at + 24, 8, 32)) return E_ARG;
  placeAt(POSE, at);
  return 0;
}

/** Takes the three numbers at `from` for the translation of `m`. */
function placeAt(m: usize, from: u32): void {
  for (let k: u32 = 0; k < 24; k += 8) store<f64>(m + 4 * k, load<f64>(from + k), 24);
}

/** to = a . b */
function multiply(to: usize, a: usize, b: usize): void {
  for (let r: u32 = 0; r < 96; r += 32) {
    const a0 = load<f64>(a + r);
    const a1 = load<f64>(a + r, 8);
    const a2 = load<f64>(a + r, 16);
    for (let c: u32 = 0; c < 32; c += 8) {
      const sum = a0 * load<f64>(b + c) + a1 * load<f64>(b + c, 32) + a2 * load<f64>(b + c, 64);
      store<f64>(to + r + c, c == 24 ? sum + load<f64>(a + r, 24) : sum);
    }
  }
}

/** to = inverse of the rigid m: transposed rotation, turned and negated translation. */
function invert(to: usize, m: usize): void {
  const tx = load<f64>(m, 24);
  const ty = load<f64>(m, 56);
  const tz = load<f64>(m, 88);
  for (let r: u32 = 0; r < 3; r++) {
    const a = load<f64>(m + r * 8);
    const b = load<f64>(m + r * 8, 32);
    const c = load<f64>(m + r * 8, 64);
    store<f64>(to + r * 32, a);
    store<f64>(to + r * 32, b, 8);
    store<f64>(to + r * 32, c, 16);
    store<f64>(to + r * 32, -(a * tx + b * ty + c * tz), 24);
  }
}

function demote(to: usize, from: usize): void {
  for (let k: u32 = 0; k < 12; k++) store<f32>(to + k * 4, <f32>load<f64>(from + k * 8));
}

/** Moves POSE by the session's first position, which it is if there was none. */
function leaveFirstPlace(): void {
  for (let k: u32 = 0; k < 3; k++) {
    const at = POSE + k * 32;
    const first = FIRST_PLACE_PTR + k * 8;
    if (!hasFirstPlace) store<f64>(first, load<f64>(at, 24));
    store<f64>(at, load<f64>(at, 24) - load<f64>(first), 24);
  }
  hasFirstPlace = true;
}

/**
 * Prepares TO_MAP and TO_OUTPUT for this frame.
 * @returns 1 if the output frame is one that outlives the frame (its origin goes into the tile),
 *   0 if positions are dropped, E_ARG for a pose that is none, E_STATE if no session was begun
 */
export function preparePose(): i32 {
  const mode = load<u32>(POLICY_PTR, POLICY_POSE);
  if (mode > <u32>(MAPS ? POSE_MAP : POSE_KEEP)) return E_ARG;
  if (load<u32>(FRAME_PTR, FRAME_HAS_POSE) == 0) return MAPS && mode == POSE_MAP ? E_ARG : 0;
  if (readPose() < 0) return E_ARG;
  demote(TO_MAP, POSE);
  if (mode == POSE_DROP) return 0;
  if (mode == POSE_SESSION) {
    if (!sessionBegun) return E_STATE;
    if (!hasFirst) {
      invert(FIRST_INVERSE, POSE);
      hasFirst = true;
    }
    multiply(SCRATCH, FIRST_INVERSE, POSE);
    multiply(POSE, SECRET, SCRATCH);
  } else if (MAPS && mode == POSE_MAP) {
    if (!sessionBegun) return E_STATE;
    leaveFirstPlace();
    memory.copy(SCRATCH, POSE, 96);
    multiply(POSE, SECRET, SCRATCH);
  }
  demote(TO_OUTPUT, POSE);
  return 1;
}
