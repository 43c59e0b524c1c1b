/** The core's exports with the copies that a host has to make, and nothing else of the host. */
import * as abi from "../../assembly/abi.ts";
import { PUSH_BYTES } from "../../host/core/core.ts";
import type { CoreExports } from "../../host/core/core-exports.ts";
import type { Frame } from "../../host/core/frame.ts";
import { type CoreBuild, instantiateCore } from "../../host/core/load-module.ts";
import { compilePolicy, defaultPolicy } from "../../host/policy/index.ts";
import { LENGTH_BYTES, putMessage } from "../../host/veil/messages.ts";

export type PointMode = "centre" | "centroid";

/** The POLICY struct of the default policy at this edge. */
export function policyOf(leafM: number, point: PointMode = "centre"): Uint8Array {
  return compilePolicy({ ...defaultPolicy(), leaf_m: leafM, point }).bytes;
}

export interface SealKeys {
  /** 32 bytes, never the one before. */
  readonly dataKey: Uint8Array;
  /** 24 bytes. */
  readonly streamHeader: Uint8Array;
}

export class RawCore {
  readonly exports: CoreExports;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;

  /** Of this build; without it of the better one that the engine can run. */
  constructor(build?: CoreBuild) {
    this.exports = instantiateCore(build);
    this.#bytes = new Uint8Array(this.exports.memory.buffer);
    this.#view = new DataView(this.exports.memory.buffer);
  }

