/**
 * A decoder of tiles that shares nothing with the core: written from the format's description alone,
 * with plain objects instead of tables and tricks. What it reads, any language can read.
 */

export interface ReferenceTile {
  readonly length: number;
  readonly hasOrigin: boolean;
  readonly depth: number;
  readonly leaf: number;
  readonly origin: readonly [number, number, number];
  readonly metadata: Uint8Array;
  /** x, y, z of each voxel, in cells, in the order of the tile. */
  readonly cells: Int32Array;
  /** Columns of centroid x, y, z, intensity, ring, time; empty where the tile has none. */
  readonly values: readonly Uint8Array[];
}

const SCALE = 32768;
const STATE_LOW = 65536;
/** Levels from this one on may have nodes of a single voxel whose path stands elsewhere. */
const LONE_LEVEL = 4;
const MANY = 8;
const LONE = 9;

/** Symbols: upper bounds on a scale of 32768, and how often the model was used. */
class Model {
  readonly upper: number[];
  uses = 0;

  constructor(symbols: number) {
    const even = symbols === 16 ? 2048 : 3640;
    this.upper = Array.from({ length: symbols }, (_, s) => (s + 1) * even);
    this.upper[symbols - 1] = SCALE;
  }

  lower(symbol: number): number {
    return symbol === 0 ? 0 : this.upper[symbol - 1]!;
  }

  /** Bounds below the symbol move towards 16, 32, …, the others towards those from the other end. */
  learn(symbol: number): void {
    const rate = Math.floor(Math.log2(this.uses + 2)) + 1;
    if (this.uses < 61) this.uses++;
    const lift = SCALE - 16 * this.upper.length;
    for (let i = 0; i < this.upper.length - 1; i++) {
      const target = 16 * (i + 1) + (i >= symbol ? lift : 0);
      this.upper[i]! += Math.floor((target - this.upper[i]!) / 2 ** rate);
    }
  }
}

/** Models by name, made when they are first asked for. */
class Models {
  readonly #models = new Map<string, Model>();

  get(name: string, symbols = 16): Model {
    const model = this.#models.get(name) ?? new Model(symbols);
    this.#models.set(name, model);
    return model;
  }
}

/** Blocks of symbols, coded by rANS with two states that take turns. */
class Decoder {
  readonly #bytes: DataView;
  #at = 0;
  #left = 0;
  #states: [number, number] = [STATE_LOW, STATE_LOW];

  constructor(bytes: Uint8Array) {
    this.#bytes = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  #open(): void {
    this.#left = this.#bytes.getUint16(this.#at, true);
    if (this.#left === 0 || this.#left > 8192) throw new Error("no block has so many symbols");
    this.#states = [
      this.#bytes.getUint32(this.#at + 2, true),
      this.#bytes.getUint32(this.#at + 6, true),
    ];
    this.#at += 10;
  }

