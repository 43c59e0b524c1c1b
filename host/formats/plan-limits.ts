/** How large a plan may be, checked before memory is taken. */
import { badInput, tooLarge } from "./input-errors.ts";

/** 819 m at the usual 5 cm. */
export const PLAN_EDGE_MAX = 16_384;
/** 8,192 x 8,192: 64 MiB for the cells and as much for the rooms. */
export const PLAN_CELLS_MAX = 1 << 26;
/** 64 MiB of samples with a header, or as much text. */
export const PLAN_BYTES_MAX = (1 << 27) + 4096;
/** A day of driving with three points a second. */
export const PATH_POINTS_MAX = 1 << 18;
/** As many as Plan.roomOf can tell apart. */
export const ROOMS_MAX = 255;
/** Robots keep maps in steps of a few centimetres. */
const CELL_M_MIN = 0.001;
const CELL_M_MAX = 10;

/** TOO_LARGE beyond the limits, BAD_INPUT for sizes that are no sizes. */
export function checkPlanSize(file: string, width: number, height: number, offset?: number): void {
  const where = { field: "size", ...(offset !== undefined && { offset }) };
  const sound = Number.isInteger(width) && Number.isInteger(height) && width > 0 && height > 0;
  if (!sound) {
    throw badInput(
      file,
      `a map of ${width} x ${height} cells cannot be; save the map again.`,
      where,
    );
  }
  if (width <= PLAN_EDGE_MAX && height <= PLAN_EDGE_MAX && width * height <= PLAN_CELLS_MAX) return;
  throw tooLarge(
    file,
    `the map has ${width} x ${height} cells; at most ${PLAN_CELLS_MAX} and ${PLAN_EDGE_MAX} on one ` +
      "side are read. Cut it to the home, or save it with larger cells.",
    where,
  );
}

/** BAD_INPUT for an edge of a cell that is none. */
export function checkCellM(file: string, cellM: number, field: string): void {
  if (cellM >= CELL_M_MIN && cellM <= CELL_M_MAX) return;
  throw badInput(
    file,
    `${field} is the width of a cell; ${CELL_M_MIN} to ${CELL_M_MAX} m are possible.`,
    { field },
  );
}

/** BAD_INPUT for a place that is not finite. */
export function checkPlace(file: string, values: readonly number[], field: string): void {
  // Further away than any building, floats no longer tell cells apart.
  if (values.every((value) => Math.abs(value) <= 1e6)) return;
  const text = `${field} must be finite, and at most 1,000 km from the map's zero.`;
  throw badInput(file, text, { field });
}
