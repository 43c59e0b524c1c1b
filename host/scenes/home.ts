/** A furnished home: every seed is another one. */
import { FURNITURE, type Piece } from "./furniture.ts";
import { Ground, type Place } from "./ground.ts";
import { drawLayout, LAYOUTS, type LayoutName } from "./layout.ts";
import { between, stream, type Uniform } from "./random.ts";
import { groundOf, meet, type Rectangle, type Solid } from "./solids.ts";
import { buildWalls, type Doorway, type Walls } from "./walls.ts";

/** People keep so far from what stands about, and are at most so tall. */
const PERSON_RADIUS_M = 0.22;
const PERSON_HEIGHT_M = 1.9;
/** In front of a door nothing is put. */
const DOOR_CLEAR_M = 0.75;
const TRIES = 30;
/** Of the furniture of a room so much is left out by chance. */
const LEFT_OUT = 0.15;
/** Of a room so much of the free floor can be reached, and so many cells of it are free at least. */
const REACHED_MIN = 0.6;
const FREE_CELLS_MIN = 60;

/** A piece of furniture where it stands. */
export interface PlacedPiece {
  readonly name: string;
  readonly ground: Rectangle;
  readonly solids: readonly Solid[];
}

export interface PlacedSeat extends Place {
  readonly seatM: number;
  /** Where one looks who sits there. */
  readonly yaw: number;
}

export interface Home {
  readonly layout: LayoutName;
  readonly ceilingM: number;
  readonly area: Rectangle;
  readonly rooms: Walls["rooms"];
  readonly doorways: readonly Doorway[];
  readonly walls: readonly Solid[];
  readonly furniture: readonly PlacedPiece[];
  readonly seats: readonly PlacedSeat[];
}

type Side = 0 | 1 | 2 | 3;

/** From the frame of a piece to the room: u and v as steps along x and y for each side of it. */
const TURNS = [
  { u: [1, 0], v: [0, 1] },
  { u: [0, 1], v: [-1, 0] },
  { u: [-1, 0], v: [0, -1] },
  { u: [0, -1], v: [1, 0] },
] as const;

class Placement {
  readonly #origin: Place;
  readonly #side: Side;

  constructor(origin: Place, side: Side) {
    this.#origin = origin;
    this.#side = side;
  }

  place(u: number, v: number): Place {
    const turn = TURNS[this.#side];
    return {
      x: this.#origin.x + u * turn.u[0] + v * turn.v[0],
      y: this.#origin.y + u * turn.u[1] + v * turn.v[1],
    };
  }

  rectangle(u0: number, v0: number, u1: number, v1: number): Rectangle {
    const [a, b] = [this.place(u0, v0), this.place(u1, v1)];
    const [x0, x1] = [Math.min(a.x, b.x), Math.max(a.x, b.x)];
    return { x0, x1, y0: Math.min(a.y, b.y), y1: Math.max(a.y, b.y) };
  }

  solid(solid: Solid): Solid {
    if (solid.kind === "cylinder") return { ...solid, ...this.place(solid.x, solid.y) };
    return { ...solid, ...this.rectangle(solid.x0, solid.y0, solid.x1, solid.y1) };
  }

  get yaw(): number {
    const [x, y] = TURNS[this.#side].v;
    return Math.atan2(y, x);
  }
}

/** Somewhere along a wall of the room, or free in it for what people walk around. */
function draw(next: Uniform, room: Rectangle, piece: Piece): Placement | undefined {
  const side = Math.floor(next() * 4) as Side;
  const isAlongX = side % 2 === 0;
  const long = isAlongX ? room.x1 - room.x0 : room.y1 - room.y0;
  const deep = isAlongX ? room.y1 - room.y0 : room.x1 - room.x0;
  if (piece.width > long || piece.depth > deep) return undefined;
  const u = between(next, 0, long - piece.width);
  const isFree = piece.name === "coffee table" || piece.name === "dining table";
  const v = isFree ? between(next, 0, deep - piece.depth) : between(next, 0, 0.04);
  const corners: readonly Place[] = [
    { x: room.x0 + u, y: room.y0 + v },
    { x: room.x1 - v, y: room.y0 + u },
    { x: room.x1 - u, y: room.y1 - v },
    { x: room.x0 + v, y: room.y1 - u },
  ];
  return new Placement(corners[side]!, side);
}

/** Furnishes rooms so that all doors stay within reach of each other for people. */
class Furnisher {
  readonly pieces: PlacedPiece[] = [];
  readonly seats: PlacedSeat[] = [];
  readonly #next: Uniform;
  readonly #walls: Walls;
  readonly #ground: Ground;
  readonly #keepFree: Rectangle[];

  constructor(next: Uniform, walls: Walls, ground: Ground) {
    this.#next = next;
    this.#walls = walls;
    this.#ground = ground;
    this.#keepFree = walls.doorways.map(({ ground: g }) => ({
      x0: g.x0 - (g.x1 - g.x0 < g.y1 - g.y0 ? DOOR_CLEAR_M : 0),
      x1: g.x1 + (g.x1 - g.x0 < g.y1 - g.y0 ? DOOR_CLEAR_M : 0),
      y0: g.y0 - (g.x1 - g.x0 < g.y1 - g.y0 ? 0 : DOOR_CLEAR_M),
      y1: g.y1 + (g.x1 - g.x0 < g.y1 - g.y0 ? 0 : DOOR_CLEAR_M),
    }));
  }

  furnish(room: Walls["rooms"][number]): void {
    for (const make of FURNITURE[room.type] ?? []) {
      if (this.#next() < LEFT_OUT) continue;
      const piece = make(this.#next);
      for (let i = 0; i < TRIES; i++) {
        const placement = draw(this.#next, room, piece);
        if (placement !== undefined && this.#put(piece, placement)) break;
      }
    }
  }

  /** Hangs the leaf of a door that stands open, if people still get about. */
  hang(leaf: Solid): void {
    const taken = this.#ground.block([leaf]);
    if (this.#isConnected()) {
      this.pieces.push({ name: "door leaf", ground: groundOf(leaf), solids: [leaf] });
    } else this.#ground.restore(taken);
  }

  #put(piece: Piece, placement: Placement): boolean {
    const ground = placement.rectangle(0, 0, piece.width, piece.depth);
    const isTaken =
      this.pieces.some((other) => meet(other.ground, ground, 0.02)) ||
      this.#keepFree.some((free) => meet(free, ground));
    if (isTaken) return false;
    const solids = piece.solids.map((solid) => placement.solid(solid));
    const taken = this.#ground.block(solids);
    if (!this.#isConnected()) {
      this.#ground.restore(taken);
      return false;
    }
    this.pieces.push({ name: piece.name, ground, solids });
    for (const { u, v, seatM } of piece.seats) {
      this.seats.push({ ...placement.place(u, v), seatM, yaw: placement.yaw });
    }
    return true;
  }

  /** Whether people get from door to door, and into every room. */
  #isConnected(): boolean {
    const middles = this.#walls.doorways.map(({ ground }) => middleOf(ground));
    const reached = this.#ground.reachable(middles[0]!);
    return (
      middles.every((middle) => this.#ground.isReached(middle, reached)) &&
      this.#walls.rooms.every((room) => {
        const count = this.#ground.countIn(room, reached);
        return count.reached > REACHED_MIN * count.free && count.free > FREE_CELLS_MIN;
      })
    );
  }
}