  symbol(model: Model): number {
    if (this.#left === 0) this.#open();
    const [state, other] = this.#states;
    const place = state % SCALE;
    const symbol = model.upper.findIndex((bound) => bound > place);
    const lower = model.lower(symbol);
    let next = (model.upper[symbol]! - lower) * Math.floor(state / SCALE) + place - lower;
    model.learn(symbol);
    if (next < STATE_LOW) {
      next = next * STATE_LOW + this.#bytes.getUint16(this.#at, true);
      this.#at += 2;
    }
    this.#states = [other, next];
    this.#left--;
    const isAtStart = other === STATE_LOW && next === STATE_LOW;
    if (this.#left === 0 && !isAtStart) throw new Error("the block is damaged");
    return symbol;
  }

  /** What follows the last block. */
  rest(): Uint8Array {
    if (this.#left > 0) throw new Error("the last block was not used up");
    const { buffer, byteOffset, byteLength } = this.#bytes;
    return new Uint8Array(buffer, byteOffset + this.#at, byteLength - this.#at);
  }
}

const bitsSet = (byte: number) => [0, 1, 2, 3, 4, 5, 6, 7].filter((c) => (byte >> c) & 1);

type Place = readonly [number, number, number];

interface Node {
  readonly place: Place;
  readonly parent: number;
  readonly child: number;
  /** Occupancy; 0 for a lone node. */
  byte: number;
}

/** Occupancies of all nodes of a level, given their parents and their places there. */
function readLevel(decoder: Decoder, models: Models, nodes: readonly Node[], level: number): void {
  const rank = Math.min(level, 4) - 1;
  const near = ({ parent, child }: Node) =>
    [1, 2, 4].map((axis) => (parent >> (child ^ axis)) & 1).join("");
  const many: { node: Node; low: number }[] = [];
  for (const node of nodes) {
    const crowd = Math.min(bitsSet(node.parent).length, 4);
    const name = `shape ${rank} ${crowd} ${near(node)}`;
    const shape = decoder.symbol(models.get(name, level < LONE_LEVEL ? 9 : 16));
    if (shape > LONE) throw new Error("there is no such shape");
    if (shape < MANY) node.byte = 1 << (shape ^ node.child);
    if (shape === MANY) many.push({ node, low: 0 });
  }
  for (const one of many) one.low = decoder.symbol(models.get(`low ${rank} ${near(one.node)}`));
  for (const { node, low } of many) {
    const high = decoder.symbol(models.get(`high ${rank} ${near(node)} ${low}`));
    if (low + high === 0) throw new Error("a node of many children has none");
    node.byte = bitsSet(low | (high << 4)).reduce((byte, c) => byte | (1 << (c ^ node.child)), 0);
  }
}

/** The place of a lone voxel: bits x y z of level 1, of level 2 and so on. */
function readPlace(bits: Uint8Array, first: number, { place }: Node, level: number): Place {
  return place.map((value, axis) => {
    let cell = value * 2 ** level;
    for (let l = 0; l < level; l++) {
      const bit = first + 3 * l + axis;
      cell += ((bits[bit >> 3]! >> (bit & 7)) & 1) * 2 ** l;
    }
    return cell;
  }) as unknown as Place;
}

/** Cells of all voxels, relative to the origin: the lone ones, then the others in Morton order. */
function readTree(stream: Uint8Array, depth: number): Place[] {
  const decoder = new Decoder(stream);
  const models = new Models();
  const lone: { node: Node; level: number }[] = [];
  // The root counts as child 0 of a parent whose only child it is.
  let nodes: Node[] = [{ place: [0, 0, 0], parent: 1, child: 0, byte: 0 }];
  for (let level = depth; level >= 1; level--) {
    readLevel(decoder, models, nodes, level);
    const below: Node[] = [];
    for (const node of nodes) {
      if (node.byte === 0) lone.push({ node, level });
      for (const child of bitsSet(node.byte)) {
        const place = node.place.map((v, axis) => 2 * v + ((child >> axis) & 1));
        below.push({ place: place as unknown as Place, parent: node.byte, child, byte: 0 });
      }
    }
    nodes = below;
  }
  const bits = decoder.rest();
  let first = 0;
  const cells = lone.map(({ node, level }) => {
    first += 3 * level;
    return readPlace(bits, first - 3 * level, node, level);
  });
  if (bits.length !== Math.ceil(first / 8))
    throw new Error("the bits of lone voxels do not add up");
  return [...cells, ...nodes.map(({ place }) => place)];
}

function readValues(bytes: Uint8Array, bits: readonly number[], voxels: number): Uint8Array[] {
  if (voxels === 0 || bits.every((b) => b === 0)) {
    if (bytes.length > 0) throw new Error("something follows the tree");
    return bits.map(() => new Uint8Array(0));
  }
  const decoder = new Decoder(bytes);
  const models = new Models();
  const columns = bits.map((b, v) => {
    const column = new Uint8Array(b === 0 ? 0 : voxels);
    if (b > 4) {
      for (let i = 0; i < voxels; i++) column[i] = decoder.symbol(models.get(`value ${v}`));
    }
    return column.map((high) => 16 * high + decoder.symbol(models.get(`value ${v} after ${high}`)));
  });
  if (decoder.rest().length > 0) throw new Error("the stream was not used up");
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
  const leaves = voxels === 0 ? [] : readTree(record.subarray(treeAt, treeEnd), depth);
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
