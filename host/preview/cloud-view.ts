/** Draws a cloud into a panel: one direction of view, coloured by height, brighter where it is denser. */
import type { Canvas, Rect, Rgb } from "./canvas.ts";
import { heightColour } from "./colour.ts";
import type { Bounds } from "./scene.ts";

/** Which axis goes right and which up; a negative sign turns it round. */
export interface Projection {
  readonly right: readonly [axis: 0 | 1 | 2, sign: 1 | -1];
  readonly up: readonly [axis: 0 | 1 | 2, sign: 1 | -1];
}

export interface View {
  readonly panel: Rect;
  readonly projection: Projection;
  /** Shown in the middle of the panel, metres. */
  readonly centre: readonly [number, number, number];
  readonly pixelsPerMetre: number;
  /** Heights of the lowest and the highest colour, metres. */
  readonly heights: readonly [number, number];
}

const DARKEST = 0.55;
const COLOURS = 256;

/** Sums of weight and colour a pixel. */
class Layer {
  readonly #rect: Rect;
  readonly weight: Float32Array;
  readonly rgb: Float32Array;

  constructor(rect: Rect) {
    this.#rect = rect;
    this.weight = new Float32Array(rect.width * rect.height);
    this.rgb = new Float32Array(3 * rect.width * rect.height);
  }

  add(x: number, y: number, weight: number, colour: Rgb): void {
    if (x < 0 || y < 0 || x >= this.#rect.width || y >= this.#rect.height || weight <= 0) return;
    const at = y * this.#rect.width + x;
    this.weight[at]! += weight;
    for (let i = 0; i < 3; i++) this.rgb[3 * at + i]! += weight * colour[i]!;
  }
}

/** The middle of a panel looks at `bounds`' middle; the scale is the largest at which all of it fits. */
export function fitScale(panel: Rect, projection: Projection, { min, max }: Bounds): number {
  const size = (axis: 0 | 1 | 2) => Math.max(0.1, max[axis] - min[axis]);
  const margin = 0.94;
  return (
    margin *
    Math.min(panel.width / size(projection.right[0]), panel.height / size(projection.up[0]))
  );
}

/**
 * Draws points of `sizeM` metres; those smaller than a pixel are spread over the four around them.
 * @param colour one for all; by height if absent
 */
export function drawCloud(
  canvas: Canvas,
  view: View,
  points: Float32Array,
  sizeM: number,
  colour?: Rgb,
): void {
  const layer = new Layer(view.panel);
  const { right, up } = view.projection;
  const { centre, pixelsPerMetre, heights, panel } = view;
  const palette = Array.from({ length: COLOURS }, (_, i) => heightColour(i / (COLOURS - 1)));
  const span = Math.max(1e-6, heights[1] - heights[0]);
  const size = sizeM * pixelsPerMetre;
  for (let i = 0; i < points.length; i += 3) {
    const x =
      panel.width / 2 + (points[i + right[0]]! - centre[right[0]]) * right[1] * pixelsPerMetre;
    const y = panel.height / 2 - (points[i + up[0]]! - centre[up[0]]) * up[1] * pixelsPerMetre;
    const share = Math.min(1, Math.max(0, (points[i + 2]! - heights[0]) / span));
    plot(layer, x, y, size, colour ?? palette[Math.round(share * (COLOURS - 1))]!);
  }
  compose(canvas, panel, layer);
}

function plot(layer: Layer, x: number, y: number, size: number, colour: Rgb): void {
  if (size < 2) {
    const left = Math.floor(x - 0.5);
    const top = Math.floor(y - 0.5);
    const fx = x - 0.5 - left;
    const fy = y - 0.5 - top;
    layer.add(left, top, (1 - fx) * (1 - fy), colour);
    layer.add(left + 1, top, fx * (1 - fy), colour);
    layer.add(left, top + 1, (1 - fx) * fy, colour);
    layer.add(left + 1, top + 1, fx * fy, colour);
    return;
  }
  // Cubes that are large enough show a gap between them.
  const edge = Math.max(1, Math.round(size) - (size >= 4 ? 1 : 0));
  const left = Math.round(x - size / 2);
  const top = Math.round(y - size / 2);
  for (let dy = 0; dy < edge; dy++) {
    for (let dx = 0; dx < edge; dx++) layer.add(left + dx, top + dy, 1, colour);
  }
}

/** The weight that all but the brightest 3 % of the drawn pixels stay below. */
function brightWeight(weights: Float32Array): number {
  const drawn = weights.filter((weight) => weight > 0).sort();
  return Math.max(1, drawn[Math.floor(0.97 * drawn.length)] ?? 1);
}

function compose(canvas: Canvas, panel: Rect, layer: Layer): void {
  const full = Math.log1p(brightWeight(layer.weight));
  for (let y = 0, at = 0; y < panel.height; y++) {
    for (let x = 0; x < panel.width; x++, at++) {
      const weight = layer.weight[at]!;
      if (weight === 0) continue;
      const density = Math.min(1, Math.log1p(weight) / full);
      // What covers a part of a pixel only is mixed with the ground.
      const cover = Math.min(1, 2.5 * weight) * (DARKEST + (1 - DARKEST) * density);
      const mean = (i: number) => layer.rgb[3 * at + i]! / weight;
      canvas.blend(panel.x + x, panel.y + y, [mean(0), mean(1), mean(2)], cover);
    }
  }
}
