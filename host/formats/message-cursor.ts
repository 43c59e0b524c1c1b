/**
 * Reads ROS messages field by field: CDR as ROS 2 writes it (values aligned to their size, strings
 * with a zero byte) and the plain form of ROS 1 (no alignment, no zero byte).
 */
import type { MapveilError } from "../core/errors.ts";
import { badInput } from "./input-errors.ts";

/** Where a message is from, for errors. */
export interface MessageSource {
  readonly file: string;
  /** Offset in the file of the record or chunk that holds the message. */
  readonly offset: number;
  /** What names the place instead, where messages have no offset. */
  readonly place?: string;
}

export class MessageCursor {
  readonly #source: MessageSource;
  readonly #data: Uint8Array;
  readonly #view: DataView;
  readonly #little: boolean;
  /** Largest alignment; 1 means none. */
  readonly #alignMax: number;
  /** Alignment counts from here. */
  readonly #base: number;
  #at: number;

  private constructor(
    source: MessageSource,
    data: Uint8Array,
    form: { little: boolean; alignMax: number; base: number },
  ) {
    this.#source = source;
    this.#data = data;
    this.#view = new DataView(data.buffer, data.byteOffset, data.byteLength);
    this.#little = form.little;
    this.#alignMax = form.alignMax;
    this.#base = form.base;
    this.#at = form.base;
  }

  /** A CDR message: 4 bytes of encapsulation say byte order and version. */
  static cdr(source: MessageSource, data: Uint8Array): MessageCursor {
    const kind = data.length >= 4 && data[0] === 0 ? data[1] : undefined;
    // 0/1: plain CDR, big/little-endian; 6/7: plain CDR version 2, which aligns to 4 at most.
    if (kind !== 0 && kind !== 1 && kind !== 6 && kind !== 7) {
      throw badInput(
        source.file,
        `the message (${placeOf(source)}, ${data.length} bytes) does not start with a plain ` +
          "CDR header; record it again with message encoding cdr.",
        { offset: source.offset },
      );
    }
    const form = { little: kind % 2 === 1, alignMax: kind >= 6 ? 4 : 8, base: 4 };
    return new MessageCursor(source, data, form);
  }

  /** A ROS 1 message. */
  static ros1(source: MessageSource, data: Uint8Array): MessageCursor {
    return new MessageCursor(source, data, { little: true, alignMax: 1, base: 0 });
  }

  /** True if this is ROS 1, whose Header starts with a sequence number. */
  get isRos1(): boolean {
    return this.#base === 0;
  }

  get isLittleEndian(): boolean {
    return this.#little;
  }

  u8(field: string): number {
    return this.#view.getUint8(this.#take(1, 1, field));
  }

  u32(field: string): number {
    return this.#view.getUint32(this.#take(4, 4, field), this.#little);
  }

  i32(field: string): number {
    return this.#view.getInt32(this.#take(4, 4, field), this.#little);
  }

  u64(field: string): bigint {
    return this.#view.getBigUint64(this.#take(8, 8, field), this.#little);
  }

  f32(field: string): number {
    return this.#view.getFloat32(this.#take(4, 4, field), this.#little);
  }

  f64(field: string): number {
    return this.#view.getFloat64(this.#take(8, 8, field), this.#little);
  }

  /** A copy of `count` f32 values. */
  floats(count: number, field: string): Float32Array {
    const at = this.#take(4 * count, 4, field);
    const values = new Float32Array(count);
    for (let i = 0; i < count; i++) values[i] = this.#view.getFloat32(at + 4 * i, this.#little);
    return values;
  }

  /** A view of `length` bytes; nothing is copied. */
  borrowBytes(length: number, field: string): Uint8Array {
    const at = this.#take(length, 1, field);
    return this.#data.subarray(at, at + length);
  }

  string(field: string): string {
    const length = this.u32(field);
    const text = Buffer.from(this.borrowBytes(length, field)).toString("utf8");
    return text.endsWith("\0") ? text.slice(0, -1) : text;
  }

  /** Moves on to where values of `size` bytes may stand. */
  align(size: number): void {
    this.#take(0, size, "");
  }

  /** Bytes behind the value that was read last. */
  get left(): number {
    return this.#data.length - this.#at;
  }

  /** Where the next value is looked for, for `reset`. */
  mark(): number {
    return this.#at;
  }

  /** Goes back to a place that `mark` gave. */
  reset(mark: number): void {
    this.#at = mark;
  }

  /** An error about this message, to be thrown. */
  fail(field: string, text: string): MapveilError {
    const { file, offset } = this.#source;
    return badInput(file, `field ${field} of the message (${placeOf(this.#source)}) ${text}`, {
      field,
      offset,
    });
  }

  #take(length: number, alignment: number, field: string): number {
    const align = Math.min(alignment, this.#alignMax);
    const misfit = (this.#at - this.#base) % align;
    const at = misfit === 0 ? this.#at : this.#at + align - misfit;
    if (at + length > this.#data.length) {
      throw this.fail(
        field,
        `needs ${length} bytes at byte ${at}, but the message has ${this.#data.length}: ` +
          "it is cut short or not of the declared type; record it again.",
      );
    }
    this.#at = at + length;
    return at;
  }
}

function placeOf({ offset, place = `offset ${offset}` }: MessageSource): string {
  return place;
}
