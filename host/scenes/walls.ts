/** Walls of a layout as boxes, with doors, open passages and windows cut out of them. */
import type { Layout, Passage, Tile } from "./layout.ts";
import { between, type Uniform } from "./random.ts";
import { type Box, box, type Rectangle } from "./solids.ts";

/** Half of a wall stands in each of the two rooms that it parts. */
const HALF_WALL_M = 0.06;
const DOOR_WIDTH_M = [0.8, 0.95] as const;
const DOOR_HEIGHT_M = 2.02;
const LEAF_M = 0.04;
const WINDOW_SILL_M = [0.5, 1] as const;
const WINDOW_TOP_M = 2.15;
const WINDOW_WIDTH_M = [0.8, 1.8] as const;
/** Glass is solid to these sensors, and stands behind the face of the wall. */
const GLASS_M = 0.05;

export interface Doorway {
  readonly rooms: readonly [number, number];
  /** The hole in the wall, through both halves. */
  readonly ground: Rectangle;
}

export interface Walls {
  /** The floor of each room, between its walls. */
  readonly rooms: readonly (Rectangle & { readonly type: Tile["type"] })[];
  readonly doorways: readonly Doorway[];
  readonly solids: readonly Box[];
  /** Leaves of doors that stand open. */
  readonly leaves: readonly Box[];
}

type Side = "x0" | "x1" | "y0" | "y1";
const SIDES: readonly Side[] = ["x0", "x1", "y0", "y1"];

/** A hole in a wall: from, to along it; z0, z1 up. */
interface Hole {
  readonly from: number;
  readonly to: number;
  readonly z0: number;
  readonly z1: number;
}

/** An edge that two rooms share. */
interface Edge {
  /** The side of the first room. */
  readonly side: Side;
  readonly from: number;
  readonly to: number;
}

const alongOf = (side: Side, r: Rectangle): [number, number] =>
  side[0] === "x" ? [r.y0, r.y1] : [r.x0, r.x1];

const opposite = (side: Side) => `${side[0]}${side[1] === "0" ? "1" : "0"}` as Side;

function sharedEdge(a: Tile, b: Tile): Edge | undefined {
  for (const side of SIDES) {
    if (Math.abs(a[side] - b[opposite(side)]) > 1e-9) continue;
    const [a0, a1] = alongOf(side, a);
    const [b0, b1] = alongOf(side, b);
    const [from, to] = [Math.max(a0, b0), Math.min(a1, b1)];
    if (to - from > 2 * HALF_WALL_M + DOOR_WIDTH_M[1]) return { side, from, to };
  }
  return undefined;
}

/** A rectangle at a side of a room: along the wall, and so deep into the room (or out of it). */
function atSide(tile: Rectangle, side: Side, from: number, to: number, depth: [number, number]) {
  const inward = side[1] === "0" ? 1 : -1;
  const ends = depth.map((d) => tile[side] + inward * d).sort((p, q) => p - q) as [number, number];
  return side[0] === "x"
    ? { x0: ends[0], x1: ends[1], y0: from, y1: to }
    : { x0: from, x1: to, y0: ends[0], y1: ends[1] };
}

/** The boxes of one half of a wall around its holes. */
function wallBoxes(tile: Tile, side: Side, holes: readonly Hole[], ceilingM: number): Box[] {
  const boxes: Box[] = [];
  const [start, end] = alongOf(side, tile);
  const add = (from: number, to: number, z0: number, z1: number) => {
    if (to - from < 1e-6 || z1 - z0 < 1e-6) return;
    boxes.push(box(atSide(tile, side, from, to, [0, HALF_WALL_M]), z0, z1));
  };
  let at = start;
  for (const hole of [...holes].sort((p, q) => p.from - q.from)) {
    add(at, hole.from, 0, ceilingM);
    add(hole.from, hole.to, 0, hole.z0);
    add(hole.from, hole.to, hole.z1, ceilingM);
    at = hole.to;
  }
  add(at, end, 0, ceilingM);
  return boxes;
}

