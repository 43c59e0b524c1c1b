/**
 * Made-up homes as floor plans: an outline, rooms by repeated splitting, a corridor in most, doors that
 * connect them all, furniture. The same seed gives the same home; what a visit changes is in visit.ts.
 */
import { type Random, seeded, type Uniform } from "./random.ts";

/** Edge of a cell of the true floor plan. Walls and furniture lie on this grid. */
export const TRUTH_CELL_M = 0.05;

/** Cells of the true floor plan, ends excluded. */
export interface Rect {
  readonly x0: number;
  readonly y0: number;
  readonly x1: number;
  readonly y1: number;
}

/** A piece of furniture and its height in decimetres. */
export interface Piece extends Rect {
  readonly height: number;
}

export interface Door {
  readonly rooms: readonly [number, number];
  /** The hole in the wall. */
  readonly hole: Rect;
}

/** A home without what is easily moved. */
export interface Home {
  readonly width: number;
  readonly height: number;
  readonly rooms: readonly Rect[];
  readonly doors: readonly Door[];
  /** Furniture against walls, by room. */
  readonly heavy: readonly (readonly Piece[])[];
}

const cells = (metres: number) => Math.round(metres / TRUTH_CELL_M);
const between = (random: Uniform, from: number, to: number) => from + (to - from) * random();

/** Shortest side of a room. */
const SIDE_MIN = cells(1.6);
/** Cells of the border around the outline, so that no ray leaves the grid. */
const BORDER = 2;

/** Home `index` of the population of a seed: 30 to 180 m2. */
export function makeHome(seed: number, index: number): Home {
  const random = seeded(seed, index, 0);
  const area = Math.min(180, Math.max(30, Math.exp(Math.log(75) + 0.45 * random.normal())));
  const aspect = between(random.uniform, 1, 1.9);
  const long = cells(Math.sqrt(area * aspect));
  const short = cells(Math.sqrt(area / aspect));
  const wall = cells(between(random.uniform, 0.08, 0.2));
  const outline = { x0: BORDER, y0: BORDER, x1: BORDER + long, y1: BORDER + short };
  const rooms = trimmed(splitHome(outline, area, wall, random.uniform), outline, random.uniform);
  const doors = makeDoors(rooms, wall, random.uniform);
  const keepFree = doors.map(({ hole }) => grown(hole, cells(0.6)));
  const heavy = rooms.map((room) => {
    const count = 1 + Math.floor((areaOf(room) * TRUTH_CELL_M ** 2) / 5);
    return placed(count, () => againstWall(room, random.uniform), keepFree);
  });
  return { width: long + 2 * BORDER, height: short + 2 * BORDER, rooms, doors, heavy };
}

const areaOf = ({ x0, y0, x1, y1 }: Rect) => (x1 - x0) * (y1 - y0);
const grown = ({ x0, y0, x1, y1 }: Rect, by: number): Rect => ({
  x0: x0 - by,
  y0: y0 - by,
  x1: x1 + by,
  y1: y1 + by,
});
const overlap = (a: Rect, b: Rect) => a.x0 < b.x1 && b.x0 < a.x1 && a.y0 < b.y1 && b.y0 < a.y1;

/** Most homes of more than 45 m2 have a corridor along their long side, or a part of it. */
function splitHome(outline: Rect, areaM2: number, wall: number, random: Uniform): Rect[] {
  const split = (rect: Rect) => splitRoom(rect, wall, random);
  if (areaM2 < 45 || random() > 0.75) return split(outline);
  const width = cells(between(random, 1, 1.5));
  const y0 =
    outline.y0 + Math.round((outline.y1 - outline.y0 - width) * between(random, 0.35, 0.65));
  const y1 = y0 + width;
  const end = outline.x0 + Math.round((outline.x1 - outline.x0) * between(random, 0.6, 1.3));
  const isWhole = end > outline.x1 - SIDE_MIN;
  const x1 = isWhole ? outline.x1 : end;
  const beyond = isWhole ? [] : split({ ...outline, x0: x1 + wall });
  return [
    { x0: outline.x0, y0, x1, y1 },
    ...split({ ...outline, x1, y1: y0 - wall }),
    ...split({ ...outline, x1, y0: y1 + wall }),
    ...beyond,
  ];
}

function splitRoom(rect: Rect, wall: number, random: Uniform): Rect[] {
  const { x0, y0, x1, y1 } = rect;
  const wide = x1 - x0 >= y1 - y0;
  const side = wide ? x1 - x0 : y1 - y0;
  const wanted = between(random, 6, 26) / TRUTH_CELL_M ** 2;
  if (areaOf(rect) < wanted || side < 2 * SIDE_MIN + wall) return [rect];
  const at = Math.max(
    SIDE_MIN,
    Math.min(side - wall - SIDE_MIN, Math.round(side * between(random, 0.28, 0.72))),
  );
  const halves: Rect[] = wide
    ? [
        { ...rect, x1: x0 + at },
        { ...rect, x0: x0 + at + wall },
      ]
    : [
        { ...rect, y1: y0 + at },
        { ...rect, y0: y0 + at + wall },
      ];
  return halves.flatMap((half) => splitRoom(half, wall, random));
}

