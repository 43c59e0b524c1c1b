/** Plans as pictures. */
import { PNG } from "pngjs";
import { LAYER_NONE, type PlanTile } from "./plan.ts";

type Rgb = readonly [number, number, number];

const NOTHING: Rgb = [11, 14, 20];
const PATH: Rgb = [250, 198, 96];

/** Colour of each layer: walls, free cells, then rooms in the order of ROOM_TYPES. */
export const LAYER_COLOURS: readonly Rgb[] = [
  [236, 240, 246],
  [38, 46, 60],
  [72, 82, 100],
  [44, 140, 232],
  [206, 222, 72],
  [118, 96, 214],
  [40, 200, 206],
  [150, 161, 178],
  [238, 130, 92],
  [96, 222, 130],
];

/** Small plans are enlarged to about this many pixels on their longer side. */
const LONG_SIDE = 1024;
const PIXELS_A_CELL_MAX = 16;

/** The picture, y up; the same bytes for the same plan. */
export function planPng(tile: PlanTile, kind: "grid" | "path"): Uint8Array {
  const { layers, width, height } = tile;
  const fitting = Math.floor(LONG_SIDE / Math.max(width, height));
  const scale = Math.min(PIXELS_A_CELL_MAX, Math.max(1, fitting));
  const png = new PNG({ width: width * scale, height: height * scale });
  for (let y = 0, at = 0; y < png.height; y++) {
    const row = (height - 1 - Math.floor(y / scale)) * width;
    for (let x = 0; x < png.width; x++, at += 4) {
      const layer = layers[row + Math.floor(x / scale)]!;
      const colour = kind === "path" ? PATH : LAYER_COLOURS[layer]!;
      const [red, green, blue] = layer === LAYER_NONE ? NOTHING : colour;
      png.data.set([red, green, blue, 255], at);
    }
  }
  return PNG.sync.write(png, { colorType: 2 });
}
