/**
 * Typed calls into the core. This folder is the only code that touches its memory; what comes out of
 * a method is a copy, unless its name says borrow.
 */
import * as abi from "../../assembly/abi.ts";
import type { CoreExports } from "./core-exports.ts";
import { MapveilError } from "./errors.ts";
import type { Frame } from "./frame.ts";
import { type FrameReport, readReport } from "./frame-report.ts";
import { putFrame, putLayout } from "./frame-structs.ts";
import { bestBuild, type CoreBuild, instantiateCore } from "./load-module.ts";
import { METADATA_IDS } from "./metadata-ids.ts";
import { check } from "./status.ts";
import { copyTile, type Tile } from "./tile.ts";

/**
 * Bytes of points a push. The region holds more, but what is pushed should not drive the core's
 * tables out of the second-level cache: a fifth faster than 1 MiB at a time.
 */
export const PUSH_BYTES = 65536;

/** Longest metadata value that is handed to the core; longer ones could not pass anyway. */
const OFFERED_BYTES_MAX = 1024;

/** Header fields and keys of an artefact that is about to be sealed. */
export interface SealStart {
  /** abi.KIND_* */
  readonly kind: number;
  /** 32 random bytes, used for this artefact alone. */
  readonly dataKey: Uint8Array;
  /** 24 random bytes. */
  readonly streamHeader: Uint8Array;
  readonly keyId: Uint8Array;
  readonly sealedKey: Uint8Array;
  readonly policyDigest: Uint8Array;
  readonly epoch: bigint;
}

export class Core {
  readonly build: CoreBuild;
  readonly #core: CoreExports;
  readonly #bytes: Buffer;
  readonly #view: DataView;
  readonly #stats: DataView;
  readonly #header: Uint8Array;
  /** The message sealed last; full ones all have one length, so that few views are made. */
  #message: Uint8Array;

  /** Loads the core; prefers the SIMD build where the engine has SIMD. Takes some 10 ms. */
  constructor(build: CoreBuild = bestBuild()) {
    this.build = build;
    this.#core = instantiateCore(build);
    // Memory never grows, so these views never die.
    const { buffer } = this.#core.memory;
    this.#bytes = Buffer.from(buffer);
    this.#view = new DataView(buffer);
    this.#stats = new DataView(buffer, this.#region(abi.REGION_STATS), abi.STATS_BYTES);
    this.#header = new Uint8Array(buffer, this.#region(abi.REGION_HEADER), abi.HEADER_BYTES);
    this.#message = new Uint8Array(buffer, this.#region(abi.REGION_MESSAGE), 0);
  }

