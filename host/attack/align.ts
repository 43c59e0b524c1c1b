/**
 * How well two sightings can be laid over each other: the best correlation over turns and shifts. Which
 * shifts are worth a look is told by the profiles of walls along x and along y; a look at some of the
 * cells tells which of these are worth a close one.
 */
import type { Sighting, Turn } from "./sighting.ts";

/** Shifts along each axis that are looked at for each turn. */
const SHIFTS = 4;
/** Cells of a first look, and of a close one; the place that is found is judged by all. */
const GLANCE_CELLS = 100;
const LOOK_CELLS = 150;
/** Places of the first look that are looked at closely. */
const CLOSE = 4;
const CLIMB_STEPS = 4;

interface Place {
  readonly turn: Turn;
  readonly x: number;
  readonly y: number;
  readonly score: number;
}

/** 1 for the same cells, about 0 for sightings that have nothing in common, less if they contradict. */
export function likeness(a: Sighting, b: Sighting): number {
  const best: Place[] = [];
  for (const turn of a.turns) {
    const shiftsX = bestShifts(turn.columns, b.turns[0]!.columns);
    const shiftsY = bestShifts(turn.rows, b.turns[0]!.rows);
    const every = stepFor(turn.cells, GLANCE_CELLS);
    for (const x of shiftsX) {
      for (const y of shiftsY) {
        const score = found(turn.cells, every, b, x, y);
        if (best.length === CLOSE && score <= best[CLOSE - 1]!.score) continue;
        best.push({ turn, x, y, score });
        best.sort((p, q) => q.score - p.score);
        best.length = Math.min(CLOSE, best.length);
      }
    }
  }
  const [ofA, ofB] = [a.turns[0]!.cells.length, b.turns[0]!.cells.length];
  // A part of a home should be found in it, yet say less than the whole.
  const most = Math.sqrt((ofA + ofB) * 2 * Math.min(ofA, ofB));
  const climbed = best.map((place) => look(a, b, climb(b, place)));
  const closest = climbed.reduce((p, q) => (q.score > p.score ? q : p));
  return score(a, b, closest, 1, 1) / most;
}

/** Every how many-th cell to take so that about `count` are. */
const stepFor = (cells: Int16Array, count: number) =>
  Math.max(1, Math.floor(cells.length / 2 / count));

/** Shifts of the first profile over the second where they agree best, no two beside each other. */
function bestShifts(moved: Float32Array, fixed: Float32Array): number[] {
  const first = 1 - moved.length;
  const sums = new Float32Array(moved.length + fixed.length - 1);
  for (let i = 0; i < sums.length; i++) {
    const shift = first + i;
    const end = Math.min(moved.length, fixed.length - shift);
    let sum = 0;
    for (let at = Math.max(0, -shift); at < end; at++) sum += moved[at]! * fixed[at + shift]!;
    sums[i] = sum;
  }
  const shifts: number[] = [];
  for (let n = 0; n < SHIFTS; n++) {
    let best = 0;
    for (let i = 1; i < sums.length; i++) if (sums[i]! > sums[best]!) best = i;
    shifts.push(first + best);
    sums.fill(0, Math.max(0, best - 1), best + 2);
  }
  return shifts;
}

/** The place, or a better one that is reached from it step by step. */
function climb(b: Sighting, { turn, ...from }: Place): Place {
  const { cells } = turn;
  const every = stepFor(cells, LOOK_CELLS);
  let { x, y } = from;
  let best = found(cells, every, b, x, y);
  for (let step = 0; step < CLIMB_STEPS; step++) {
    const [fromX, fromY] = [x, y];
    for (let dy = -1; dy <= 1; dy++) {
      for (let dx = -1; dx <= 1; dx++) {
        if (dx === 0 && dy === 0) continue;
        const other = found(cells, every, b, fromX + dx, fromY + dy);
        if (other <= best) continue;
        best = other;
        x = fromX + dx;
        y = fromY + dy;
      }
    }
    if (x === fromX && y === fromY) break;
  }
  return { turn, x, y, score: best };
}

/** The place with a score that takes account of both. */
function look(a: Sighting, b: Sighting, place: Place): Place {
  const everyA = stepFor(place.turn.cells, LOOK_CELLS);
  const everyB = stepFor(b.turns[0]!.cells, LOOK_CELLS);
  return { ...place, score: score(a, b, place, everyA, everyB) };
}

/** What every so many-th occupied cell of each is worth in the other, times so many. */
function score(
  a: Sighting,
  b: Sighting,
  { turn, x, y }: Place,
  everyA: number,
  everyB: number,
): number {
  return everyA * found(turn.cells, everyA, b, x, y) + everyB * foundBack(a, b, turn, x, y, everyB);
}

function found(cells: Int16Array, every: number, home: Sighting, dx: number, dy: number): number {
  const { width, height, worth, worthOutside } = home;
  let sum = 0;
  for (let i = 0; i < cells.length; i += 2 * every) {
    const x = cells[i]! + dx;
    const y = cells[i + 1]! + dy;
    const isInside = x >= 0 && y >= 0 && x < width && y < height;
    sum += isInside ? worth[y * width + x]! : worthOutside;
  }
  return sum;
}

/** The cells of b, turned back into the frame of a. */
function foundBack(
  { width, height, worth, worthOutside }: Sighting,
  b: Sighting,
  { cos, sin, x0, y0 }: Turn,
  dx: number,
  dy: number,
  every: number,
): number {
  const { cells } = b.turns[0]!;
  let sum = 0;
  for (let i = 0; i < cells.length; i += 2 * every) {
    const u = cells[i]! - dx + x0 + 0.5;
    const v = cells[i + 1]! - dy + y0 + 0.5;
    const x = Math.floor(cos * u + sin * v);
    const y = Math.floor(cos * v - sin * u);
    const isInside = x >= 0 && y >= 0 && x < width && y < height;
    sum += isInside ? worth[y * width + x]! : worthOutside;
  }
  return sum;
}
