/** Where on the floor something of a given width and height can stand, and how it gets about. */
import { groundOf, type Rectangle, type Solid } from "./solids.ts";

/** Edge of a cell of the search. */
const CELL_M = 0.1;
/** What lies flatter on the floor than this is stepped over. */
const STEP_M = 0.03;

export interface Place {
  readonly x: number;
  readonly y: number;
}

/** Eight neighbours: along x, along y, and how much longer the diagonal is. */
const STEPS = [
  [1, 0, 1],
  [-1, 0, 1],
  [0, 1, 1],
  [0, -1, 1],
  [1, 1, Math.SQRT2],
  [1, -1, Math.SQRT2],
  [-1, 1, Math.SQRT2],
  [-1, -1, Math.SQRT2],
] as const;

/** 1 for each cell of a ground that can be reached. */
export type Reached = Uint8Array;

export class Ground {
  readonly #origin: Place;
  readonly #width: number;
  readonly #height: number;
  readonly #blocked: Uint8Array;
  readonly #radiusM: number;
  readonly #heightM: number;

  /** The floor of `area` for what is `radiusM` wide around its middle and `heightM` high. */
  constructor(area: Rectangle, radiusM: number, heightM: number) {
    this.#origin = { x: area.x0, y: area.y0 };
    this.#width = Math.ceil((area.x1 - area.x0) / CELL_M);
    this.#height = Math.ceil((area.y1 - area.y0) / CELL_M);
    this.#blocked = new Uint8Array(this.#width * this.#height);
    this.#radiusM = radiusM;
    this.#heightM = heightM;
  }

  /** Takes away the floor that `solids` leave no room on. Returns what it took, for restore(). */
  block(solids: readonly Solid[]): number[] {
    const taken: number[] = [];
    for (const solid of solids) {
      if (solid.z0 >= this.#heightM || solid.z1 <= STEP_M) continue;
      this.#eachCellNear(groundOf(solid), (cell) => {
        if (this.#blocked[cell] === 1) return;
        this.#blocked[cell] = 1;
        taken.push(cell);
      });
    }
    return taken;
  }

  /** Gives back what block() took. */
  restore(taken: readonly number[]): void {
    for (const cell of taken) this.#blocked[cell] = 0;
  }

