/**
 * What an attacker keeps of a release: a picture of the home, turned so that its walls lie along the
 * axes where it shows walls, and in all the ways that it may lie over another one.
 */
import { seeded } from "./random.ts";
import { shapeDistribution } from "./shape-distribution.ts";

/** Cells of a release: what was seen, and where nothing was although it was looked at. */
export interface SeenCells {
  /** Edge of a cell in metres. */
  readonly cellM: number;
  /** x y x y ... */
  readonly occupied: Int32Array;
  /** All others, where nothing else was looked at. */
  readonly free: Int32Array | "all";
}

/** What it is worth to find an occupied cell in one, beside one, in one that is known to be empty. */
const SAME = 2;
const BESIDE = 1;
const EMPTY = -2;
/** Cells of this size or above tell nothing of the cells beside them. */
const COARSE_M = 0.5;

/** The occupied cells of a sighting at one of the turns that are tried. */
export interface Turn {
  readonly cos: number;
  readonly sin: number;
  /** x y x y ... of cells, the lowest at 0. */
  readonly cells: Int16Array;
  /** What was taken away from the turned places to begin at 0. */
  readonly x0: number;
  readonly y0: number;
  /** How many of them lie in each column and each row. */
  readonly columns: Float32Array;
  readonly rows: Float32Array;
}

export interface Sighting {
  readonly width: number;
  readonly height: number;
  /** What finding an occupied cell here is worth, rows along x. */
  readonly worth: Int8Array;
  /** The same of cells beyond. */
  readonly worthOutside: number;
  /** The first is not turned. */
  readonly turns: readonly Turn[];
  readonly shape: Float32Array;
}

/**
 * Prepares a release for comparisons.
 * @param turns ways in which it may lie over another one: 4 where walls show how it is turned, which
 *   is undone first; more where nothing shows it
 */
export function sightingOf(seen: SeenCells, turns: number): Sighting {
  const yaw = turns === 4 ? wallDirection(seen.occupied) : 0;
  const all = turnOf(seen.occupied, -yaw);
  const { cells: occupied, columns, rows } = all;
  const [width, height] = [columns.length, rows.length];
  const worth = new Int8Array(width * height);
  const put = (cells: Int16Array, reach: number, value: number) => {
    for (let i = 0; i < cells.length; i += 2) {
      for (let y = Math.max(0, cells[i + 1]! - reach); y <= cells[i + 1]! + reach; y++) {
        for (let x = Math.max(0, cells[i]! - reach); x <= cells[i]! + reach; x++) {
          if (x < width && y < height) worth[y * width + x] = value;
        }
      }
    }
  };
  const worthOutside = seen.free === "all" ? EMPTY : 0;
  if (seen.free === "all") worth.fill(EMPTY);
  else put(turnOf(seen.free, -yaw, all).cells, 0, EMPTY);
  if (seen.cellM < COARSE_M) put(occupied, 1, BESIDE);
  put(occupied, 0, SAME);
  const straight = Int32Array.from(occupied);
  return {
    width,
    height,
    worth,
    worthOutside,
    turns: Array.from({ length: turns }, (_, i) => turnOf(straight, (2 * Math.PI * i) / turns)),
    shape: shapeDistribution(occupied, seen.cellM, seeded(occupied.length).uniform),
  };
}

/** Cells turned about the origin, each once, and shifted to begin at 0, or as `like` was. */
function turnOf(cells: Int32Array, angle: number, like?: Turn): Turn {
  const cos = Math.cos(angle);
  const sin = Math.sin(angle);
  const places = new Int32Array(cells.length);
  let [x0, y0, x1, y1] = [0x7fffffff, 0x7fffffff, -0x80000000, -0x80000000];
  for (let i = 0; i < cells.length; i += 2) {
    const x = Math.floor(cos * (cells[i]! + 0.5) - sin * (cells[i + 1]! + 0.5));
    const y = Math.floor(sin * (cells[i]! + 0.5) + cos * (cells[i + 1]! + 0.5));
    places[i] = x;
    places[i + 1] = y;
    if (x < x0) x0 = x;
    if (y < y0) y0 = y;
    if (x > x1) x1 = x;
    if (y > y1) y1 = y;
  }
  if (like !== undefined) {
    ({ x0, y0 } = like);
    [x1, y1] = [x0 + like.columns.length - 1, y0 + like.rows.length - 1];
  }
  const taken = new Uint8Array((x1 - x0 + 1) * (y1 - y0 + 1));
  const columns = new Float32Array(x1 - x0 + 1);
  const rows = new Float32Array(y1 - y0 + 1);
  const kept: number[] = [];
  for (let i = 0; i < places.length; i += 2) {
    const x = places[i]! - x0;
    const y = places[i + 1]! - y0;
    if (x < 0 || y < 0 || x >= columns.length || y >= rows.length) continue;
    const at = y * columns.length + x;
    if (taken[at]) continue;
    taken[at] = 1;
    columns[x]!++;
    rows[y]!++;
    kept.push(x, y);
  }
  return { cos, sin, cells: Int16Array.from(kept), x0, y0, columns, rows };
}

/**
 * The direction of most walls, in [0, 90) degrees: that in which rows and columns of cells are either
 * full or empty, that is the squares of their counts greatest.
 */
export function wallDirection(cells: Int32Array): number {
  let best = 0;
  let most = -1;
  const consider = (angle: number) => {
    const peaks = peakedness(cells, angle);
    if (peaks > most) {
      most = peaks;
      best = angle;
    }
  };
  for (let degree = 0; degree < 90; degree += 1.5) consider((degree * Math.PI) / 180);
  const around = best;
  for (let step = -5; step <= 5; step++) consider(around + (step * 0.25 * Math.PI) / 180);
  return best;
}

const SUMS = new Int32Array(8192);

function peakedness(cells: Int32Array, angle: number): number {
  const cos = Math.cos(angle);
  const sin = Math.sin(angle);
  SUMS.fill(0);
  // Two histograms in one table; cells far out share places, which changes nothing between angles.
  for (let i = 0; i < cells.length; i += 2) {
    const x = cells[i]!;
    const y = cells[i + 1]!;
    SUMS[Math.floor(cos * x + sin * y) & 4095]!++;
    SUMS[4096 + (Math.floor(cos * y - sin * x) & 4095)]!++;
  }
  let sum = 0;
  for (let i = 0; i < SUMS.length; i++) sum += SUMS[i]! * SUMS[i]!;
  return sum;
}
