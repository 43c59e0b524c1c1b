/** An RGB picture with the few things that a preview draws. */
import { PNG } from "pngjs";
import { ADVANCE, drawGlyphs } from "./font.ts";

/** Red, green, blue, 0..255. */
export type Rgb = readonly [number, number, number];

/** Text is drawn at twice the size of the font. */
export const TEXT_ADVANCE = 2 * ADVANCE;

export interface Rect {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export class Canvas {
  readonly width: number;
  readonly height: number;
  readonly #pixels: Uint8Array;

  constructor(width: number, height: number, background: Rgb) {
    this.width = width;
    this.height = height;
    this.#pixels = new Uint8Array(width * height * 4);
    this.fill({ x: 0, y: 0, width, height }, background);
  }

  /** Sets one pixel; outside of the picture nothing happens. */
  set(x: number, y: number, [r, g, b]: Rgb): void {
    if (x < 0 || y < 0 || x >= this.width || y >= this.height) return;
    const at = 4 * (y * this.width + x);
    this.#pixels[at] = r;
    this.#pixels[at + 1] = g;
    this.#pixels[at + 2] = b;
    this.#pixels[at + 3] = 255;
  }

  /** Mixes `share` (0..1) of a colour into one pixel of the picture. */
  blend(x: number, y: number, colour: Rgb, share: number): void {
    const at = 4 * (y * this.width + x);
    for (let i = 0; i < 3; i++) {
      const old = this.#pixels[at + i]!;
      this.#pixels[at + i] = Math.round(old + share * (colour[i]! - old));
    }
  }

  fill(rect: Rect, colour: Rgb): void {
    for (let y = rect.y; y < rect.y + rect.height; y++) {
      for (let x = rect.x; x < rect.x + rect.width; x++) this.set(x, y, colour);
    }
  }

  /** The four edges of a rectangle, one pixel wide, inside of it. */
  frame({ x, y, width, height }: Rect, colour: Rgb): void {
    this.fill({ x, y, width, height: 1 }, colour);
    this.fill({ x, y: y + height - 1, width, height: 1 }, colour);
    this.fill({ x, y, width: 1, height }, colour);
    this.fill({ x: x + width - 1, y, width: 1, height }, colour);
  }

  /** One line of text; x, y is its upper left corner. */
  text(x: number, y: number, text: string, colour: Rgb): void {
    drawGlyphs(text, (dx, dy) => this.set(x + dx, y + dy, colour));
  }

  /** The picture as a PNG file, without a comment or date. */
  png(): Buffer {
    const png = new PNG({ width: this.width, height: this.height, colorType: 2 });
    png.data = Buffer.from(this.#pixels.buffer);
    // Scattered points on an even ground: no filter and the default search make the smallest files.
    return PNG.sync.write(png, { colorType: 2, filterType: 0, deflateStrategy: 0 });
  }
}
