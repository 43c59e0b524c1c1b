/** A decoded tile as consumers see it. */
import {
  META_TIME,
  TILE_CENTROID_BITS,
  TILE_FLAGS,
  TILE_HAS_ORIGIN,
  TILE_INTENSITY_BITS,
  TILE_LEAF_M,
  TILE_METADATA_BYTES,
  TILE_RING_BITS,
  TILE_TIME_BITS,
  VALUE_BYTES,
  VALUE_INTENSITY,
  VALUE_RING,
  VALUE_TIME,
} from "../../assembly/abi.ts";
import { METADATA_NAMES } from "./metadata-ids.ts";

export interface Tile {
  /** Edge of a voxel in metres. */
  readonly leafM: number;
  readonly voxels: number;
  /**
   * Whether cells are in a map that the artefact's other tiles share. If not, the lowest cell of
   * this tile is its origin.
   */
  readonly hasOrigin: boolean;
  /** x y z of each voxel in cells, in the order of the tile: near ones mostly follow each other. */
  readonly cells: Int32Array;
  /** x y z of each voxel in metres: the centroid where the tile has it, else the cell's centre. */
  readonly positions: Float32Array;
  /** 0..1 a voxel, the middle of its step; absent if not in the tile. */
  readonly intensity?: Float32Array;
  readonly ring?: Float32Array;
  readonly time?: Float32Array;
  /** Capture time, coarsened, in nanoseconds since the Unix epoch. */
  readonly stampNs?: bigint;
  /** Strings that the policy let pass. */
  readonly strings: Readonly<Record<string, string>>;
}

/** Copies a tile out of the core's regions. */
export function copyTile(
  header: DataView,
  voxels: number,
  cellsView: Int32Array,
  values: Uint8Array,
  metadata: DataView,
): Tile {
  const leafM = header.getFloat32(TILE_LEAF_M, true);
  const cells = cellsView.slice();
  const centroidBits = header.getUint8(TILE_CENTROID_BITS);
  const column = (bits: number, value: number) =>
    bits === 0 ? undefined : copyColumn(values, voxels, value, bits);
  const intensity = column(header.getUint8(TILE_INTENSITY_BITS), VALUE_INTENSITY);
  const ring = column(header.getUint8(TILE_RING_BITS), VALUE_RING);
  const time = column(header.getUint8(TILE_TIME_BITS), VALUE_TIME);
  return {
    leafM,
    voxels,
    hasOrigin: (header.getUint8(TILE_FLAGS) & TILE_HAS_ORIGIN) !== 0,
    cells,
    positions: place(cells, values, centroidBits, leafM),
    ...(intensity && { intensity }),
    ...(ring && { ring }),
    ...(time && { time }),
    ...readMetadata(metadata, header.getUint16(TILE_METADATA_BYTES, true)),
  };
}

/** A value of `bits` bits stands for the middle of its step. */
function copyColumn(values: Uint8Array, voxels: number, value: number, bits: number) {
  const out = new Float32Array(voxels);
  const steps = 2 ** bits;
  for (let i = 0; i < voxels; i++) out[i] = (values[i * VALUE_BYTES + value]! + 0.5) / steps;
  return out;
}

function place(cells: Int32Array, values: Uint8Array, bits: number, leafM: number) {
  const out = new Float32Array(cells.length);
  const steps = 2 ** bits;
  for (let i = 0, v = 0; i < cells.length; i += 3, v += VALUE_BYTES) {
    for (let axis = 0; axis < 3; axis++) {
      const inside = bits === 0 ? 0.5 : (values[v + axis]! + 0.5) / steps;
      out[i + axis] = (cells[i + axis]! + inside) * leafM;
    }
  }
  return out;
}

function readMetadata(view: DataView, bytes: number) {
  const strings: Record<string, string> = {};
  let stampNs: bigint | undefined;
  for (let at = 0; at + 4 <= bytes; ) {
    const id = view.getUint16(at, true);
    const length = view.getUint16(at + 2, true);
    if (id === META_TIME && length === 8) {
      stampNs = view.getBigUint64(at + 4, true);
    } else {
      const value = new Uint8Array(view.buffer, view.byteOffset + at + 4, length);
      const name = METADATA_NAMES.get(id) ?? `field_${id}`;
      strings[name] = new TextDecoder().decode(value);
    }
    at += 4 + length;
  }
  return { strings, ...(stampNs !== undefined && { stampNs }) };
}
