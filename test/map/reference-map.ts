/**
 * The map of many frames, plainly: what it keeps and what it takes out as moving, cell by cell as
 * the definition says. It shares nothing with the core, which must give the same cells.
 *
 * Origin of the method: empty space whose neighbours are empty too, D. Duberg et al., "DUFOMap:
 * Efficient Dynamic Awareness Mapping", IEEE RA-L 2024; here on cells, with walks from cell to cell.
 */
import type { MapTerms } from "../../host/core/map.ts";

export type Cell = readonly [x: number, y: number, z: number];

export interface ReferenceScan {
  /** Not below that of the scan before. */
  readonly stampNs: bigint;
  /** The cell that the sensor is in. */
  readonly sensor: Cell;
  /** x y z of each cell with a point in it, each cell once. */
  readonly hits: Int32Array;
}

export interface ReferenceRelease {
  /** x y z of each cell, in the order of z, y, x. */
  readonly kept: Int32Array;
  readonly removed: Int32Array;
}

const HITS_MAX = 255;
const VOIDS_MAX = 3;
/** Levels of a window below its anchor and above it. */
const BELOW = 32;
const ABOVE = 31;

export class ReferenceMap {
  readonly #terms: MapTerms;
  readonly #hits = new Counts();
  readonly #voids = new Counts();
  #held: ReferenceScan[] = [];
  #newestNs = 0n;
  #window: Window | undefined;
  #scansInWindow = 0;

  constructor(terms: MapTerms) {
    this.#terms = terms;
  }

  add(scan: ReferenceScan): void {
    if (scan.stampNs < this.#newestNs) throw new Error("a stamp below the last one");
    this.#window ??= new Window(scan.sensor, this.#terms);
    this.#window.see(scan);
    this.#scansInWindow++;
    if (this.#scansInWindow === this.#terms.windowScans) this.#closeWindow();
    this.#held.push(scan);
    this.#newestNs = scan.stampNs;
    this.#commit();
  }

  /** The map goes on afterwards. */
  release(): ReferenceRelease {
    this.#closeWindow();
    const kept: Cell[] = [];
    const removed: Cell[] = [];
    for (const [cell, hits] of this.#hits.entries()) {
      const stays = hits >= this.#terms.hitsMin && !this.#isDynamic(cell, hits);
      (stays ? kept : removed).push(cell);
    }
    return { kept: inOrder(kept), removed: inOrder(removed) };
  }

  #closeWindow(): void {
    for (const cell of this.#window?.voids() ?? []) this.#voids.increase(cell, VOIDS_MAX);
    this.#window = undefined;
    this.#scansInWindow = 0;
  }

  #commit(): void {
    const isDue = (scan: ReferenceScan) => scan.stampNs + this.#terms.holdNs <= this.#newestNs;
    for (const { hits } of this.#held.filter(isDue)) {
      for (const cell of cellsOf(hits)) this.#hits.increase(cell, HITS_MAX);
    }
    this.#held = this.#held.filter((scan) => !isDue(scan));
  }

  #isDynamic(cell: Cell, hits: number): boolean {
    const { voidMin, voteHits, crowdHits, crowdVoids, flat } = this.#terms;
    const wasEmpty = (other: Cell) => this.#voids.of(other) >= voidMin;
    if (wasEmpty(cell)) return true;
    const empty = neighboursOf(cell, flat).filter(wasEmpty).length;
    return (hits <= voteHits && empty > 0) || (hits <= crowdHits && empty >= crowdVoids);
  }
}

/** Hits and free space of a few scans, in a box around the sensor of the first. */
class Window {
  readonly #anchor: Cell;
  readonly #terms: MapTerms;
  /** Cells of the box along x and along y, and a rim of one cell that is never free. */
  readonly #side: number;
  readonly #isHit: Uint8Array;
  readonly #isFree: Uint8Array;
  /** The free cells, so that the box need not be searched for them. */
  readonly #free: Cell[] = [];

  constructor(anchor: Cell, terms: MapTerms) {
    this.#anchor = anchor;
    this.#terms = terms;
    this.#side = 2 * terms.carveCells + 3;
    const cells = this.#side ** 2 * (BELOW + ABOVE + 3);
    this.#isHit = new Uint8Array(cells);
    this.#isFree = new Uint8Array(cells);
  }

  see({ sensor, hits }: ReferenceScan): void {
    const cells = cellsOf(hits);
    for (const cell of cells) {
      if (this.#contains(...cell)) this.#isHit[this.#at(...cell)] = 1;
    }
    for (const cell of cells) this.#walk(sensor, cell);
  }

  /** Free cells that nothing hit, and whose neighbours are such cells too. */
  voids(): Cell[] {
    const isEmpty = (at: number) => this.#isFree[at] === 1 && this.#isHit[at] === 0;
    const here = this.#at(...this.#anchor);
    const steps = neighboursOf(this.#anchor, this.#terms.flat).map((c) => this.#at(...c) - here);
    return this.#free.filter((cell) => {
      const at = this.#at(...cell);
      return isEmpty(at) && steps.every((step) => isEmpty(at + step));
    });
  }