function middleOf(area: Rectangle): Place {
  return { x: (area.x0 + area.x1) / 2, y: (area.y0 + area.y1) / 2 };
}

/** Lamps that hang from the ceiling. */
function pendants(next: Uniform, rooms: Walls["rooms"], ceilingM: number): PlacedPiece[] {
  return rooms.flatMap((room) => {
    if (next() < 0.4) return [];
    const middle = middleOf(room);
    const [low, radius] = [ceilingM - between(next, 0.3, 0.8), between(next, 0.12, 0.25)];
    const solids: Solid[] = [
      { kind: "cylinder", ...middle, radius: 0.01, z0: low + 0.18, z1: ceilingM },
      { kind: "cylinder", ...middle, radius, z0: low, z1: low + 0.18 },
    ];
    return [{ name: "pendant lamp", ground: groundOf(solids[1]!), solids }];
  });
}

/**
 * The home of a seed.
 * @param layout which kind of floor plan; by default one kind after the other, seed by seed
 */
export function makeHome(seed: number, layout?: LayoutName): Home {
  const next = stream(seed, "home");
  const plan = drawLayout(next, layout ?? LAYOUTS[Math.abs(seed) % LAYOUTS.length]!);
  const ceilingM = between(next, 2.4, 2.8);
  const walls = buildWalls(next, plan, ceilingM);
  const area: Rectangle = {
    x0: Math.min(...plan.tiles.map((t) => t.x0)),
    y0: Math.min(...plan.tiles.map((t) => t.y0)),
    x1: Math.max(...plan.tiles.map((t) => t.x1)),
    y1: Math.max(...plan.tiles.map((t) => t.y1)),
  };
  const ground = new Ground(area, PERSON_RADIUS_M, PERSON_HEIGHT_M);
  ground.block(walls.solids);
  const furnisher = new Furnisher(next, walls, ground);
  for (const leaf of walls.leaves) furnisher.hang(leaf);
  for (const room of walls.rooms) furnisher.furnish(room);
  return {
    layout: plan.name,
    ceilingM,
    area,
    rooms: walls.rooms,
    doorways: walls.doorways,
    walls: walls.solids,
    furniture: [...furnisher.pieces, ...pendants(next, walls.rooms, ceilingM)],
    seats: furnisher.seats,
  };
}

/** Everything in a home that stands still, walls first. */
export function solidsOf(home: Home): Solid[] {
  return [...home.walls, ...home.furniture.flatMap((piece) => piece.solids)];
}
