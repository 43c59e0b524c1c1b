/** Pieces of furniture as boxes in a frame of their own: u along the wall behind, v into the room. */
import { between, pick, type Uniform } from "./random.ts";
import { type Box, box, type Solid } from "./solids.ts";

/** Where somebody may sit: a place on the floor plan, looking towards +v. */
export interface Seat {
  readonly u: number;
  readonly v: number;
  readonly seatM: number;
}

export interface Piece {
  readonly name: string;
  /** What it needs of the floor: u from 0 to width, v from 0 to depth. */
  readonly width: number;
  readonly depth: number;
  readonly solids: readonly Solid[];
  readonly seats: readonly Seat[];
}

type Make = (next: Uniform) => Piece;

const at = (u0: number, v0: number, u1: number, v1: number, z0: number, z1: number): Box =>
  box({ x0: u0, y0: v0, x1: u1, y1: v1 }, z0, z1);

function piece(name: string, width: number, depth: number, solids: Solid[], seats: Seat[] = []) {
  return { name, width, depth, solids, seats };
}

/** Four legs under the corners of a rectangle. */
function legs(u0: number, v0: number, u1: number, v1: number, top: number, thick: number): Box[] {
  const corners = [
    [u0, v0],
    [u1 - thick, v0],
    [u0, v1 - thick],
    [u1 - thick, v1 - thick],
  ] as const;
  return corners.map(([u, v]) => at(u, v, u + thick, v + thick, 0, top));
}

/** Small things on a surface. */
function things(next: Uniform, u0: number, v0: number, u1: number, v1: number, z: number): Solid[] {
  return Array.from({ length: Math.floor(next() * 4) }, () => {
    const [w, h] = [between(next, 0.06, 0.3), between(next, 0.05, 0.35)];
    const [u, v] = [between(next, u0, Math.max(u0, u1 - w)), between(next, v0, v1)];
    const radius = w / 2;
    return next() < 0.5
      ? at(u, v, u + w, Math.min(v1, v + w), z, z + h)
      : { kind: "cylinder", x: u + radius, y: v, radius, z0: z, z1: z + h };
  });
}

/** A chair whose seat faces +v (or -v when turned), its corner at (u, v). */
function chairBoxes(next: Uniform, u: number, v: number, isTurned: boolean): Box[] {
  const w = between(next, 0.4, 0.46);
  const back = isTurned ? v + w - 0.04 : v;
  return [
    ...legs(u, v, u + w, v + w, 0.43, 0.035),
    at(u, v, u + w, v + w, 0.43, 0.47),
    at(u, back, u + w, back + 0.04, 0.47, between(next, 0.8, 1)),
  ];
}

const bed: Make = (next) => {
  const w = pick(next, [0.9, 1.4, 1.6, 1.8]);
  const high = between(next, 0.45, 0.6);
  const under = next() < 0.5 ? 0 : 0.22;
  const solids = [
    at(0, 0, w, 0.05, 0, between(next, 0.8, 1.1)),
    at(0, 0.05, w, 2.05, under, high),
    ...(under > 0 ? legs(0, 0.05, w, 2.05, under, 0.06) : []),
    at(0.1, 0.1, w - 0.1, 0.5, high, high + 0.12),
  ];
  return piece("bed", w, 2.05, solids, [{ u: w - 0.25, v: 1.8, seatM: high }]);
};

const wardrobe: Make = (next) => {
  const [w, d] = [between(next, 1, 2), between(next, 0.55, 0.65)];
  return piece("wardrobe", w, d, [at(0, 0, w, d, 0, between(next, 1.9, 2.3))]);
};

const sofa: Make = (next) => {
  const [w, d] = [between(next, 1.6, 2.4), between(next, 0.8, 0.95)];
  const arm = between(next, 0.12, 0.22);
  const solids = [
    at(0, 0, w, d, next() < 0.5 ? 0 : 0.12, 0.42),
    at(0, 0, w, 0.2, 0.42, between(next, 0.75, 0.9)),
    at(0, 0, arm, d, 0.42, 0.6),
    at(w - arm, 0, w, d, 0.42, 0.6),
  ];
  const seats = [0.3, 0.7].map((part) => ({ u: w * part, v: 0.4, seatM: 0.42 }));
  return piece("sofa", w, d, solids, seats);
};

