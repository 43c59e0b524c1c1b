/** Grey images as map_server writes them: PGM, P5 and P2 (netpbm.sourceforge.net/doc/pgm.html). */
import { badInput } from "./input-errors.ts";
import { checkPlanSize } from "./plan-limits.ts";

/** A grey image; row 0 is the uppermost. */
export interface GreyImage {
  readonly width: number;
  readonly height: number;
  /** Value of white. */
  readonly maxValue: number;
  readonly samples: Uint8Array | Uint16Array;
  /** 1 where the image is transparent; undefined where it is nowhere. */
  readonly clear?: Uint8Array;
}

const NUMBER_DIGITS_MAX = 9;

/** True if the bytes begin as a PGM does. */
export function isPgm(head: Uint8Array): boolean {
  return head[0] === 0x50 && (head[1] === 0x32 || head[1] === 0x35) && isSpace(head[2]);
}

/** Reads an image of 8 or 16 bits. BAD_INPUT names the offset where the file breaks. */
export function readPgm(file: string, bytes: Uint8Array): GreyImage {
  if (!isPgm(bytes)) {
    const text = "it is no PGM image, which begins with P5 or P2; save the map again.";
    throw badInput(file, text, { offset: 0 });
  }
  const text = new PgmText(file, bytes);
  const width = text.number("width");
  const height = text.number("height");
  checkPlanSize(file, width, height, 2);
  const maxValue = text.number("maxval");
  if (maxValue < 1 || maxValue > 65535) {
    throw text.fail("maxval", "is not from 1 to 65535");
  }
  const size = { width, height, maxValue };
  return { ...size, samples: bytes[1] === 0x35 ? binary(text, size) : plain(text, size) };
}

type Size = Omit<GreyImage, "samples">;

function binary(text: PgmText, { width, height, maxValue }: Size): Uint8Array | Uint16Array {
  const step = maxValue > 255 ? 2 : 1;
  const bytes = text.rest(width * height * step);
  const samples = step === 1 ? bytes : new Uint16Array(width * height);
  if (step === 2) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (let i = 0; i < samples.length; i++) samples[i] = view.getUint16(2 * i, false);
  }
  if (maxValue === 255 || maxValue === 65535) return samples;
  const high = samples.findIndex((sample) => sample > maxValue);
  if (high >= 0)
    throw text.fail("samples", `hold a value above maxval ${maxValue}, sample ${high}`);
  return samples;
}

function plain(text: PgmText, { width, height, maxValue }: Size): Uint16Array {
  // Two characters a sample at least, so that a lying header takes no memory.
  text.mustHave(2 * width * height - 1);
  const samples = new Uint16Array(width * height);
  for (let i = 0; i < samples.length; i++) {
    const value = text.number("samples");
    if (value > maxValue) {
      throw text.fail("samples", `hold a value above maxval ${maxValue}, sample ${i}`);
    }
    samples[i] = value;
  }
  return samples;
}

class PgmText {
  readonly #file: string;
  readonly #bytes: Uint8Array;
  #at = 2;

  constructor(file: string, bytes: Uint8Array) {
    this.#file = file;
    this.#bytes = bytes;
  }

  /** The next whole number; comments run from # to the end of the line. */
  number(field: string): number {
    const bytes = this.#bytes;
    for (; isSpace(bytes[this.#at]) || bytes[this.#at] === 0x23; this.#at++) {
      if (bytes[this.#at] !== 0x23) continue;
      while (this.#at < bytes.length && bytes[this.#at] !== 10) this.#at++;
    }
    const start = this.#at;
    let value = 0;
    for (; isDigit(bytes[this.#at]); this.#at++) value = value * 10 + bytes[this.#at]! - 0x30;
    const digits = this.#at - start;
    const ended = this.#at === bytes.length || isSpace(bytes[this.#at]) || bytes[this.#at] === 0x23;
    if (digits > 0 && digits <= NUMBER_DIGITS_MAX && ended) return value;
    if (this.#at === bytes.length) throw this.fail(field, "is missing: the file is cut short");
    throw this.fail(field, "is not a whole number");
  }

  /** `count` bytes behind the one white space that ends the header; nothing may follow but white space. */
  rest(count: number): Uint8Array {
    this.#at++;
    this.mustHave(count);
    return this.#bytes.subarray(this.#at, this.#at + count);
  }

  mustHave(count: number): void {
    const left = Math.max(0, this.#bytes.length - this.#at);
    if (left >= count) return;
    throw this.fail("samples", `need ${count} bytes, but ${left} are left: the file is cut short`);
  }

  fail(field: string, text: string) {
    return badInput(this.#file, `${field} ${text} (offset ${this.#at}); save the map again.`, {
      field,
      offset: this.#at,
    });
  }
}

function isSpace(byte: number | undefined): boolean {
  return byte === 32 || (byte !== undefined && byte >= 9 && byte <= 13);
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x30 && byte <= 0x39;
}
