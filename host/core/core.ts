/**
 * Typed calls into the core. This folder is the only code that touches its memory; what comes out of
 * a method is a copy, unless its name says borrow.
 */
import * as abi from "../../assembly/abi.ts";
import type { CoreExports } from "./core-exports.ts";
import { MapveilError } from "./errors.ts";
import type { Frame, MetadataField } from "./frame.ts";
import { type FrameReport, readReport } from "./frame-report.ts";
import { putFrame, putLayout } from "./frame-structs.ts";
import { bestBuild, type CoreBuild, instantiateCore } from "./load-module.ts";
import {
  type MapPart,
  type MapStats,
  type MapTerms,
  mapError,
  putMapTerms,
  readMapStats,
} from "./map.ts";
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
  readonly #map: DataView;
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
    this.#map = new DataView(buffer, this.#region(abi.REGION_MAP), abi.MAP_BYTES);
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
   * @param linkage for a plan or a path: what the host says of how well it can be linked, at most
   *   META_STRING_MAX bytes; it always passes
   * @throws MapveilError USAGE (layout), TOO_LARGE
   */
  encodeFrame(frame: Frame, policy: Uint8Array, seed?: Uint8Array, linkage?: string): FrameReport {
    this.#voxelise(frame, policy, seed);
    const offered = this.#offerMetadata(frame.metadata, linkage);
    check(this.#core.tile_encode(offered), "frame: encoding the tile");
    return readReport(this.#stats, frame.count * frame.layout.pointStep);
  }

  /**
   * Begins a map of the frames that follow, in the session that stands when the first is added; what an
   * earlier map held is gone.
   * @throws MapveilError USAGE for a number outside its range
   */
  beginMap(terms: MapTerms): void {
    putMapTerms(this.#view, this.#region(abi.REGION_MAP), terms);
    check(this.#core.map_begin(), "map: its terms");
  }

  /**
   * Reads, crops and voxelises a frame and takes it into the map, which holds it back for a while.
   * @param frame with a pose and a stamp, which is not below that of the frame before
   * @param policy the POLICY struct, under POSE_MAP with centres alone; of one leaf for the whole map
   * @param seed as encodeFrame takes it
   * @throws MapveilError TOO_LARGE where it needs more blocks or holds back more than there is room for,
   *   BAD_INPUT (pose, stamp, leaf); nothing of the frame is taken then
   */
  addToMap(
    frame: Frame,
    policy: Uint8Array,
    seed?: Uint8Array,
  ): { report: FrameReport; stats: MapStats } {
    if (frame.pose === undefined) {
      const text =
        "map: the frame has no pose; give every frame of a map the sensor's place in it.";
      throw new MapveilError("BAD_INPUT", text, { field: "pose" });
    }
    this.#voxelise(frame, policy, seed);
    const status = this.#core.map_add();
    if (status < 0) {
      const leaf = new DataView(policy.buffer, policy.byteOffset + abi.POLICY_LEAF_M);
      throw mapError(status, this.#map, leaf.getFloat32(0, true));
    }
    const report = readReport(this.#stats, frame.count * frame.layout.pointStep);
    return { report, stats: readMapStats(this.#map) };
  }

  /**
   * Encodes what stands still in the map, but for the frames that are held back; the record stands in the
   * core until the next frame, ready to be sealed. The map goes on.
   * @param metadata offered with the map; what the policy names passes
   * @param linkage as encodeFrame takes it
   * @returns voxels and bytes; its counts of points are 0
   * @throws MapveilError INTERNAL without a map, TOO_LARGE
   */
  encodeMap(metadata: readonly MetadataField[], linkage?: string): FrameReport {
    check(this.#core.map_release(abi.MAP_KEPT), "map");
    const offered = this.#offerMetadata(metadata, linkage);
    check(this.#core.tile_encode(offered), "map: encoding the tile");
    return readReport(this.#stats, 0);
  }

  /**
   * Voxels of a part of the map, x y z in metres of the session's frame, for what stays on the robot. Frames
   * that are held back are in neither part. Ends the current frame; the map goes on.
   * @throws MapveilError INTERNAL without a map, TOO_LARGE
   */
  copyMapVoxels(part: MapPart): Float32Array {
    const number = part === "kept" ? abi.MAP_KEPT : abi.MAP_REMOVED;
    return this.copyVoxels(check(this.#core.map_release(number), "map"));
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

  #voxelise(frame: Frame, policy: Uint8Array, seed: Uint8Array | undefined): void {
    this.#begin(frame, policy, seed);
    this.#push(frame);
    check(this.#core.frame_finish(), "frame");
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

  /** Writes metadata as records, the host's own first; returns their bytes. */
  #offerMetadata(metadata: readonly MetadataField[], linkage: string | undefined): number {
    const start = this.#region(abi.REGION_METADATA);
    const end = start + this.#core.region_bytes(abi.REGION_METADATA);
    let at = start;
    const offer = (id: number, value: string) => {
      if (at + 4 + OFFERED_BYTES_MAX > end) return;
      const written = this.#bytes.write(value, at + 4, OFFERED_BYTES_MAX, "utf8");
      this.#view.setUint16(at, id, true);
      this.#view.setUint16(at + 2, written, true);
      at += 4 + written;
    };
    if (linkage !== undefined) offer(abi.META_LINKAGE, linkage);
    for (const { name, value } of metadata) offer(METADATA_IDS[name], value);
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