const tvBench: Make = (next) => {
  const [w, d] = [between(next, 1.2, 1.8), between(next, 0.35, 0.45)];
  const h = between(next, 0.4, 0.55);
  const screen = between(next, 0.8, 1.2);
  const u = (w - screen) / 2;
  const solids = [at(0, 0, w, d, 0.08, h), at(u, 0.1, u + screen, 0.15, h + 0.06, h + 0.65)];
  return piece("tv bench", w, d, solids);
};

const shelf: Make = (next) => {
  const [w, d] = [between(next, 0.8, 1.6), between(next, 0.28, 0.38)];
  const h = between(next, 1.2, 2.1);
  const boards = Math.round(h / 0.37);
  const solids: Solid[] = [at(0, 0, 0.02, d, 0, h), at(w - 0.02, 0, w, d, 0, h)];
  for (let i = 0; i <= boards; i++) {
    const z = (i * (h - 0.02)) / boards;
    solids.push(at(0, 0, w, d, z, z + 0.02));
    // Books fill a part of each board.
    const books = between(next, 0, 0.95) * w;
    if (i < boards && books > 0.1) solids.push(at(0.02, 0, books, d * 0.75, z + 0.02, z + 0.26));
  }
  return piece("shelf", w, d, solids);
};

const kitchenRow: Make = (next) => {
  const w = between(next, 1.8, 2.6);
  const solids: Solid[] = [
    at(0, 0, w, 0.57, 0, 0.1),
    at(0, 0, w, 0.6, 0.1, 0.91),
    at(0, 0, w * between(next, 0.5, 1), 0.35, between(next, 1.4, 1.5), 2.15),
    ...things(next, 0.05, 0.1, w - 0.05, 0.5, 0.91),
  ];
  return piece("kitchen row", w, 0.62, solids);
};

const fridge: Make = (next) => {
  const [w, h] = [between(next, 0.58, 0.7), between(next, 1.5, 2)];
  return piece("fridge", w, 0.65, [at(0, 0, w, 0.65, 0, h)]);
};

const diningTable: Make = (next) => {
  const [w, d] = [between(next, 1.1, 1.7), between(next, 0.75, 0.9)];
  const v = 0.6;
  const solids: Solid[] = [
    ...legs(0.04, v + 0.04, w - 0.04, v + d - 0.04, 0.71, 0.06),
    at(0, v, w, v + d, 0.71, 0.75),
    ...things(next, 0.1, v + 0.1, w - 0.1, v + d - 0.15, 0.75),
  ];
  const seats: Seat[] = [];
  for (const u of w > 1.35 ? [w / 4, (3 * w) / 4] : [w / 2]) {
    // Some are pushed under the table, some stand pulled out.
    const out = between(next, 0, 0.25);
    solids.push(...chairBoxes(next, u - 0.22, v - 0.2 - out, false));
    solids.push(...chairBoxes(next, u - 0.22, v + d - 0.2 + between(next, 0, 0.2), true));
    seats.push({ u, v: v - out, seatM: 0.47 });
  }
  return piece("dining table", w, d + 1.2, solids, seats);
};

const coffeeTable: Make = (next) => {
  const [w, d] = [between(next, 0.7, 1.1), between(next, 0.5, 0.65)];
  const h = between(next, 0.38, 0.48);
  const solids = [...legs(0, 0, w, d, h, 0.05), at(0, 0, w, d, h, h + 0.03)];
  return piece("coffee table", w, d, [
    ...solids,
    ...things(next, 0.05, 0.05, w, d - 0.1, h + 0.03),
  ]);
};

