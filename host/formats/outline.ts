/** Cells within an outline. */
import type { Point2 } from "./plan.ts";

/** How many rows the sides of an outline cross, all together: what fillOutline has to look at. */
export function outlineRows(corners: readonly Point2[]): number {
  return corners.reduce((sum, { y }, i) => {
    return sum + Math.abs(corners[(i + 1) % corners.length]!.y - y);
  }, corners.length);
}

/**
 * Calls `visit` with the index of each cell that lies within a closed outline or on it. The outline
 * is a polygon between the centres of cells, which all lie on the grid of `width` columns; parts
 * that it goes around twice count as outside (even-odd rule).
 */
export function fillOutline(
  corners: readonly Point2[],
  width: number,
  visit: (at: number) => void,
): void {
  const rows = new Map<number, number[]>();
  for (const [i, from] of corners.entries()) {
    visit(from.y * width + from.x);
    const to = corners[(i + 1) % corners.length]!;
    const [low, high] = from.y < to.y ? [from, to] : [to, from];
    // A row crosses the side if it lies at or above its lower end and below its upper one.
    for (let y = low.y; y < high.y; y++) {
      const x = low.x + ((y - low.y) / (high.y - low.y)) * (high.x - low.x);
      const row = rows.get(y);
      if (row) row.push(x);
      else rows.set(y, [x]);
    }
  }
  for (const [y, crossings] of rows) {
    crossings.sort((a, b) => a - b);
    for (let i = 0; i + 1 < crossings.length; i += 2) {
      const end = Math.floor(crossings[i + 1]!);
      for (let x = Math.ceil(crossings[i]!); x <= end; x++) visit(y * width + x);
    }
  }
}
