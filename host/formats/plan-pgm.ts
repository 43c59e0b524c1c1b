/** Plans as nav2_map_server keeps maps: an image of three greys and a .yaml that says what they mean. */
import { LAYER_NONE, LAYER_OCCUPIED, type PlanTile } from "./plan.ts";

const OCCUPIED = 0;
const FREE = 254;
const UNKNOWN = 205;

/** The image, row of the highest y first. Rooms are free: the format has no word for them. */
export function planPgm(tile: PlanTile, kind: "grid" | "path"): Uint8Array {
  const { layers, width, height } = tile;
  const header = Buffer.from(`P5\n${width} ${height}\n255\n`, "latin1");
  const bytes = new Uint8Array(header.length + width * height);
  bytes.set(header);
  for (let y = 0, at = header.length; y < height; y++) {
    const row = (height - 1 - y) * width;
    for (let x = 0; x < width; x++, at++) {
      const layer = layers[row + x]!;
      // Where a robot drove, it is free.
      const wall = layer === LAYER_OCCUPIED && kind === "grid";
      bytes[at] = layer === LAYER_NONE ? UNKNOWN : wall ? OCCUPIED : FREE;
    }
  }
  return bytes;
}

/**
 * The .yaml that goes with it. The origin is the plan's own corner: a released plan has no place in
 * the robot's map. free_thresh lies below the grey of unknown cells, as in map_server; with nav2's
 * default of 0.25 they would count as free.
 */
export function planYaml(tile: PlanTile, image: string): string {
  return [
    `image: ${JSON.stringify(image)}`,
    "mode: trinary",
    `resolution: ${Number(tile.cellM.toFixed(6))}`,
    "origin: [0.0, 0.0, 0.0]",
    "negate: 0",
    "occupied_thresh: 0.65",
    "free_thresh: 0.196\n",
  ].join("\n");
}
