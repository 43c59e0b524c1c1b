/** Colours of heights, and of everything else in a preview. */
import type { Rgb } from "./canvas.ts";

export const BACKGROUND: Rgb = [11, 14, 20];
export const PANEL: Rgb = [5, 7, 11];
export const EDGE: Rgb = [38, 46, 60];
export const TITLE: Rgb = [236, 240, 246];
export const TEXT: Rgb = [150, 161, 178];
export const CROPPED: Rgb = [238, 36, 62];

/** From low to high: blue, cyan, green, yellow, sand. Bright for a dark ground; red means cropped. */
const STOPS: readonly Rgb[] = [
  [58, 76, 192],
  [44, 140, 232],
  [40, 200, 206],
  [96, 222, 130],
  [206, 222, 72],
  [250, 198, 96],
  [255, 232, 196],
];

/** The colour of a height; `share` 0 is the lowest, 1 the highest, beyond is clamped. */
export function heightColour(share: number): Rgb {
  const at = Math.min(1, Math.max(0, share)) * (STOPS.length - 1);
  const low = Math.min(STOPS.length - 2, Math.floor(at));
  const part = at - low;
  const [from, to] = [STOPS[low]!, STOPS[low + 1]!];
  return [0, 1, 2].map((i) => from[i]! + part * (to[i]! - from[i]!)) as unknown as Rgb;
}