  /** Free places within a rectangle that can be reached. */
  placesIn(area: Rectangle, reached: Reached): Place[] {
    const places: Place[] = [];
    this.#eachCellIn(area, (cell) => {
      if (reached[cell] === 1) places.push(this.#placeOf(cell));
    });
    return places;
  }

  /** Free cells within a rectangle, and how many of them can be reached. */
  countIn(area: Rectangle, reached: Reached): { free: number; reached: number } {
    const count = { free: 0, reached: 0 };
    this.#eachCellIn(area, (cell) => {
      count.free += 1 - this.#blocked[cell]!;
      count.reached += reached[cell]!;
    });
    return count;
  }

  /** What can be reached from a place. */
  reachable(from: Place): Reached {
    const seen = new Uint8Array(this.#blocked.length);
    const open = [this.#cellOf(from)];
    seen[open[0]!] = 1;
    for (let cell = open.pop(); cell !== undefined; cell = open.pop()) {
      for (let s = 0; s < 4; s++) {
        const to = this.#step(cell, STEPS[s]![0], STEPS[s]![1]);
        if (to < 0 || seen[to] === 1 || this.#blocked[to] === 1) continue;
        seen[to] = 1;
        open.push(to);
      }
    }
    return seen;
  }

  /** Whether a place is among those that can be reached. */
  isReached(place: Place, reached: Reached): boolean {
    return reached[this.#cellOf(place)] === 1;
  }

  /**
   * The corners of a short way between two places, both included, straightened where the floor is
   * free; undefined if there is none. Dijkstra's search over the cells.
   */
  way(from: Place, to: Place): Place[] | undefined {
    const cells = this.#search(this.#cellOf(from), this.#cellOf(to));
    if (cells === undefined) return undefined;
    const places = [from, ...cells.slice(1, -1).map((cell) => this.#placeOf(cell)), to];
    const corners = [from];
    for (let i = 0; i < places.length - 1; ) {
      let next = i + 1;
      while (next + 1 < places.length && this.#isOpen(places[i]!, places[next + 1]!)) next++;
      corners.push(places[next]!);
      i = next;
    }
    return corners;
  }

  #search(start: number, goal: number): number[] | undefined {
    const cost = new Float64Array(this.#blocked.length).fill(Number.POSITIVE_INFINITY);
    const before = new Int32Array(this.#blocked.length).fill(-1);
    cost[start] = 0;
    // Buckets of half a cell: all costs are sums of 1 and of the square root of 2.
    const buckets: number[][] = [[start]];
    for (let b = 0; b < buckets.length; b++) {
      for (const cell of buckets[b] ?? []) {
        if (cell === goal) return this.#cellsTo(before, start, goal);
        if (Math.floor(2 * cost[cell]!) !== b) continue;
        for (const [dx, dy, length] of STEPS) {
          const to = this.#step(cell, dx, dy);
          const sum = cost[cell]! + length;
          if (to < 0 || this.#blocked[to] === 1 || sum >= cost[to]!) continue;
          cost[to] = sum;
          before[to] = cell;
          const bucket = Math.floor(2 * sum);
          while (buckets.length <= bucket) buckets.push([]);
          buckets[bucket]!.push(to);
        }
      }
    }
    return undefined;
  }

  #cellsTo(before: Int32Array, start: number, goal: number): number[] {
    const cells = [goal];
    for (let cell = goal; cell !== start; cell = before[cell]!) cells.push(before[cell]!);
    return cells.reverse();
  }

  /** Whether the straight line between two places is free. */
  #isOpen(a: Place, b: Place): boolean {
    const steps = Math.ceil((2 * Math.hypot(b.x - a.x, b.y - a.y)) / CELL_M);
    for (let i = 0; i <= steps; i++) {
      const part = i / steps;
      const cell = this.#cellOf({ x: a.x + part * (b.x - a.x), y: a.y + part * (b.y - a.y) });
      if (this.#blocked[cell] === 1) return false;
    }
    return true;
  }

  #eachCellIn(area: Rectangle, visit: (cell: number) => void): void {
    const first = this.#cellOf({ x: area.x0, y: area.y0 });
    const last = this.#cellOf({ x: area.x1, y: area.y1 });
    const [i0, i1] = [first % this.#width, last % this.#width];
    for (let row = first - i0; row <= last - i1; row += this.#width) {
      for (let i = i0; i <= i1; i++) visit(row + i);
    }
  }

  #eachCellNear(area: Rectangle, visit: (cell: number) => void): void {
    const r = this.#radiusM;
    const column = (x: number) => Math.floor((x - this.#origin.x) / CELL_M);
    const row = (y: number) => Math.floor((y - this.#origin.y) / CELL_M);
    const [i0, i1] = [Math.max(0, column(area.x0 - r)), column(area.x1 + r)];
    const [j0, j1] = [Math.max(0, row(area.y0 - r)), row(area.y1 + r)];
    for (let j = j0; j <= Math.min(j1, this.#height - 1); j++) {
      for (let i = i0; i <= Math.min(i1, this.#width - 1); i++) {
        const cell = j * this.#width + i;
        const { x, y } = this.#placeOf(cell);
        const dx = Math.max(area.x0 - x, 0, x - area.x1);
        const dy = Math.max(area.y0 - y, 0, y - area.y1);
        if (dx * dx + dy * dy < r * r) visit(cell);
      }
    }
  }

  #step(cell: number, dx: number, dy: number): number {
    const i = (cell % this.#width) + dx;
    const j = Math.floor(cell / this.#width) + dy;
    return i < 0 || j < 0 || i >= this.#width || j >= this.#height ? -1 : j * this.#width + i;
  }

  #cellOf({ x, y }: Place): number {
    const i = Math.floor((x - this.#origin.x) / CELL_M);
    const j = Math.floor((y - this.#origin.y) / CELL_M);
    const within = (value: number, count: number) => Math.min(Math.max(value, 0), count - 1);
    return within(j, this.#height) * this.#width + within(i, this.#width);
  }

  #placeOf(cell: number): Place {
    return {
      x: this.#origin.x + ((cell % this.#width) + 0.5) * CELL_M,
      y: this.#origin.y + (Math.floor(cell / this.#width) + 0.5) * CELL_M,
    };
  }
}
