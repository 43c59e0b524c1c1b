/** From an opened tile back to a plan, for those who received it. */
import { MapveilError } from "../core/errors.ts";
import type { Tile } from "../core/tile.ts";
import { LAYER_NONE, LAYER_ROOMS, type PlanTile, ROOM_TYPES } from "../formats/plan.ts";
import { GRID_CELLS_MAX } from "./grid.ts";

const LAYERS = LAYER_ROOMS + ROOM_TYPES.length;

function badTile(what: string): MapveilError {
  return new MapveilError("BAD_INPUT", `The tile is no plan: ${what}.`);
}

/**
 * The plan in a tile of kind grid, or the visited cells in one of kind path, which are all of layer 0.
 * Throws BAD_INPUT for a tile that `releasePlan` cannot have made: no cells, one of a layer that is
 * none, two layers in one place, cells that lie too far apart.
 */
export function openPlanTile({ cells, leafM }: Tile): PlanTile {
  if (cells.length === 0) throw badTile("it has no cells");
  let [minX, minY] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  let [maxX, maxY] = [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let i = 0; i < cells.length; i += 3) {
    minX = Math.min(minX, cells[i]!);
    maxX = Math.max(maxX, cells[i]!);
    minY = Math.min(minY, cells[i + 1]!);
    maxY = Math.max(maxY, cells[i + 1]!);
  }
  const [width, height] = [maxX - minX + 1, maxY - minY + 1];
  if (width * height > GRID_CELLS_MAX) {
    throw badTile(`it spans ${width} x ${height} cells, at most ${GRID_CELLS_MAX} are possible`);
  }
  const layers = new Uint8Array(width * height).fill(LAYER_NONE);
  for (let i = 0; i < cells.length; i += 3) {
    const layer = cells[i + 2]!;
    const at = (cells[i + 1]! - minY) * width + cells[i]! - minX;
    if (layer < 0 || layer >= LAYERS) throw badTile(`cell ${i / 3} is of layer ${layer}`);
    if (layers[at] !== LAYER_NONE) throw badTile(`cell ${i / 3} has two layers`);
    layers[at] = layer;
  }
  return { cellM: leafM, width, height, layers };
}
