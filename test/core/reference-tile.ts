/**
 * A decoder of tiles that shares nothing with the core: written from the format's description alone,
 * with big integers instead of tables and tricks. What it reads, any language can read.
 */

export interface ReferenceTile {
  readonly length: number;
  readonly hasOrigin: boolean;
  readonly depth: number;
  readonly leaf: number;
  readonly origin: readonly [number, number, number];
  readonly metadata: Uint8Array;
  /** x, y, z of each voxel, in cells. */
  readonly cells: Int32Array;
  /** Columns of centroid x, y, z, intensity, ring, time; empty where the tile has none. */
  readonly values: readonly Uint8Array[];
}

const SCALE = 32768;
const WORD = 1n << 32n;

/** Sixteen symbols: upper bounds on a scale of 32768, and how often the model was used. */
class Model {
  readonly upper = Array.from({ length: 16 }, (_, s) => (s + 1) * 2048);
  uses = 0;

  lower(symbol: number): number {
    return symbol === 0 ? 0 : this.upper[symbol - 1]!;
  }

  /** Bounds below the symbol move towards 16, 32, …, the others towards 32768 - 240, …, 32768. */
  learn(symbol: number): void {
    const rate = Math.floor(Math.log2(this.uses + 2)) + 1;
    if (this.uses < 61) this.uses++;
    for (let i = 0; i < 15; i++) {
      const target = 16 * (i + 1) + (i >= symbol ? SCALE - 256 : 0);
      this.upper[i]! += Math.floor((target - this.upper[i]!) / 2 ** rate);
    }
  }
}

/** Models by name, made when they are first asked for. */
class Models {
  readonly #models = new Map<string, Model>();

  get(name: string): Model {
    const model = this.#models.get(name) ?? new Model();
    this.#models.set(name, model);
    return model;
  }
}

class RangeDecoder {
  readonly #bytes: DataView;
  #at = 0;
  #range = (1n << 64n) - 1n;
  #value: bigint;

  constructor(bytes: Uint8Array) {
    this.#bytes = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.#value = this.#word() * WORD + this.#word();
  }

  #word(): bigint {
    this.#at += 4;
    return BigInt(this.#bytes.getUint32(this.#at - 4, true));
  }

  symbol(model: Model): number {
    const step = this.#range / BigInt(SCALE);
    const place = Number(this.#value / step);
    const symbol = model.upper.findIndex((bound) => bound > place);
    if (symbol < 0) throw new Error("the stream is damaged");
    const lower = model.lower(symbol);
    this.#value -= step * BigInt(lower);
    this.#range = step * BigInt(model.upper[symbol]! - lower);
    model.learn(symbol);
    if (this.#range < WORD) {
      this.#range *= WORD;
      this.#value = this.#value * WORD + this.#word();
    }
    return symbol;
  }

  finish(): void {
    if (this.#at !== this.#bytes.byteLength) throw new Error("the stream was not used up");
  }
}

const bitsSet = (byte: number) => [0, 1, 2, 3, 4, 5, 6, 7].filter((c) => (byte >> c) & 1);

/** Occupancy of one node under its parent, `child` being its place there. */
function readNode(
  decoder: RangeDecoder,
  models: Models,
  parent: number,
  child: number,
  level: number,
): number {
  const rank = Math.min(level, 4) - 1;
  const near = [1, 2, 4].map((axis) => (parent >> (child ^ axis)) & 1).join("");
  const crowd = Math.min(bitsSet(parent).length, 4);
  const shape = decoder.symbol(models.get(`shape ${rank} ${crowd} ${near}`));
  if (shape < 8) return 1 << (shape ^ child);
  const low = decoder.symbol(models.get(`low ${rank} ${near}`));
  const high = decoder.symbol(models.get(`high ${rank} ${near} ${low}`));
  return bitsSet(low | (high << 4)).reduce((byte, c) => byte | (1 << (c ^ child)), 0);
}

/** Cells of all leaves in Morton order, relative to the origin. */
function readTree(decoder: RangeDecoder, depth: number): [number, number, number][] {
  const models = new Models();
  // The root counts as child 0 of a parent whose only child it is.
  let nodes = [{ cell: [0, 0, 0] as [number, number, number], parent: 1, child: 0 }];
  for (let level = depth; level >= 1; level--) {
    const below: typeof nodes = [];
    for (const { cell, parent, child } of nodes) {
      const byte = readNode(decoder, models, parent, child, level);
      for (const c of bitsSet(byte)) {
        const at = cell.map((v, axis) => 2 * v + ((c >> axis) & 1)) as [number, number, number];
        below.push({ cell: at, parent: byte, child: c });
      }
    }
    nodes = below;
  }
  decoder.finish();
  return nodes.map(({ cell }) => cell);
}

function readValues(bytes: Uint8Array, bits: readonly number[], voxels: number): Uint8Array[] {
  if (voxels === 0 || bits.every((b) => b === 0)) {
    if (bytes.length > 0) throw new Error("something follows the tree");
    return bits.map(() => new Uint8Array(0));
  }
  const decoder = new RangeDecoder(bytes);
  const models = new Models();
  const columns = bits.map((b, v) => {
    const column = new Uint8Array(b === 0 ? 0 : voxels);
    for (let i = 0; i < column.length; i++) {
      const high = b > 4 ? decoder.symbol(models.get(`value ${v} high`)) : 0;
      column[i] = 16 * high + decoder.symbol(models.get(`value ${v} low ${high}`));
    }
    return column;
  });
  decoder.finish();
  return columns;
}

/** Decodes a record; throws where it is not a tile. */
export function decodeReference(record: Uint8Array): ReferenceTile {
  const view = new DataView(record.buffer, record.byteOffset, record.length);
  if (Buffer.from(record.subarray(0, 4)).toString("latin1") !== "MVT\x01") {
    throw new Error("this is no tile");
  }
  const length = view.getUint32(4, true);
  const [centroid, intensity, ring, time] = record.subarray(10, 14) as unknown as number[];
  const bits = [centroid!, centroid!, centroid!, intensity!, ring!, time!];
  const metadataBytes = view.getUint16(14, true);
  const voxels = view.getUint32(20, true);
  const origin = [24, 28, 32].map((at) => view.getInt32(at, true)) as [number, number, number];
  const depth = record[9]!;
  const treeAt = 36 + metadataBytes + 4;
  const treeEnd = treeAt + view.getUint32(treeAt - 4, true);
  const leaves =
    voxels === 0 ? [] : readTree(new RangeDecoder(record.subarray(treeAt, treeEnd)), depth);
  if (leaves.length !== voxels) throw new Error("the tree has another number of leaves");
  return {
    length,
    hasOrigin: (record[8]! & 1) === 1,
    depth,
    leaf: view.getFloat32(16, true),
    origin,
    metadata: record.slice(36, 36 + metadataBytes),
    cells: Int32Array.from(leaves.flatMap((cell) => cell.map((v, k) => v + origin[k]!))),
    values: readValues(record.subarray(treeEnd, length), bits, voxels),
  };
}