  #region(id: number): number {
    return this.#core.region_ptr(id);
  }

  #put(at: number, bytes: Uint8Array): void {
    this.#bytes.set(bytes, at);
  }

  /**
   * Starts a session of frames that share one re-based map.
   * @param offset secret x y z in metres
   * @param direction secret u v, whose angle is the yaw
   */
  beginSession(offset: readonly number[], direction: readonly number[]): void {
    const at = this.#region(abi.REGION_FRAME) + abi.FRAME_SESSION_OFFSET;
    for (let i = 0; i < 3; i++) this.#view.setFloat64(at + 8 * i, offset[i]!, true);
    for (let i = 0; i < 2; i++) this.#view.setFloat64(at + 24 + 8 * i, direction[i]!, true);
    check(this.#core.session_begin(), "session");
  }

  /**
   * Reads, crops, voxelises, strips and encodes a frame; the record stands in the core until the
   * next frame, ready to be sealed.
   * @param policy the POLICY struct, as compilePolicy makes it
   * @param seed eight random bytes for the table of bricks, which whoever places the points must not know
   * @throws MapveilError USAGE (layout), TOO_LARGE
   */
  encodeFrame(frame: Frame, policy: Uint8Array, seed?: Uint8Array): FrameReport {
    this.#begin(frame, policy, seed);
    this.#push(frame);
    check(this.#core.frame_finish(), "frame");
    check(this.#core.tile_encode(this.#offerMetadata(frame)), "frame: encoding the tile");
    return readReport(this.#stats, frame.count * frame.layout.pointStep);
  }

  /**
   * Voxels of the frame that was last encoded, x y z in metres, for what stays on the robot; in the
   * order in which the frame met them, which is not that of the tile.
   */
  copyVoxels(count: number): Float32Array {
    const out = new Float32Array(count * 3);
    const at = this.#region(abi.REGION_INPUT);
    const most = Math.floor(this.#core.region_bytes(abi.REGION_INPUT) / 16);
    for (let first = 0; first < count; first += most) {
      const size = check(this.#core.frame_voxels(first, Math.min(most, count - first)), "voxels");
      const part = new Float32Array(this.#view.buffer, at, size * 4);
      for (let i = 0; i < size; i++) {
        out.set(part.subarray(4 * i, 4 * i + 3), 3 * (first + i));
      }
    }
    return out;
  }

  #begin(frame: Frame, policy: Uint8Array, seed: Uint8Array | undefined): void {
    if (policy.length > this.#core.region_bytes(abi.REGION_POLICY)) {
      throw new MapveilError("USAGE", "The policy is larger than the core's room for it.");
    }
    if (frame.data.length < frame.count * frame.layout.pointStep) {
      throw new MapveilError(
        "BAD_INPUT",
        `The frame holds ${frame.data.length} bytes, but ${frame.count} points of ` +
          `${frame.layout.pointStep} bytes need ${frame.count * frame.layout.pointStep}.`,
        { field: "data" },
      );
    }
    this.#put(this.#region(abi.REGION_POLICY), policy);
    putLayout(this.#view, this.#region(abi.REGION_LAYOUT), frame.layout);
    putFrame(this.#view, this.#region(abi.REGION_FRAME), frame, seed);
    check(this.#core.frame_begin(), "frame: its layout, pose or policy");
  }

  #push(frame: Frame): void {
    const { pointStep } = frame.layout;
    const at = this.#region(abi.REGION_INPUT);
    const most = Math.max(1, Math.floor(PUSH_BYTES / pointStep));
    for (let first = 0; first < frame.count; first += most) {
      const points = Math.min(most, frame.count - first);
      const from = first * pointStep;
      this.#put(at, frame.data.subarray(from, from + points * pointStep));
      check(this.#core.frame_push(points), "frame: reading the points");
    }
  }

  /** Writes the frame's metadata as records; returns their bytes. */
  #offerMetadata(frame: Frame): number {
    const start = this.#region(abi.REGION_METADATA);
    const end = start + this.#core.region_bytes(abi.REGION_METADATA);
    let at = start;
    for (const { name, value } of frame.metadata) {
      if (at + 4 + OFFERED_BYTES_MAX > end) break;
      const written = this.#bytes.write(value, at + 4, OFFERED_BYTES_MAX, "utf8");
      this.#view.setUint16(at, METADATA_IDS[name], true);
      this.#view.setUint16(at + 2, written, true);
      at += 4 + written;
    }
    return at - start;
  }

  /**
   * Starts an artefact; returns its header, which is valid until the next one is started. The data key
   * is wiped from the core's inbox at once.
   */
  borrowSealedHeader(start: SealStart): Uint8Array {
    const at = this.#region(abi.REGION_SEAL);
    this.#put(at + abi.SEAL_DATA_KEY, start.dataKey);
    this.#put(at + abi.SEAL_STREAM_HEADER, start.streamHeader);
    this.#put(at + abi.SEAL_KEY_ID, start.keyId);
    this.#put(at + abi.SEAL_SEALED_KEY, start.sealedKey);
    this.#put(at + abi.SEAL_POLICY_DIGEST, start.policyDigest);
    this.#view.setBigUint64(at + abi.SEAL_EPOCH, start.epoch, true);
    check(this.#core.seal_begin(start.kind), "sealing");
    return this.#header;
  }

  /**
   * Seals bytes [offset, offset + length) of the record; the message is valid until the next call.
   * @param tag abi.TAG_MESSAGE, TAG_PUSH or TAG_FINAL
   */
  borrowSealedMessage(offset: number, length: number, tag: number): Uint8Array {
    const bytes = check(this.#core.seal_message(offset, length, tag), "sealing");
    if (this.#message.length !== bytes) {
      this.#message = new Uint8Array(this.#view.buffer, this.#region(abi.REGION_MESSAGE), bytes);
    }
    return this.#message;
  }

  /** Starts to open an artefact with its data key; returns its kind. */
  beginOpen(header: Uint8Array, dataKey: Uint8Array): number {
    this.#put(this.#region(abi.REGION_HEADER), header.subarray(0, abi.HEADER_BYTES));
    this.#put(this.#region(abi.REGION_SEAL) + abi.SEAL_DATA_KEY, dataKey);
    return check(this.#core.open_begin(header.length), "header");
  }

  /**
   * Verifies a message and puts its plaintext at `offset` of the record.
   * @returns plaintext bytes and tag
   */
  openMessage(message: Uint8Array, offset: number): { bytes: number; tag: number } {
    if (message.length > this.#core.region_bytes(abi.REGION_MESSAGE)) {
      throw new MapveilError("INTEGRITY", "A message is longer than the format allows.");
    }
    this.#put(this.#region(abi.REGION_MESSAGE), message);
    const bytes = check(this.#core.open_message(message.length, offset), "message");
    return { bytes, tag: check(this.#core.open_tag(), "message") };
  }

  /** Decodes the record of so many bytes that was opened last. */
  decodeTile(recordBytes: number): Tile {
    const voxels = check(this.#core.tile_decode(recordBytes), "tile");
    const { buffer } = this.#view;
    return copyTile(
      new DataView(buffer, this.#region(abi.REGION_PLAIN), abi.TILE_BYTES),
      voxels,
      new Int32Array(buffer, this.#region(abi.REGION_CELLS), voxels * 3),
      new Uint8Array(buffer, this.#region(abi.REGION_VALUES), voxels * abi.VALUE_BYTES),
      new DataView(buffer, this.#region(abi.REGION_METADATA)),
    );
  }

  /** Zeroes all that the core was told. Costs what was done since the last wipe. */
  wipe(): void {
    this.#core.wipe();
  }
}
