/**
 * The columns of an E57 point cloud: floats, integers in as few bits as their range needs, and integers
 * with a scale (ASTM E2807-11, section 8.3 and 9.7), each a stream of bits of its own.
 */
import type { XmlElement } from "./xml-tree.ts";

export interface E57Field {
  readonly name: string;
  /** Bits of a value, 0 to 64; 0 if all have one value. */
  readonly bits: number;
  readonly isFloat: boolean;
  /** What a value of all zero bits stands for, and a step; for floats 0 and 1. */
  readonly least: number;
  readonly scale: number;
  /** The highest value, where the file says or integers imply it. */
  readonly most: number | undefined;
}

/** Undefined for what is no number, or has no sound range. */
export function e57Field({ name, attributes }: XmlElement): E57Field | undefined {
  const number = (key: string, fallback: number): number => Number(attributes.get(key) ?? fallback);
  const type = attributes.get("type");
  if (type === "Float") {
    const bits = attributes.get("precision") === "single" ? 32 : 64;
    const maximum = attributes.get("maximum");
    const most = maximum === undefined ? undefined : Number(maximum);
    return { name, bits, isFloat: true, least: 0, scale: 1, most };
  }
  if (type !== "Integer" && type !== "ScaledInteger") return undefined;
  const low = wholeOf(attributes.get("minimum") ?? "-9223372036854775808");
  const high = wholeOf(attributes.get("maximum") ?? "9223372036854775807");
  if (low === undefined || high === undefined || high < low) return undefined;
  const span = high - low;
  const scale = type === "ScaledInteger" ? number("scale", 1) : 1;
  const offset = type === "ScaledInteger" ? number("offset", 0) : 0;
  if (!Number.isFinite(scale) || !Number.isFinite(offset)) return undefined;
  const bits = span === 0n ? 0 : span.toString(2).length;
  if (bits > 64) return undefined;
  const least = Number(low) * scale + offset;
  return { name, bits, isFloat: false, least, scale, most: Number(high) * scale + offset };
}

function wholeOf(text: string): bigint | undefined {
  return /^\s*[-+]?\d{1,20}\s*$/.test(text) ? BigInt(text.trim()) : undefined;
}

/** Values of one field, as their bits come in. */
export class E57Values {
  readonly field: E57Field;
  #bytes: Uint8Array = new Uint8Array(0);
  #view = new DataView(this.#bytes.buffer);
  /** Bits of `#bytes` that were read. */
  #bit = 0;

  constructor(field: E57Field) {
    this.field = field;
  }

  /** Values that can be read now. */
  get ready(): number {
    if (this.field.bits === 0) return Number.POSITIVE_INFINITY;
    return Math.floor((8 * this.#bytes.length - this.#bit) / this.field.bits);
  }

  push(bytes: Uint8Array): void {
    const from = this.#bit >> 3;
    const left = this.#bytes.length - from;
    const joined = new Uint8Array(left + bytes.length);
    joined.set(this.#bytes.subarray(from));
    joined.set(bytes, left);
    this.#bytes = joined;
    this.#view = new DataView(joined.buffer);
    this.#bit &= 7;
  }

  next(): number {
    const { bits, isFloat, least, scale } = this.field;
    if (bits === 0) return least;
    const at = this.#bit >> 3;
    const shift = this.#bit & 7;
    this.#bit += bits;
    if (isFloat)
      return bits === 32 ? this.#view.getFloat32(at, true) : this.#view.getFloat64(at, true);
    return (
      least + scale * (bits <= 32 ? this.#small(at, shift, bits) : this.#large(at, shift, bits))
    );
  }

  /** Up to 32 bits lie in five bytes, which a double holds exactly. */
  #small(at: number, shift: number, bits: number): number {
    let value = 0;
    for (let i = Math.ceil((shift + bits) / 8) - 1; i >= 0; i--) {
      value = value * 256 + this.#bytes[at + i]!;
    }
    return Math.floor(value / 2 ** shift) % 2 ** bits;
  }

  #large(at: number, shift: number, bits: number): number {
    let value = 0n;
    for (let i = Math.ceil((shift + bits) / 8) - 1; i >= 0; i--) {
      value = (value << 8n) | BigInt(this.#bytes[at + i]!);
    }
    return Number(BigInt.asUintN(bits, value >> BigInt(shift)));
  }
}
