/** Who is at home while the robot drives, and what they do. */
import { petBody, seatedBody, uprightBody } from "./bodies.ts";
import { Ground, type Place } from "./ground.ts";
import { type Home, type PlacedSeat, solidsOf } from "./home.ts";
import { between, pick, type Uniform } from "./random.ts";
import type { Capsule } from "./solids.ts";
import { type Gait, type Posture, Way } from "./way.ts";

/**
 * walker: goes from room to room, hardly ever stops. pauser: stops for 4 to 15 s wherever it comes.
 * child: small, quick, restless. leaver: sits for a part of the run, then walks. pet: low, in spurts.
 * sitter, stander: never move at all.
 */
export const PERSON_KINDS = [
  "walker",
  "pauser",
  "child",
  "leaver",
  "pet",
  "sitter",
  "stander",
] as const;
export type PersonKind = (typeof PERSON_KINDS)[number];

export interface Person {
  /** 1 and up, as in the labels. */
  readonly id: number;
  readonly kind: PersonKind;
  readonly heightM: number;
  /** The body at a time; it steps aside from what is at `robot`. */
  bodyAt(seconds: number, robot: Place): readonly Capsule[];
}

/** Nobody comes closer to the middle of the robot than this. */
const ROBOT_CLEAR_M = 0.5;

interface Habit {
  readonly heightM: readonly [number, number];
  readonly speedMps: readonly [number, number];
  readonly pauseS: readonly [number, number];
}

const ADULT_M = [1.5, 1.95] as const;
const HABITS: Readonly<Record<PersonKind, Habit>> = {
  walker: { heightM: ADULT_M, speedMps: [0.7, 1.3], pauseS: [0, 2] },
  pauser: { heightM: ADULT_M, speedMps: [0.6, 1.1], pauseS: [4, 15] },
  child: { heightM: [0.85, 1.25], speedMps: [0.8, 1.8], pauseS: [0, 4] },
  leaver: { heightM: ADULT_M, speedMps: [0.6, 1.1], pauseS: [0, 4] },
  pet: { heightM: [0.25, 0.55], speedMps: [0.8, 2], pauseS: [1, 10] },
  sitter: { heightM: ADULT_M, speedMps: [0, 0], pauseS: [0, 0] },
  stander: { heightM: ADULT_M, speedMps: [0, 0], pauseS: [0, 0] },
};

/** Places that people can get to. */
class Floor {
  readonly ground: Ground;
  readonly #places: readonly (readonly Place[])[];

  constructor(home: Home) {
    this.ground = new Ground(home.area, 0.22, 1.9);
    this.ground.block(solidsOf(home));
    const { x0, y0, x1, y1 } = home.doorways[0]!.ground;
    const reached = this.ground.reachable({ x: (x0 + x1) / 2, y: (y0 + y1) / 2 });
    this.#places = home.rooms
      .map((room) => this.ground.placesIn(room, reached))
      .filter((places) => places.length > 0);
  }

  /** Somewhere in a room by chance; rooms count alike, the small ones too. */
  somewhere(next: Uniform): Place {
    return pick(next, pick(next, this.#places));
  }

  nearest({ x, y }: Place): Place {
    const distance = (place: Place) => Math.hypot(place.x - x, place.y - y);
    return this.#places.flat().reduce((a, b) => (distance(b) < distance(a) ? b : a));
  }
}

/** Goes about until the run is over. */
function roam(next: Uniform, floor: Floor, way: Way, habit: Habit, untilS: number): void {
  while (way.endS < untilS) {
    const gait: Gait = { speedMps: between(next, ...habit.speedMps), turnRadps: 4 };
    way.go(floor.ground, floor.somewhere(next), gait);
    way.pause(Math.max(0.1, between(next, ...habit.pauseS)));
  }
}

/** Moved away from the robot as far as it takes. */
function asideOf(posture: Posture, robot: Place): Posture {
  const [dx, dy] = [posture.x - robot.x, posture.y - robot.y];
  const distance = Math.hypot(dx, dy);
  if (distance >= ROBOT_CLEAR_M) return posture;
  const push = distance === 0 ? 0 : ROBOT_CLEAR_M / distance - 1;
  return { ...posture, x: posture.x + push * dx, y: posture.y + push * dy };
}

function upright(id: number, kind: PersonKind, heightM: number, way: Way): Person {
  const make = kind === "pet" ? petBody : uprightBody;
  return {
    id,
    kind,
    heightM,
    bodyAt: (seconds, robot) => make(asideOf(way.at(seconds), robot), heightM),
  };
}

/** Sits until `leavesS`, then walks as `way` has it from there. */
function seated(
  id: number,
  kind: PersonKind,
  heightM: number,
  seat: PlacedSeat,
  leave?: { readonly atS: number; readonly way: Way },
): Person {
  const still: Posture = { x: seat.x, y: seat.y, yaw: seat.yaw, goneM: 0, speed: 0 };
  const sitting = seatedBody(still, heightM, seat.seatM);
  return {
    id,
    kind,
    heightM,
    bodyAt: (seconds, robot) =>
      leave === undefined || seconds < leave.atS
        ? sitting
        : uprightBody(asideOf(leave.way.at(seconds - leave.atS), robot), heightM),
  };
}

function makePerson(
  next: Uniform,
  floor: Floor,
  seats: PlacedSeat[],
  id: number,
  kind: PersonKind,
  durationS: number,
): Person {
  const habit = HABITS[kind];
  const heightM = between(next, ...habit.heightM);
  const wantsSeat = kind === "leaver" || kind === "sitter";
  const seat = wantsSeat ? seats.splice(Math.floor(next() * seats.length), 1)[0] : undefined;
  if (seat !== undefined && kind === "sitter") return seated(id, kind, heightM, seat);
  const start = seat === undefined ? floor.somewhere(next) : floor.nearest(seat);
  const way = new Way(start, between(next, -Math.PI, Math.PI));
  if (kind === "stander" || kind === "sitter") return upright(id, "stander", heightM, way);
  const stillS = kind === "leaver" ? between(next, 0.25, 0.6) * durationS : 0;
  if (seat !== undefined) {
    roam(next, floor, way, habit, durationS - stillS);
    return seated(id, kind, heightM, seat, { atS: stillS, way });
  }
  // A home without a free seat: whoever would have sat stands for as long.
  way.pause(stillS);
  roam(next, floor, way, habit, durationS);
  return upright(id, kind, heightM, way);
}

/**
 * The people of a run: always a walker, and by chance up to two more adults, a child and a pet. With
 * `still` there is one more who never moves.
 */
export function castPeople(
  next: Uniform,
  home: Home,
  durationS: number,
  still: boolean,
): readonly Person[] {
  const kinds: PersonKind[] = ["walker"];
  if (next() < 0.7) kinds.push(pick(next, ["pauser", "leaver"] as const));
  if (next() < 0.4) kinds.push(pick(next, ["walker", "pauser", "leaver"] as const));
  if (next() < 0.4) kinds.push("child");
  if (next() < 0.4) kinds.push("pet");
  if (still) kinds.push(pick(next, ["sitter", "stander"] as const));
  const floor = new Floor(home);
  const seats = [...home.seats];
  return kinds.map((kind, i) => makePerson(next, floor, seats, i + 1, kind, durationS));
}
