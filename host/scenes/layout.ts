/** Floor plans by rooms: rectangles that fill the floor, and how one goes from room to room. */
import type { RoomType } from "../formats/plan.ts";
import { between, pick, type Uniform } from "./random.ts";
import type { Rectangle } from "./solids.ts";

export const LAYOUTS = ["studio", "flat2", "flat3", "l-flat", "house"] as const;
export type LayoutName = (typeof LAYOUTS)[number];

/** A room with half of the walls around it, so that the rooms of a home lie edge to edge. */
export interface Tile extends Rectangle {
  readonly type: RoomType;
}

/** Rooms by their index; an open passage has no wall between the two, a door has a frame. */
export interface Passage {
  readonly rooms: readonly [number, number];
  readonly isOpen: boolean;
}

export interface Layout {
  readonly name: LayoutName;
  readonly tiles: readonly Tile[];
  readonly passages: readonly Passage[];
}

const door = (a: number, b: number): Passage => ({ rooms: [a, b], isOpen: false });
const open = (a: number, b: number): Passage => ({ rooms: [a, b], isOpen: true });

function tile(type: RoomType, x0: number, y0: number, x1: number, y1: number): Tile {
  return { type, x0, y0, x1, y1 };
}

type Draw = (next: Uniform) => Omit<Layout, "name">;

/** One large room around a corner for the bath. */
const studio: Draw = (next) => {
  const w = between(next, 4.8, 7);
  const d = between(next, 5.4, 7.6);
  const bathW = between(next, 1.9, 2.5);
  const bathD = between(next, 1.9, 2.4);
  const tiles = [
    tile("living_room", 0, bathD, w, d),
    tile("kitchen", bathW, 0, w, bathD),
    tile("bathroom", 0, 0, bathW, bathD),
  ];
  return { tiles, passages: [open(0, 1), pick(next, [door(1, 2), door(0, 2)])] };
};

/** A hall and the bath along one side, the living room with its kitchen and a bedroom at the other. */
const flat2: Draw = (next) => {
  const w = between(next, 7.6, 10);
  const d = between(next, 5.8, 7.4);
  const hall = between(next, 1.6, 2.1);
  const kitchen = between(next, 2, 2.6);
  const living = w - between(next, 2.8, 3.4);
  const bath = w - between(next, 2, 2.6);
  const tiles = [
    tile("hall", 0, 0, bath, hall),
    tile("bathroom", bath, 0, w, hall),
    tile("kitchen", 0, hall, kitchen, d),
    tile("living_room", kitchen, hall, living, d),
    tile("bedroom", living, hall, w, d),
  ];
  const bedroom = living + 1.2 < bath ? door(0, 4) : door(3, 4);
  return { tiles, passages: [door(0, 1), open(2, 3), door(0, 3), bedroom] };
};

/** Rooms on both sides of a hall. */
const flat3: Draw = (next) => {
  const w = between(next, 8.4, 10.5);
  const low = between(next, 3, 3.8);
  const high = low + between(next, 1.3, 1.7);
  const d = high + between(next, 3.6, 4.6);
  const kitchen = between(next, 2.6, 3.2);
  const bath = kitchen + between(next, 1.9, 2.4);
  const living = w - between(next, 3, 3.8);
  const tiles = [
    tile("hall", 0, low, w, high),
    tile("kitchen", 0, 0, kitchen, low),
    tile("bathroom", kitchen, 0, bath, low),
    tile("bedroom", bath, 0, w, low),
    tile("living_room", 0, high, living, d),
    tile("bedroom", living, high, w, d),
  ];
  return { tiles, passages: [1, 2, 3, 4, 5].map((room) => door(0, room)) };
};

/** Two wings around a corner. */
const lFlat: Draw = (next) => {
  const hall = between(next, 1.3, 1.8);
  const low = between(next, 3.8, 4.8);
  const living = hall + between(next, 4, 5);
  const kitchen = living + between(next, 2.2, 2.8);
  const wing = hall + between(next, 3, 3.6);
  const bath = low + between(next, 1.8, 2.3);
  const d = bath + between(next, 3.2, 4.2);
  const tiles = [
    tile("hall", 0, 0, hall, d),
    tile("living_room", hall, 0, living, low),
    tile("kitchen", living, 0, kitchen, low),
    tile("bathroom", hall, low, wing, bath),
    tile("bedroom", hall, bath, wing, d),
  ];
  const toKitchen = pick(next, [open(1, 2), door(1, 2)]);
  return { tiles, passages: [door(0, 1), toKitchen, door(0, 3), door(0, 4)] };
};

/** The floor of a house: a corridor with three rooms on each side. */
const house: Draw = (next) => {
  const w = between(next, 11, 14);
  const low = between(next, 3.6, 4.6);
  const high = low + between(next, 1.2, 1.6);
  const d = high + between(next, 3.6, 4.8);
  const a = w * between(next, 0.3, 0.4);
  const b = a + between(next, 2.2, 2.8);
  const c = w * between(next, 0.38, 0.48);
  const e = c + w * between(next, 0.22, 0.28);
  const tiles = [
    tile("hall", 0, low, w, high),
    tile("bedroom", 0, 0, a, low),
    tile("bathroom", a, 0, b, low),
    tile("bedroom", b, 0, w, low),
    tile("living_room", 0, high, c, d),
    tile("kitchen", c, high, e, d),
    tile("office", e, high, w, d),
  ];
  const passages = [1, 2, 3, 4, 5, 6].map((room) => door(0, room));
  return { tiles, passages: next() < 0.5 ? [...passages, open(4, 5)] : passages };
};

const DRAWS: Readonly<Record<LayoutName, Draw>> = { studio, flat2, flat3, "l-flat": lFlat, house };

/** A layout of the given kind; every draw has other measures, and lies mirrored or turned. */
export function drawLayout(next: Uniform, name: LayoutName): Layout {
  const { tiles, passages } = DRAWS[name](next);
  const width = Math.max(...tiles.map((t) => t.x1));
  const depth = Math.max(...tiles.map((t) => t.y1));
  const [mirrorX, mirrorY, turn] = [next() < 0.5, next() < 0.5, next() < 0.5];
  const laid = tiles.map((t) => {
    const [x0, x1] = mirrorX ? [width - t.x1, width - t.x0] : [t.x0, t.x1];
    const [y0, y1] = mirrorY ? [depth - t.y1, depth - t.y0] : [t.y0, t.y1];
    return turn ? tile(t.type, y0, x0, y1, x1) : tile(t.type, x0, y0, x1, y1);
  });
  return { name, tiles: laid, passages };
}