function holeOf(next: Uniform, edge: Edge, passage: Passage, ceilingM: number): Hole {
  const [from, to] = [edge.from + HALF_WALL_M, edge.to - HALF_WALL_M];
  if (passage.isOpen) return { from, to, z0: 0, z1: ceilingM };
  const width = Math.min(between(next, ...DOOR_WIDTH_M), to - from);
  const at = between(next, from, to - width);
  return { from: at, to: at + width, z0: 0, z1: DOOR_HEIGHT_M };
}

/** The leaf of a door that stands open at a right angle to its wall. */
function openLeaf(tile: Tile, side: Side, hole: Hole): Box {
  const depth: [number, number] = [HALF_WALL_M, HALF_WALL_M + hole.to - hole.from];
  return box(atSide(tile, side, hole.from - LEAF_M, hole.from, depth), 0.01, hole.z1);
}

/** Windows of a room: at most one a side that no other room lies at. */
function windowsOf(next: Uniform, tiles: readonly Tile[], tile: Tile): [Side, Hole][] {
  const found: [Side, Hole][] = [];
  for (const side of SIDES) {
    const isInner = tiles.some((other) => {
      const [a0, a1] = alongOf(side, tile);
      const [b0, b1] = alongOf(side, other);
      const touches = Math.abs(tile[side] - other[opposite(side)]) < 1e-9;
      return other !== tile && touches && Math.min(a1, b1) - Math.max(a0, b0) > 1e-9;
    });
    const wanted = next() < (tile.type === "bathroom" || tile.type === "hall" ? 0.3 : 0.75);
    const [from, to] = alongOf(side, tile);
    const width = Math.min(between(next, ...WINDOW_WIDTH_M), to - from - 0.8);
    if (isInner || !wanted || width < 0.5) continue;
    const at = between(next, from + 0.4, to - 0.4 - width);
    const z0 = between(next, ...WINDOW_SILL_M);
    found.push([side, { from: at, to: at + width, z0, z1: WINDOW_TOP_M }]);
  }
  return found;
}

/** Walls, doorways and windows of a layout under a ceiling of the given height. */
export function buildWalls(next: Uniform, layout: Layout, ceilingM: number): Walls {
  const { tiles, passages } = layout;
  const solids: Box[] = [];
  const doorways: Doorway[] = [];
  const leaves: Box[] = [];
  const holes = tiles.map(() => new Map<Side, Hole[]>());
  const cut = (room: number, side: Side, hole: Hole) => {
    holes[room]!.set(side, [...(holes[room]!.get(side) ?? []), hole]);
  };
  for (const passage of passages) {
    const [a, b] = passage.rooms;
    const edge = sharedEdge(tiles[a]!, tiles[b]!);
    if (edge === undefined) throw new Error(`no room for a passage between rooms ${a} and ${b}`);
    const hole = holeOf(next, edge, passage, ceilingM);
    cut(a, edge.side, hole);
    cut(b, opposite(edge.side), hole);
    const depth: [number, number] = [-HALF_WALL_M, HALF_WALL_M];
    const ground = atSide(tiles[a]!, edge.side, hole.from, hole.to, depth);
    doorways.push({ rooms: passage.rooms, ground });
    if (!passage.isOpen && next() < 0.5) {
      leaves.push(openLeaf(tiles[b]!, opposite(edge.side), hole));
    }
  }
  for (const [room, tile] of tiles.entries()) {
    for (const [side, hole] of windowsOf(next, tiles, tile)) {
      cut(room, side, hole);
      const glass = atSide(tile, side, hole.from - 0.1, hole.to + 0.1, [-GLASS_M, 0]);
      solids.push(box(glass, hole.z0 - 0.1, hole.z1 + 0.1));
    }
  }
  for (const [room, tile] of tiles.entries()) {
    for (const side of SIDES) {
      solids.push(...wallBoxes(tile, side, holes[room]!.get(side) ?? [], ceilingM));
    }
  }
  const rooms = tiles.map((t) => ({
    type: t.type,
    x0: t.x0 + HALF_WALL_M,
    y0: t.y0 + HALF_WALL_M,
    x1: t.x1 - HALF_WALL_M,
    y1: t.y1 - HALF_WALL_M,
  }));
  return { rooms, doorways, solids, leaves };
}
