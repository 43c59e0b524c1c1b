/**
 * LAZ files for tests: points of format 0 packed as LASzip packs them (M. Isenburg, "LASzip: lossless
 * compression of LiDAR data", PE&RS 79(2), 2013): the first point of a chunk as it is, each later one by
 * what differs from those before it. What is packed goes through an arithmetic coder with adaptive models
 * (A. Said, "Introduction to Arithmetic Coding", HP Labs HPL-2004-76).
 */

const POINT_BYTES = 20;
/** Below this range the coder writes bytes, and above it there is always room for a symbol. */
const LENGTH_MIN = 2 ** 24;
const WORD = 2 ** 32;

/** How likely each of some symbols is, by how often it was met; looked at again ever more seldom. */
class Symbols {
  /** Fractions of 2^15 below each symbol. */
  readonly below: number[];
  readonly #counts: number[];
  #total = 0;
  #cycle: number;
  #left: number;

  constructor(count: number) {
    this.#counts = new Array<number>(count).fill(1);
    this.below = new Array<number>(count).fill(0);
    this.#cycle = count;
    this.#left = 0;
    this.#update();
    this.#cycle = (count + 6) >> 1;
    this.#left = this.#cycle;
  }

  met(symbol: number): void {
    this.#counts[symbol]! += 1;
    this.#left -= 1;
    if (this.#left === 0) this.#update();
  }

  #update(): void {
    const counts = this.#counts;
    this.#total += this.#cycle;
    if (this.#total > 2 ** 15) {
      for (const [i, count] of counts.entries()) counts[i] = (count + 1) >> 1;
      this.#total = counts.reduce((sum, count) => sum + count, 0);
    }
    const scale = Math.floor(2 ** 31 / this.#total);
    let sum = 0;
    for (const [i, count] of counts.entries()) {
      this.below[i] = Math.floor((scale * sum) / 2 ** 16);
      sum += count;
    }
    this.#cycle = Math.min((5 * this.#cycle) >> 2, (counts.length + 6) << 3);
    this.#left = this.#cycle;
  }
}

/** The same for zero and one, which has a finer scale. */
class Bits {
  /** Fraction of 2^13 that is zero. */
  zero = 2 ** 12;
  #zeros = 1;
  #total = 2;
  #cycle = 4;
  #left = 4;