const desk: Make = (next) => {
  const [w, d] = [between(next, 1.1, 1.6), between(next, 0.6, 0.75)];
  const chair = between(next, 0.35, w - 0.75);
  const solids: Solid[] = [
    ...legs(0, 0, w, d, 0.71, 0.05),
    at(0, 0, w, d, 0.71, 0.74),
    at(w / 2 - 0.3, 0.15, w / 2 + 0.3, 0.19, 0.82, 1.18),
    ...things(next, 0.05, 0.05, w - 0.05, d - 0.1, 0.74),
    ...chairBoxes(next, chair, d, true),
  ];
  return piece("desk", w, d + 0.5, solids);
};

const bath: Make = (next) => {
  const w = between(next, 1.5, 1.7);
  const rim = 0.07;
  const solids = [
    at(0, 0, w, 0.72, 0, 0.2),
    at(0, 0, w, rim, 0.2, 0.57),
    at(0, 0.72 - rim, w, 0.72, 0.2, 0.57),
    at(0, 0, rim, 0.72, 0.2, 0.57),
    at(w - rim, 0, w, 0.72, 0.2, 0.57),
  ];
  return piece("bath", w, 0.72, solids);
};

const basin: Make = (next) => {
  const w = between(next, 0.5, 0.8);
  return piece("basin", w, 0.48, [
    at(0, 0, w, 0.45, 0.3, 0.85),
    at(0, 0, w, 0.14, between(next, 1.2, 1.4), 1.85),
  ]);
};

const toilet: Make = () =>
  piece("toilet", 0.4, 0.66, [
    at(0.02, 0, 0.38, 0.18, 0.3, 0.85),
    { kind: "cylinder", x: 0.2, y: 0.42, radius: 0.19, z0: 0, z1: 0.42 },
  ]);

const chest: Make = (next) => {
  const [w, d] = [between(next, 0.5, 1.2), between(next, 0.3, 0.5)];
  const h = between(next, 0.6, 1.1);
  const solids = [at(0, 0, w, d, 0.04, h), ...things(next, 0.05, 0.05, w, d - 0.1, h)];
  return piece("chest", w, d, solids);
};

const plant: Make = (next) => {
  const r = between(next, 0.14, 0.28);
  const [pot, high] = [between(next, 0.2, 0.4), between(next, 0.6, 1.6)];
  const stem = { kind: "cylinder", x: r, y: r } as const;
  return piece("plant", 2 * r, 2 * r, [
    { ...stem, radius: r * 0.6, z0: 0, z1: pot },
    { ...stem, radius: 0.02, z0: pot, z1: high },
    { ...stem, radius: r, z0: pot + 0.6 * (high - pot), z1: high },
  ]);
};

const floorLamp: Make = (next) => {
  const middle = { kind: "cylinder", x: 0.2, y: 0.2 } as const;
  return piece("floor lamp", 0.4, 0.4, [
    { ...middle, radius: 0.14, z0: 0, z1: 0.03 },
    { ...middle, radius: 0.015, z0: 0.03, z1: 1.4 },
    { ...middle, radius: between(next, 0.14, 0.2), z0: 1.4, z1: 1.7 },
  ]);
};

const clutter: Make = (next) => {
  const [w, d] = [between(next, 0.15, 0.5), between(next, 0.15, 0.4)];
  return piece("clutter", w, d, [at(0, 0, w, d, 0, between(next, 0.08, 0.4))]);
};

const loneChair: Make = (next) =>
  piece("chair", 0.46, 0.46, chairBoxes(next, 0, 0, false), [{ u: 0.22, v: 0.24, seatM: 0.47 }]);

/** What stands in a room of each type, the largest first; some of it is left out by chance. */
export const FURNITURE: Readonly<Record<string, readonly Make[]>> = {
  living_room: [sofa, diningTable, tvBench, shelf, coffeeTable, chest, plant, floorLamp, clutter],
  kitchen: [kitchenRow, fridge, loneChair, clutter],
  bedroom: [bed, wardrobe, chest, desk, floorLamp, loneChair, plant, clutter, clutter],
  bathroom: [bath, toilet, basin, clutter],
  hall: [chest, wardrobe, clutter],
  office: [desk, shelf, shelf, sofa, chest, plant, clutter],
};