/** Some homes are no rectangles: a room at a corner of the outline is not theirs. */
function trimmed(rooms: Rect[], outline: Rect, random: Uniform): Rect[] {
  if (rooms.length < 4 || random() > 0.4) return rooms;
  const atCorner = rooms.filter(
    (room) =>
      (room.x0 === outline.x0 || room.x1 === outline.x1) &&
      (room.y0 === outline.y0 || room.y1 === outline.y1),
  );
  const gone = atCorner[Math.floor(random() * atCorner.length)];
  return gone === undefined || areaOf(gone) > areaOf(outline) / 4
    ? rooms
    : rooms.filter((room) => room !== gone);
}

/** The piece of wall between two rooms, if they have one of a door's width. */
function sharedWall(a: Rect, b: Rect, wall: number): Rect | undefined {
  const x0 = Math.max(a.x0, b.x0);
  const x1 = Math.min(a.x1, b.x1);
  const y0 = Math.max(a.y0, b.y0);
  const y1 = Math.min(a.y1, b.y1);
  const least = cells(1);
  if (x1 - x0 >= least && y0 - y1 === wall) return { x0, x1, y0: y1, y1: y0 };
  if (y1 - y0 >= least && x0 - x1 === wall) return { x0: x1, x1: x0, y0, y1 };
  return undefined;
}

/** Doors that connect all rooms that can be, from the first room (the corridor) on, and a few more. */
function makeDoors(rooms: readonly Rect[], wall: number, random: Uniform): Door[] {
  const walls: { rooms: readonly [number, number]; wall: Rect; weight: number }[] = [];
  for (let a = 0; a < rooms.length; a++) {
    for (let b = a + 1; b < rooms.length; b++) {
      const shared = sharedWall(rooms[a]!, rooms[b]!, wall);
      const weight = random() + (a === 0 ? 0 : 0.7);
      if (shared !== undefined) walls.push({ rooms: [a, b], wall: shared, weight });
    }
  }
  const group = rooms.map((_, i) => i);
  const doors: Door[] = [];
  for (const { rooms: pair, wall: shared } of walls.toSorted((p, q) => p.weight - q.weight)) {
    const [a, b] = pair.map((room) => group[room]!) as [number, number];
    if (a === b && random() > 0.12) continue;
    for (const [i, of] of group.entries()) if (of === b) group[i] = a;
    doors.push({ rooms: pair, hole: doorIn(shared, random) });
  }
  return doors;
}

/** A door of 0.7 to 1 m, now and then a wide opening, somewhere in a wall. */
function doorIn(wall: Rect, random: Uniform): Rect {
  const isAlongX = wall.x1 - wall.x0 > wall.y1 - wall.y0;
  const room = isAlongX ? wall.x1 - wall.x0 : wall.y1 - wall.y0;
  const wanted = random() < 0.15 ? between(random, 1.4, 2.4) : between(random, 0.7, 1);
  const width = Math.min(room, cells(wanted));
  const from = Math.floor((room - width + 1) * random());
  return isAlongX
    ? { ...wall, x0: wall.x0 + from, x1: wall.x0 + from + width }
    : { ...wall, y0: wall.y0 + from, y1: wall.y0 + from + width };
}

/** Something like a bed, a sofa or a cupboard with its back to a wall of the room. */
function againstWall(room: Rect, random: Uniform): Piece {
  const long = cells(between(random, 0.4, 2.1));
  const deep = cells(between(random, 0.35, 0.95));
  const isAlongX = random() < 0.5;
  const width = Math.min(isAlongX ? long : deep, room.x1 - room.x0);
  const depth = Math.min(isAlongX ? deep : long, room.y1 - room.y0);
  const isFirst = random() < 0.5;
  const x0 = isAlongX
    ? room.x0 + Math.floor((room.x1 - room.x0 - width + 1) * random())
    : isFirst
      ? room.x0
      : room.x1 - width;
  const y0 = isAlongX
    ? isFirst
      ? room.y0
      : room.y1 - depth
    : room.y0 + Math.floor((room.y1 - room.y0 - depth + 1) * random());
  return { x0, y0, x1: x0 + width, y1: y0 + depth, height: Math.round(between(random, 4, 20)) };
}

function placed(count: number, draw: () => Piece, keepFree: readonly Rect[]): Piece[] {
  const pieces = Array.from({ length: count }, draw);
  return pieces.filter((piece) => !keepFree.some((free) => overlap(piece, free)));
}

/** What stands about in a visit: most of the heavy furniture where it was, chairs and bags anywhere. */
export function furnish(home: Home, random: Random): Piece[] {
  const { uniform } = random;
  const keepFree = home.doors.map(({ hole }) => grown(hole, cells(0.4)));
  return home.rooms.flatMap((room, i) => {
    const heavy = home.heavy[i]!.map((piece) =>
      uniform() < 0.85 ? piece : againstWall(room, uniform),
    );
    const light = Array.from(
      { length: 1 + Math.floor((areaOf(room) * TRUTH_CELL_M ** 2) / 6) },
      () => anywhere(room, uniform),
    );
    return [...heavy, ...light].filter((piece) => !keepFree.some((free) => overlap(piece, free)));
  });
}

function anywhere(room: Rect, random: Uniform): Piece {
  const width = Math.min(cells(between(random, 0.1, 0.9)), room.x1 - room.x0);
  const depth = Math.min(cells(between(random, 0.1, 0.9)), room.y1 - room.y0);
  const x0 = room.x0 + Math.floor((room.x1 - room.x0 - width + 1) * random());
  const y0 = room.y0 + Math.floor((room.y1 - room.y0 - depth + 1) * random());
  return { x0, y0, x1: x0 + width, y1: y0 + depth, height: Math.round(between(random, 3, 10)) };
}