  met(bit: number): void {
    if (bit === 0) this.#zeros += 1;
    this.#left -= 1;
    if (this.#left > 0) return;
    this.#total += this.#cycle;
    if (this.#total > 2 ** 13) {
      this.#total = (this.#total + 1) >> 1;
      this.#zeros = (this.#zeros + 1) >> 1;
      if (this.#zeros === this.#total) this.#total += 1;
    }
    this.zero = Math.floor((this.#zeros * Math.floor(2 ** 31 / this.#total)) / 2 ** 18);
    this.#cycle = Math.min((5 * this.#cycle) >> 2, 64);
    this.#left = this.#cycle;
  }
}

/** The interval of all that was coded, as its begin and its length in 32 bits. */
class ArithmeticCoder {
  readonly #bytes: number[] = [];
  #base = 0;
  #length = WORD - 1;

  symbol(model: Symbols, symbol: number): void {
    const step = this.#length >>> 15;
    const from = model.below[symbol]! * step;
    const next = model.below[symbol + 1];
    this.#narrow(from, (next === undefined ? this.#length : next * step) - from);
    model.met(symbol);
  }

  bit(model: Bits, bit: number): void {
    const zero = model.zero * (this.#length >>> 13);
    if (bit === 0) this.#narrow(0, zero);
    else this.#narrow(zero, this.#length - zero);
    model.met(bit);
  }

  /** Bits that are all as likely, the lower ones first if they are many. */
  raw(bits: number, value: number): void {
    if (bits > 19) {
      this.raw(16, value & 0xffff);
      this.raw(bits - 16, value >>> 16);
      return;
    }
    const step = this.#length >>> bits;
    this.#narrow(value * step, step);
  }

  /** As few bytes as lead into the interval, and zeros, for a decoder reads four bytes ahead. */
  finish(): Buffer {
    const isLong = this.#length > 2 * LENGTH_MIN;
    if (isLong) this.#narrow(LENGTH_MIN, LENGTH_MIN / 2);
    else this.#narrow(LENGTH_MIN / 2, LENGTH_MIN / 512);
    return Buffer.from([...this.#bytes, 0, 0, ...(isLong ? [0] : [])]);
  }

  #narrow(from: number, length: number): void {
    this.#base += from;
    this.#length = length;
    if (this.#base >= WORD) this.#carry();
    while (this.#length < LENGTH_MIN) {
      this.#bytes.push(Math.floor(this.#base / 2 ** 24));
      this.#base = (this.#base % 2 ** 24) * 256;
      this.#length *= 256;
    }
  }

  #carry(): void {
    this.#base -= WORD;
    let at = this.#bytes.length - 1;
    for (; this.#bytes[at] === 255; at--) this.#bytes[at] = 0;
    this.#bytes[at]! += 1;
  }
}

/** Integers by how far they are from what was expected: the number of bits of it, then the bits. */
class Integers {
  /** Bits of the last difference. */
  bits = 0;
  readonly #sizes: readonly Symbols[];
  readonly #one = new Bits();
  /** The highest eight bits of a difference, by its size. */
  readonly #high = new Map<number, Symbols>();
  readonly #width: number;

  constructor(width: number, contexts = 1) {
    this.#width = width;
    this.#sizes = Array.from({ length: contexts }, () => new Symbols(width + 1));
  }

  add(coder: ArithmeticCoder, expected: number, value: number, context = 0): void {
    // Differences go round, as numbers of that width do.
    const spare = 32 - this.#width;
    const difference = ((value - expected) << spare) >> spare;
    const size = difference > 0 ? difference - 1 : -difference;
    const bits = 32 - Math.clz32(size);
    this.bits = bits;
    coder.symbol(this.#sizes[context]!, bits);
    if (bits === 0) {
      coder.bit(this.#one, difference);
      return;
    }
    // Those of one size, negative ones first, counted from 0 on. The least number of all needs no more.
    if (bits === this.#width) return;
    const rank = difference < 0 ? difference + 2 ** bits - 1 : difference - 1;
    const low = Math.max(0, bits - 8);
    const high = this.#high.get(bits) ?? new Symbols(2 ** (bits - low));
    this.#high.set(bits, high);
    coder.symbol(high, Math.floor(rank / 2 ** low));
    if (low > 0) coder.raw(low, rank % 2 ** low);
  }
}

/** The middle one of five, from which the greatest and the least one fall out by turns. */
class Median {
  #sorted = [0, 0, 0, 0, 0];
  #isHighNext = true;

  get value(): number {
    return this.#sorted[2]!;
  }

  add(value: number): void {
    const sorted = [...this.#sorted];
    const middle = this.value;
    if (this.#isHighNext) sorted.pop();
    else sorted.shift();
    this.#sorted = [...sorted, value].sort((a, b) => a - b);
    // The other end is next if the new one is on the side from which one fell out.
    if (this.#isHighNext ? value >= middle : value <= middle) this.#isHighNext = !this.#isHighNext;
  }
}

/** Even numbers of bits below a limit, as LASzip groups them. */
const contextOf = (bits: number, limit: number) => (bits < limit ? bits & ~1 : limit);

/** Models for one of 256 values that follows another one. */
class Followers {
  readonly #models = new Map<number, Symbols>();

  of(value: number): Symbols {
    const model = this.#models.get(value) ?? new Symbols(256);
    this.#models.set(value, model);
    return model;
  }
}

/** The points behind the first one of a chunk. They say nothing of returns, which LASzip keeps apart. */
class PointCoder {
  readonly #coder = new ArithmeticCoder();
  #last: Buffer;
  /** Those of the first point do not count. */
  #intensity = 0;
  #height = 0;
  readonly #changes = new Symbols(64);
  readonly #classes = new Followers();
  readonly #users = new Followers();
  readonly #angles = new Symbols(256);
  readonly #intensities = new Integers(16, 4);
  readonly #sources = new Integers(16);
  readonly #dx = { model: new Integers(32, 2), median: new Median() };
  readonly #dy = { model: new Integers(32, 22), median: new Median() };
  readonly #z = new Integers(32, 20);

  constructor(first: Buffer) {
    this.#last = first;
  }

  add(point: Buffer): void {
    const coder = this.#coder;
    const last = this.#last;
    if (point[14] !== 0) throw new Error("points with returns are not packed here");
    const intensity = point.readUInt16LE(12);
    const [source, lastSource] = [point.readUInt16LE(18), last.readUInt16LE(18)];
    const isNew = [
      intensity !== this.#intensity,
      ...[15, 16, 17].map((at) => point[at] !== last[at]),
    ];
    const changes = [...isNew, source !== lastSource].reduce((sum, is) => 2 * sum + Number(is), 0);
    coder.symbol(this.#changes, changes);
    if (isNew[0]) this.#intensities.add(coder, this.#intensity, intensity, 3);
    if (isNew[1]) coder.symbol(this.#classes.of(last[15]!), point[15]!);
    if (isNew[2]) coder.symbol(this.#angles, (point[16]! - last[16]!) & 255);
    if (isNew[3]) coder.symbol(this.#users.of(last[17]!), point[17]!);
    if (source !== lastSource) this.#sources.add(coder, lastSource, source);
    this.#addPlace(point);
    this.#intensity = intensity;
    this.#last = point;
  }

  #addPlace(point: Buffer): void {
    const [dx, dy] = [this.#dx, this.#dy];
    const stepOf = (at: number) => (point.readInt32LE(at) - this.#last.readInt32LE(at)) | 0;
    const [x, y, z] = [stepOf(0), stepOf(4), point.readInt32LE(8)];
    dx.model.add(this.#coder, dx.median.value, x);
    dx.median.add(x);
    dy.model.add(this.#coder, dy.median.value, y, contextOf(dx.model.bits, 20));
    dy.median.add(y);
    const bits = (dx.model.bits + dy.model.bits) >> 1;
    this.#z.add(this.#coder, this.#height, z, contextOf(bits, 18));
    this.#height = z;
  }

  finish(): Buffer {
    return this.#coder.finish();
  }
}

function chunkOf(points: readonly Buffer[]): Buffer {
  const coder = new PointCoder(points[0]!);
  for (const point of points.slice(1)) coder.add(point);
  return Buffer.concat([points[0]!, coder.finish()]);
}

/** How many chunks there are, and the bytes of each, packed as well. */
function chunkTable(chunks: readonly Buffer[]): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt32LE(chunks.length, 4);
  const coder = new ArithmeticCoder();
  const sizes = new Integers(32, 2);
  for (const [i, { length }] of chunks.entries())
    sizes.add(coder, chunks[i - 1]?.length ?? 0, length, 1);
  return Buffer.concat([head, coder.finish()]);
}

/** The record that says how the points are packed. */
function lasZipRecord(chunkPoints: number): Buffer {
  const record = Buffer.alloc(54 + 40);
  record.write("laszip encoded", 2, "latin1");
  record.writeUInt16LE(22204, 18);
  record.writeUInt16LE(40, 20);
  const content = record.subarray(54);
  // Point by point in chunks; version 2.2.
  content.writeUInt16LE(2, 0);
  content.set([2, 2], 4);
  content.writeUInt32LE(chunkPoints, 12);
  content.fill(255, 16, 32);
  // One item: a point of 20 bytes (6), packed in the second way.
  for (const [i, value] of [1, 6, POINT_BYTES, 2].entries())
    content.writeUInt16LE(value, 32 + 2 * i);
  return record;
}

/** The same file packed; `plain` is a LAS file with points of format 0 that say nothing of returns. */
export function laz(plain: Buffer, chunkPoints = 50_000): Buffer {
  const pointsAt = plain.readUInt32LE(96);
  const isWide = plain[25]! >= 4;
  const count = isWide ? Number(plain.readBigUInt64LE(247)) : plain.readUInt32LE(107);
  const end = pointsAt + count * POINT_BYTES;
  const points = Array.from({ length: count }, (_, i) => {
    const at = pointsAt + i * POINT_BYTES;
    return plain.subarray(at, at + POINT_BYTES);
  });
  const chunks = Array.from({ length: Math.ceil(count / chunkPoints) }, (_, i) =>
    chunkOf(points.slice(i * chunkPoints, (i + 1) * chunkPoints)),
  );
  const head = Buffer.concat([plain.subarray(0, pointsAt), lasZipRecord(chunkPoints)]);
  head.writeUInt32LE(head.length, 96);
  head.writeUInt32LE(head.readUInt32LE(100) + 1, 100);
  head[104]! |= 0x80;
  const body = Buffer.concat([Buffer.alloc(8), ...chunks]);
  body.writeBigInt64LE(BigInt(head.length + body.length), 0);
  const packed = Buffer.concat([head, body, chunkTable(chunks)]);
  if (isWide) packed.writeBigUInt64LE(BigInt(packed.length), 235);
  return Buffer.concat([packed, plain.subarray(end)]);
}
