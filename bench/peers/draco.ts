/**
 * Draco's point cloud codec (draco3d, Draco compiled to WebAssembly) at its best for cells: the KD-tree
 * method on exact integers that start at 0, without attributes and without deduplication.
 */
import draco3d from "draco3d";
import type { Contender } from "../measure/race.ts";
import type { MissingPeer } from "../report/report.ts";
import { isMissing, nativePeer } from "./native.ts";

/** POINT_CLOUD_KD_TREE_ENCODING; the npm build does not export the constant. */
const KD_TREE = 1;

const encoderModule = await draco3d.createEncoderModule({});
const decoderModule = await draco3d.createDecoderModule({});

/**
 * Encodes cells (x y z each).
 * @param speed 0 (smallest, as a rule) to 10 (fastest)
 * @param copy whether the bytes are copied out; else only their number is known
 */
export function dracoEncode(
  cells: Int32Array,
  speed: number,
  copy: boolean,
): { size: number; bytes: Uint8Array | undefined } {
  const m = encoderModule;
  const cloud = new m.PointCloud();
  const builder = new m.PointCloudBuilder();
  builder.AddInt32Attribute(cloud, m.POSITION, cells.length / 3, 3, cells);
  const encoder = new m.ExpertEncoder(cloud);
  const out = new m.DracoInt8Array();
  try {
    encoder.SetEncodingMethod(KD_TREE);
    encoder.SetSpeedOptions(speed, speed);
    const size = encoder.EncodeToDracoBuffer(false, out);
    if (size <= 0) throw new Error(`draco: encoding ${cells.length / 3} points gave ${size} bytes`);
    return { size, bytes: copy ? copyOut(out.ptr, size) : undefined };
  } finally {
    for (const handle of [out, encoder, builder, cloud]) m.destroy(handle);
  }
}

/**
 * Copies the bytes in one go. The API of draco3d has a call for every byte; a DracoInt8Array is a
 * std::vector, whose first word is its address. Decoding what was copied shows that this holds.
 */
function copyOut(pointer: number, size: number): Uint8Array {
  const { buffer } = encoderModule.HEAP8;
  const at = new DataView(buffer).getUint32(pointer, true);
  return new Uint8Array(buffer, at, size).slice();
}

/** Cells of an encoded cloud, in Draco's order. */
export function dracoDecode(bytes: Uint8Array): Int32Array {
  const m = decoderModule;
  const buffer = new m.DecoderBuffer();
  const signed = new Int8Array(bytes.buffer, bytes.byteOffset, bytes.length);
  buffer.Init(signed, signed.length);
  const decoder = new m.Decoder();
  const cloud = new m.PointCloud();
  const out = new m.DracoInt32Array();
  try {
    if (!decoder.DecodeBufferToPointCloud(buffer, cloud).ok()) throw new Error("draco: damaged");
    const attribute = decoder.GetAttribute(cloud, 0);
    if (!decoder.GetAttributeInt32ForAllPoints(cloud, attribute, out)) {
      throw new Error("draco: no integers");
    }
    return Int32Array.from({ length: out.size() }, (_, i) => out.GetValue(i));
  } finally {
    for (const handle of [out, cloud, decoder, buffer]) m.destroy(handle);
  }
}

/** A codec of cells that is raced: loaded with variants, then asked for one of them at a setting. */
export interface CellCodec {
  readonly title: string;
  load(cells: readonly Int32Array[]): Promise<void>;
  /** Bytes of a variant. */
  size(speed: number, variant: number): Promise<number>;
  /** Cells of a variant, encoded and decoded. */
  decode(speed: number, variant: number): Promise<Int32Array>;
  /** Encodes the variants in turn. */
  contender(name: string, speed: number): Contender;
  close(): Promise<void>;
}

/** draco3d in this process; its time has the copy in, not a copy out. */
export function npmDraco(): CellCodec {
  let cells: readonly Int32Array[] = [];
  return {
    title: "draco3d",
    load: async (variants) => {
      cells = variants;
    },
    size: async (speed, variant) => dracoEncode(cells[variant]!, speed, false).size,
    decode: async (speed, variant) => {
      return dracoDecode(dracoEncode(cells[variant]!, speed, true).bytes!);
    },
    contender: (name, speed) => ({
      name: `draco3d, ${name}`,
      run: (turn) => dracoEncode(cells[turn % cells.length]!, speed, false),
    }),
    close: async () => {},
  };
}

/** Draco in C++, in a process of its own; or what is missing. */
export async function nativeDraco(): Promise<CellCodec | MissingPeer> {
  const peer = await nativePeer("draco");
  if (isMissing(peer)) return peer;
  return {
    title: "Draco C++",
    load: (cells) => peer.load(cells),
    size: async (speed, variant) => (await peer.output("encode", [speed], variant)).length,
    decode: async (speed, variant) => {
      const bytes = await peer.output("decode", [speed], variant);
      return new Int32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
    },
    contender: (name, speed) => peer.contender(`Draco C++, ${name}`, "encode", [speed]),
    close: () => peer.close(),
  };
}