  #at(region: number): number {
    return this.exports.region_ptr(region);
  }

  /** Starts a frame; only x, y, z of the layout are told to the core. */
  begin(frame: Frame, policy: Uint8Array, seed = 0n): void {
    this.#bytes.set(policy, this.#at(abi.REGION_POLICY));
    const layout = this.#at(abi.REGION_LAYOUT);
    this.#bytes.fill(0, layout, layout + abi.LAYOUT_BYTES);
    this.#view.setUint32(layout + abi.LAYOUT_POINT_STEP, frame.layout.pointStep, true);
    for (const [k, at] of [abi.LAYOUT_X, abi.LAYOUT_Y, abi.LAYOUT_Z].entries()) {
      this.#view.setUint32(layout + at + abi.FIELD_OFFSET, 4 * k, true);
      this.#view.setUint32(layout + at + abi.FIELD_TYPE, abi.TYPE_F32, true);
      this.#view.setFloat64(layout + at + abi.FIELD_SCALE, 1, true);
    }
    const at = this.#at(abi.REGION_FRAME);
    this.#bytes.fill(0, at, at + abi.FRAME_BYTES);
    this.#view.setUint32(at + abi.FRAME_SLOTS, frame.count, true);
    this.#view.setBigUint64(at + abi.FRAME_SEED, seed, true);
    expectDone(this.exports.frame_begin(), "frame_begin");
  }

  /** Copies the points in, as many at a time as the host does, and pushes them. */
  push(frame: Frame): void {
    this.copyIn(frame, (points) => expectDone(this.exports.frame_push(points), "frame_push"));
  }

  /** Copies the points in, part by part, and says of each how many points it has. */
  copyIn(frame: Frame, onPart?: (points: number) => void): void {
    const { pointStep } = frame.layout;
    const input = this.#at(abi.REGION_INPUT);
    const most = Math.floor(PUSH_BYTES / pointStep);
    for (let first = 0; first < frame.count; first += most) {
      const points = Math.min(most, frame.count - first);
      const from = first * pointStep;
      this.#bytes.set(frame.data.subarray(from, from + points * pointStep), input);
      onPart?.(points);
    }
  }

  /** Ends the frame; returns its voxels. */
  finish(): number {
    return expectDone(this.exports.frame_finish(), "frame_finish");
  }

  /** Begin, push and finish. */
  grid(frame: Frame, policy: Uint8Array, seed = 0n): number {
    this.begin(frame, policy, seed);
    this.push(frame);
    return this.finish();
  }

  /** Sorts and encodes the finished frame; returns the bytes of the record, padding included. */
  encode(): number {
    return expectDone(this.exports.tile_encode(0), "tile_encode");
  }

  /** Bytes of the tile encoded last, without padding. */
  tileBytes(): number {
    return this.#view.getUint32(this.#at(abi.REGION_STATS) + abi.STATS_TILE_BYTES, true);
  }

  /** A copy of the first bytes of REGION_PLAIN. */
  copyPlain(bytes: number): Uint8Array {
    const at = this.#at(abi.REGION_PLAIN);
    return this.#bytes.slice(at, at + bytes);
  }

  putPlain(plain: Uint8Array, offset = 0): void {
    this.#bytes.set(plain, this.#at(abi.REGION_PLAIN) + offset);
  }

  /** Decodes the record in REGION_PLAIN; returns its voxels. */
  decode(recordBytes: number): number {
    return expectDone(this.exports.tile_decode(recordBytes), "tile_decode");
  }

  /** Cells of the tile decoded last, x y z each. */
  copyCells(voxels: number): Int32Array {
    return new Int32Array(this.#view.buffer, this.#at(abi.REGION_CELLS), 3 * voxels).slice();
  }

  /** Has the core write out all voxels of the finished frame, as many at a time as its region holds. */
  readVoxels(voxels: number, take: (part: Float32Array, first: number) => void = () => {}): void {
    const most = Math.floor(this.exports.region_bytes(abi.REGION_INPUT) / 16);
    for (let first = 0; first < voxels; first += most) {
      const part = Math.min(most, voxels - first);
      expectDone(this.exports.frame_voxels(first, part), "frame_voxels");
      take(new Float32Array(this.#view.buffer, this.#at(abi.REGION_INPUT), 4 * part), first);
    }
  }

  /** Voxels of the finished frame in metres, in their order: x y z and the number of points each. */
  copyVoxels(voxels: number): Float32Array {
    const out = new Float32Array(4 * voxels);
    this.readVoxels(voxels, (part, first) => out.set(part, 4 * first));
    return out;
  }

  /** Starts an artefact; returns its header. */
  beginSeal({ dataKey, streamHeader }: SealKeys): Uint8Array {
    const at = this.#at(abi.REGION_SEAL);
    this.#bytes.fill(0, at, at + abi.SEAL_BYTES);
    this.#bytes.set(dataKey, at + abi.SEAL_DATA_KEY);
    this.#bytes.set(streamHeader, at + abi.SEAL_STREAM_HEADER);
    const bytes = expectDone(this.exports.seal_begin(abi.KIND_FRAME), "seal_begin");
    const header = this.#at(abi.REGION_HEADER);
    return this.#bytes.slice(header, header + bytes);
  }

  /** Seals bytes of REGION_PLAIN as a message; it is valid until the next one. */
  borrowMessage(offset: number, bytes: number, tag: number): Uint8Array {
    const length = expectDone(this.exports.seal_message(offset, bytes, tag), "seal_message");
    const at = this.#at(abi.REGION_MESSAGE);
    return this.#bytes.subarray(at, at + length);
  }

  /** Starts to open what was sealed behind `header`. */
  beginOpen(header: Uint8Array, dataKey: Uint8Array): void {
    this.#bytes.set(header, this.#at(abi.REGION_HEADER));
    this.#bytes.set(dataKey, this.#at(abi.REGION_SEAL) + abi.SEAL_DATA_KEY);
    expectDone(this.exports.open_begin(header.length), "open_begin");
  }

  /** Opens a message to REGION_PLAIN at `offset`; returns the length of the plaintext. */
  openMessage(message: Uint8Array, offset: number): number {
    this.#bytes.set(message, this.#at(abi.REGION_MESSAGE));
    return expectDone(this.exports.open_message(message.length, offset), "open_message");
  }
}

/** Messages that so many bytes make. */
export function messagesOf(bytes: number): number {
  return Math.max(1, Math.ceil(bytes / abi.MESSAGE_BYTES));
}

/** Bytes of them with their lengths, as they stand in an artefact. */
export function sealedBytesOf(bytes: number): number {
  return bytes + messagesOf(bytes) * (abi.MESSAGE_OVERHEAD + LENGTH_BYTES);
}

/** Calls `seal` for each message of a plaintext and puts the messages to `out` as in an artefact. */
export function putMessages(
  bytes: number,
  lastTag: number,
  out: Uint8Array,
  seal: (offset: number, length: number, tag: number) => Uint8Array,
): number {
  let at = 0;
  for (let offset = 0; offset === 0 || offset < bytes; offset += abi.MESSAGE_BYTES) {
    const length = Math.min(abi.MESSAGE_BYTES, bytes - offset);
    const isLast = offset + length === bytes;
    at = putMessage(out, at, seal(offset, length, isLast ? lastTag : abi.TAG_MESSAGE));
  }
  return at;
}

function expectDone(status: number, call: string): number {
  if (status < 0) throw new Error(`${call} gave ${status}`);
  return status;
}