  /** From cell to cell along the line between two centres, until something ends it. */
  #walk([sx, sy, sz]: Cell, [tx, ty, tz]: Cell): void {
    const [a, b, c] = [Math.abs(tx - sx), Math.abs(ty - sy), Math.abs(tz - sz)];
    let [x, y, z] = [sx, sy, sz];
    // Twice the number of crossings along each axis, and one: the next is at u / 2a, v / 2b, w / 2c.
    let [u, v, w] = [1, 1, 1];
    while (this.#contains(x, y, z)) {
      const distance = Math.max(Math.abs(tx - x), Math.abs(ty - y), Math.abs(tz - z));
      const at = this.#at(x, y, z);
      if (distance <= this.#terms.gapCells || this.#isHit[at] === 1) break;
      if (this.#isFree[at] === 0) this.#free.push([x, y, z]);
      this.#isFree[at] = 1;
      // An axis without a way to go has its crossing at infinity: u / 0.
      if (a > 0 && u * b <= v * a && u * c <= w * a) {
        x += Math.sign(tx - sx);
        u += 2;
      } else if (b > 0 && v * c <= w * b) {
        y += Math.sign(ty - sy);
        v += 2;
      } else {
        z += Math.sign(tz - sz);
        w += 2;
      }
    }
  }

  #contains(x: number, y: number, z: number): boolean {
    const [dx, dy, dz] = [x - this.#anchor[0], y - this.#anchor[1], z - this.#anchor[2]];
    const reach = this.#terms.carveCells;
    return Math.abs(dx) <= reach && Math.abs(dy) <= reach && dz >= -BELOW && dz <= ABOVE;
  }

  /** Place of a cell of the box or its rim. */
  #at(x: number, y: number, z: number): number {
    const reach = this.#terms.carveCells + 1;
    const row = (z - this.#anchor[2] + BELOW + 1) * this.#side + (y - this.#anchor[1] + reach);
    return row * this.#side + (x - this.#anchor[0] + reach);
  }
}

/** A small number for each cell; cells that were never increased have 0. */
class Counts {
  readonly #levels = new Map<number, Map<number, number>>();

  of([x, y, z]: Cell): number {
    return this.#levels.get(z)?.get(keyOf(x, y)) ?? 0;
  }

  increase([x, y, z]: Cell, max: number): void {
    const level = this.#levels.get(z) ?? new Map<number, number>();
    this.#levels.set(z, level);
    const key = keyOf(x, y);
    level.set(key, Math.min(max, (level.get(key) ?? 0) + 1));
  }

  *entries(): Generator<[Cell, number]> {
    for (const [z, level] of this.#levels) {
      for (const [key, count] of level) yield [cellOf(key, z), count];
    }
  }
}

/** Cells lie within 2^20 of the origin, as those of every frame. */
const HALF = 2 ** 20;

function keyOf(x: number, y: number): number {
  return (y + HALF) * 2 * HALF + (x + HALF);
}

function cellOf(key: number, z: number): Cell {
  return [(key % (2 * HALF)) - HALF, Math.floor(key / (2 * HALF)) - HALF, z];
}

function cellsOf(coordinates: Int32Array): Cell[] {
  return Array.from({ length: coordinates.length / 3 }, (_, i) => [
    coordinates[3 * i]!,
    coordinates[3 * i + 1]!,
    coordinates[3 * i + 2]!,
  ]);
}

const AROUND: readonly Cell[] = [-1, 0, 1].flatMap((dz) =>
  [-1, 0, 1].flatMap((dy) => [-1, 0, 1].map((dx): Cell => [dx, dy, dz])),
);
const NEIGHBOURS = AROUND.filter(([dx, dy, dz]) => dx !== 0 || dy !== 0 || dz !== 0);
const LEVEL_NEIGHBOURS = NEIGHBOURS.filter(([, , dz]) => dz === 0);

/** The 26 cells around a cell, or the 8 of its own level. */
function neighboursOf([x, y, z]: Cell, flat: boolean): Cell[] {
  const offsets = flat ? LEVEL_NEIGHBOURS : NEIGHBOURS;
  return offsets.map(([dx, dy, dz]) => [x + dx, y + dy, z + dz]);
}

function inOrder(cells: readonly Cell[]): Int32Array {
  const sorted = cells.toSorted((p, q) => p[2] - q[2] || p[1] - q[1] || p[0] - q[0]);
  return Int32Array.from(sorted.flat());
}
