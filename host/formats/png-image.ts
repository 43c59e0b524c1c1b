/** Grey images from PNG, as some map servers and people's editors keep maps. */
import { PNG } from "pngjs";
import { badInput, tooLarge } from "./input-errors.ts";
import type { GreyImage } from "./pgm.ts";
import { checkPlanSize } from "./plan-limits.ts";

/** 4,096 x 4,096: a pixel takes four bytes, and some more on the way. */
const PIXELS_MAX = 1 << 24;

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

/** True if the bytes begin as a PNG does. */
export function isPng(head: Uint8Array): boolean {
  return SIGNATURE.every((byte, i) => head[i] === byte);
}

/** The mean of the colours of each pixel, as map_server takes it. BAD_INPUT if it is damaged. */
export function readPngGrey(file: string, bytes: Uint8Array): GreyImage {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (!isPng(bytes) || bytes.length < 33) throw damaged(file, "its header is cut short");
  // Width and height of IHDR, before the library takes memory for them.
  const [width, height] = [view.getUint32(16), view.getUint32(20)];
  checkPlanSize(file, width, height, 16);
  if (width * height > PIXELS_MAX) {
    const text = `the PNG has ${width} x ${height} pixels; at most ${PIXELS_MAX} are read. Save it as .pgm.`;
    throw tooLarge(file, text, { field: "image", offset: 16 });
  }
  checkChunks(file, view);
  const rgba = decode(file, bytes);
  if (rgba.length !== width * height * 4) throw damaged(file, "it has too few pixels");
  const samples = new Uint16Array(width * height);
  const clear = new Uint8Array(width * height);
  for (let i = 0; i < samples.length; i++) {
    samples[i] = rgba[4 * i]! + rgba[4 * i + 1]! + rgba[4 * i + 2]!;
    clear[i] = rgba[4 * i + 3] === 255 ? 0 : 1;
  }
  // Thirds of a step, so that the mean is exact.
  const image = { width, height, maxValue: 3 * 255, samples };
  return clear.includes(1) ? { ...image, clear } : image;
}

/** The library believes any header that comes later, and unpacks interlaced images without a bound. */
function checkChunks(file: string, view: DataView): void {
  const IHDR = 0x49484452;
  if (view.getUint8(28) !== 0) throw damaged(file, "it is interlaced, which is not read");
  for (let at = 8; at + 8 <= view.byteLength; at += 12 + view.getUint32(at)) {
    const isHeader = view.getUint32(at + 4) === IHDR;
    if (isHeader !== (at === 8))
      throw damaged(file, `its header is not where it must be, at ${at}`);
  }
}

function decode(file: string, bytes: Uint8Array): Uint8Array {
  try {
    return PNG.sync.read(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)).data;
  } catch (error) {
    throw damaged(file, "it does not unpack", error);
  }
}

function damaged(file: string, reason: string, cause?: unknown) {
  const text = `the PNG image is damaged (${reason}); save or copy it again.`;
  return badInput(file, text, { field: "image" }, cause);
}
