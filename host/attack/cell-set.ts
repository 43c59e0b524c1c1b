/** A set of square cells of a plane. */

/** Cells reach so far to either side of the origin. */
const REACH = 2 ** 20;
const ROW = 2 * REACH;

export class CellSet {
  readonly #cellM: number;
  readonly #keys = new Set<number>();

  /** @param cellM edge of a cell in metres */
  constructor(cellM: number) {
    this.#cellM = cellM;
  }

  /** Adds the cell of a place; metres. */
  add(x: number, y: number): void {
    const column = Math.floor(x / this.#cellM) + REACH;
    this.#keys.add((Math.floor(y / this.#cellM) + REACH) * ROW + column);
  }

  /** x y x y ... of all cells, in the order in which they were added. */
  list(): Int32Array {
    return listed([...this.#keys]);
  }

  /** Those with a neighbour that is not in the set, and those without. */
  split(): { edge: Int32Array; inner: Int32Array } {
    const isInner = (key: number) =>
      this.#keys.has(key - 1) &&
      this.#keys.has(key + 1) &&
      this.#keys.has(key - ROW) &&
      this.#keys.has(key + ROW);
    const keys = [...this.#keys];
    return {
      edge: listed(keys.filter((key) => !isInner(key))),
      inner: listed(keys.filter(isInner)),
    };
  }
}

function listed(keys: readonly number[]): Int32Array {
  const cells = new Int32Array(2 * keys.length);
  for (const [i, key] of keys.entries()) {
    cells[2 * i] = (key % ROW) - REACH;
    cells[2 * i + 1] = Math.floor(key / ROW) - REACH;
  }
  return cells;
}
