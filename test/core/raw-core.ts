/**
 * The bare exports of a build, with structs written by name and regions as views: what a host in
 * another language has. Tests use it wherever the typed calls of the host would hide something.
 */
import * as abi from "../../assembly/abi.ts";
import type { CoreExports } from "../../host/core/core-exports.ts";
import type { FieldType, Frame, PointField, PointLayout, Pose } from "../../host/core/frame.ts";
import { type CoreBuild, instantiateCore } from "../../host/core/load-module.ts";
import { engine } from "../../host/core/webassembly.ts";

export const BUILDS: readonly CoreBuild[] = ["baseline", "simd"];

export interface BoxSetting {
  readonly mode: number;
  readonly centre: readonly number[];
  readonly half: readonly number[];
  readonly quaternion: readonly number[];
}

export interface AreaSetting {
  readonly z: readonly [number, number];
  readonly polygon: readonly (readonly [number, number])[];
}

/** The POLICY struct by name; what is left out lets everything pass and keeps nothing extra. */
export interface PolicySettings {
  readonly leaf?: number;
  readonly point?: number;
  readonly pose?: number;
  readonly padding?: number;
  readonly timeNs?: bigint;
  readonly fields?: bigint;
  readonly bits?: { intensity?: number; ring?: number; time?: number; centroid?: number };
  readonly range?: readonly [number, number];
  readonly height?: readonly [number, number];
  readonly dilate?: number;
  readonly boxes?: readonly BoxSetting[];
  readonly areas?: readonly AreaSetting[];
}

export interface FrameSettings {
  readonly pose?: Pose | undefined;
  readonly stampNs?: bigint | undefined;
  readonly slots?: number;
  readonly seed?: bigint;
}

const TYPES: Readonly<Record<FieldType, number>> = {
  f32: abi.TYPE_F32,
  f64: abi.TYPE_F64,
  i16: abi.TYPE_I16,
  i32: abi.TYPE_I32,
  u8: abi.TYPE_U8,
  u16: abi.TYPE_U16,
  u32: abi.TYPE_U32,
};

/** x, y, z as three f32 in a row. */
export const XYZ: PointLayout = {
  pointStep: 12,
  x: { offset: 0, type: "f32" },
  y: { offset: 4, type: "f32" },
  z: { offset: 8, type: "f32" },
};

/** Every counter of a frame, by name. */
export interface Counters {
  readonly pointsIn: number;
  readonly nan: number;
  readonly inf: number;
  readonly zero: number;
  readonly domain: number;
  readonly noGo: number;
  readonly range: number;
  readonly height: number;
  readonly box: number;
  readonly kept: number;
  readonly voxels: number;
  readonly tileBytes: number;
  readonly paddedBytes: number;
}

/** The POLICY struct with boxes, areas and vertices behind it. */
export function policyBytes(settings: PolicySettings): Uint8Array {
  const { boxes = [], areas = [] } = settings;
  const vertices = areas.flatMap(({ polygon }) => polygon);
  const areasAt = abi.POLICY_BYTES + boxes.length * abi.BOX_BYTES;
  const verticesAt = areasAt + areas.length * abi.AREA_BYTES;
  const bytes = new Uint8Array(verticesAt + vertices.length * abi.VERTEX_BYTES);
  const view = new DataView(bytes.buffer);
  const f32 = (at: number, values: readonly number[]) => {
    for (const [i, value] of values.entries()) view.setFloat32(at + 4 * i, value, true);
  };
  f32(abi.POLICY_LEAF_M, [settings.leaf ?? 0.05]);
  const { intensity = 0, ring = 0, time = 0, centroid = 3 } = settings.bits ?? {};
  const numbers = [settings.point ?? abi.POINT_CENTRE, settings.pose ?? abi.POSE_DROP];
  const u32 = (at: number, value: number) => view.setUint32(at, value, true);
  u32(abi.POLICY_POINT, numbers[0]!);
  u32(abi.POLICY_POSE, numbers[1]!);
  u32(abi.POLICY_PADDING, settings.padding ?? abi.PAD_POWER_OF_TWO);
  view.setBigUint64(abi.POLICY_TIME_NS, settings.timeNs ?? 0n, true);
  view.setBigUint64(abi.POLICY_FIELDS, settings.fields ?? 0n, true);
  u32(abi.POLICY_INTENSITY_BITS, intensity);
  u32(abi.POLICY_RING_BITS, ring);
  u32(abi.POLICY_TIME_BITS, time);
  u32(abi.POLICY_CENTROID_BITS, centroid);
  f32(abi.POLICY_RANGE_MIN, settings.range ?? [0, Number.POSITIVE_INFINITY]);
  f32(
    abi.POLICY_HEIGHT_MIN,
    settings.height ?? [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY],
  );
  f32(abi.POLICY_DILATE_M, [settings.dilate ?? 0]);
  u32(abi.POLICY_BOX_COUNT, boxes.length);
  u32(abi.POLICY_AREA_COUNT, areas.length);
  u32(abi.POLICY_VERTEX_COUNT, vertices.length);
  for (const [i, box] of boxes.entries()) {
    const at = abi.POLICY_BYTES + i * abi.BOX_BYTES;
    u32(at + abi.BOX_MODE, box.mode);
    f32(at + abi.BOX_CENTRE, [...box.centre, ...box.half, ...box.quaternion]);
  }
  for (const [i, area] of areas.entries()) {
    const at = areasAt + i * abi.AREA_BYTES;
    u32(at + abi.AREA_VERTICES, area.polygon.length);
    f32(at + abi.AREA_Z_MIN, area.z);
  }
  f32(verticesAt, vertices.flat());
  return bytes;
}

export class RawCore {
  readonly call: CoreExports;
  readonly memory: Uint8Array;
  readonly view: DataView;

  constructor(exports: CoreExports) {
    this.call = exports;
    this.memory = new Uint8Array(exports.memory.buffer);
    this.view = new DataView(exports.memory.buffer);
  }

  /** A fresh instance of a build. */
  static load(build: CoreBuild): RawCore {
    return new RawCore(instantiateCore(build));
  }

  /** An instance of a module that a test has compiled. */
  static of(wasm: Uint8Array): RawCore {
    return new RawCore(new engine.Instance(new engine.Module(wasm)).exports as CoreExports);
  }

  at(region: number): number {
    return this.call.region_ptr(region);
  }

  region(id: number): Uint8Array {
    const at = this.at(id);
    return this.memory.subarray(at, at + this.call.region_bytes(id));
  }

  putPolicy(settings: PolicySettings): void {
    this.region(abi.REGION_POLICY).fill(0).set(policyBytes(settings));
  }

  putLayout(layout: PointLayout): void {
    const at = this.at(abi.REGION_LAYOUT);
    this.region(abi.REGION_LAYOUT).fill(0);
    this.view.setUint32(at + abi.LAYOUT_POINT_STEP, layout.pointStep, true);
    this.#putField(at + abi.LAYOUT_X, layout.x);
    this.#putField(at + abi.LAYOUT_Y, layout.y);
    this.#putField(at + abi.LAYOUT_Z, layout.z);
    this.#putField(at + abi.LAYOUT_INTENSITY, layout.intensity);
    this.#putField(at + abi.LAYOUT_RING, layout.ring);
    this.#putField(at + abi.LAYOUT_TIME, layout.time);
  }

  #putField(at: number, field: PointField | undefined): void {
    if (field === undefined) return;
    this.view.setUint32(at + abi.FIELD_OFFSET, field.offset, true);
    this.view.setUint32(at + abi.FIELD_TYPE, TYPES[field.type], true);
    this.view.setFloat64(at + abi.FIELD_SCALE, field.scale ?? 1, true);
    this.view.setFloat64(at + abi.FIELD_BIAS, field.bias ?? 0, true);
  }

  putFrame(settings: FrameSettings): void {
    const at = this.at(abi.REGION_FRAME);
    this.region(abi.REGION_FRAME).fill(0);
    this.view.setUint32(at + abi.FRAME_SLOTS, settings.slots ?? 0, true);
    this.view.setBigUint64(at + abi.FRAME_SEED, settings.seed ?? 0n, true);
    if (settings.stampNs !== undefined) {
      this.view.setUint32(at + abi.FRAME_HAS_STAMP, 1, true);
      this.view.setBigUint64(at + abi.FRAME_STAMP_NS, settings.stampNs, true);
    }
    if (settings.pose === undefined) return;
    this.view.setUint32(at + abi.FRAME_HAS_POSE, 1, true);
    const numbers = [...settings.pose.translation, ...settings.pose.quaternion];
    for (const [i, value] of numbers.entries()) {
      this.view.setFloat64(at + abi.FRAME_POSE + 8 * i, value, true);
    }
  }

  /** session_begin with a secret offset and direction; returns its status. */
  beginSession(offset: readonly number[], direction: readonly number[]): number {
    const at = this.at(abi.REGION_FRAME) + abi.FRAME_SESSION_OFFSET;
    for (const [i, value] of [...offset, ...direction].entries()) {
      this.view.setFloat64(at + 8 * i, value, true);
    }
    return this.call.session_begin();
  }

  /** Pushes points in parts of at most `most` points; the first status below 0, else points kept. */
  push(data: Uint8Array, step: number, most = this.#inputPoints(step)): number {
    const input = this.at(abi.REGION_INPUT);
    const count = Math.floor(data.length / step);
    let kept = 0;
    for (let first = 0; first < count; first += most) {
      const points = Math.min(most, count - first);
      this.memory.set(data.subarray(first * step, (first + points) * step), input);
      const status = this.call.frame_push(points);
      if (status < 0) return status;
      kept += status;
    }
    return kept;
  }

  /** Points that the region has room for. */
  #inputPoints(step: number): number {
    return Math.floor(this.call.region_bytes(abi.REGION_INPUT) / step);
  }

  /** A whole frame up to its voxels; the first status below 0, else their number. */
  voxelise(
    data: Uint8Array,
    policy: PolicySettings,
    layout: PointLayout = XYZ,
    frame: FrameSettings = {},
  ): number {
    this.putPolicy(policy);
    this.putLayout(layout);
    this.putFrame({ slots: Math.floor(data.length / layout.pointStep), ...frame });
    const begun = this.call.frame_begin();
    if (begun < 0) return begun;
    const pushed = this.push(data, layout.pointStep);
    return pushed < 0 ? pushed : this.call.frame_finish();
  }

  /** The record of the finished frame, padding included. */
  encode(metadata: Uint8Array = new Uint8Array(0)): Uint8Array {
    this.memory.set(metadata, this.at(abi.REGION_METADATA));
    const bytes = this.call.tile_encode(metadata.length);
    if (bytes < 0) throw new Error(`tile_encode: ${bytes}`);
    const at = this.at(abi.REGION_PLAIN);
    return this.memory.slice(at, at + bytes);
  }

  /** A frame and its record at once. */
  tileOf(
    data: Uint8Array,
    policy: PolicySettings,
    layout: PointLayout = XYZ,
    frame: FrameSettings = {},
    metadata?: Uint8Array,
  ): Uint8Array {
    const voxels = this.voxelise(data, policy, layout, frame);
    if (voxels < 0) throw new Error(`frame: ${voxels}`);
    return this.encode(metadata);
  }

  /** A frame of a reader. */
  tileOfFrame(frame: Frame, policy: PolicySettings, metadata?: Uint8Array): Uint8Array {
    const { layout, data, pose, stampNs, count } = frame;
    const points = data.subarray(0, count * layout.pointStep);
    return this.tileOf(points, policy, layout, { pose, stampNs }, metadata);
  }

  /** Decodes a record; `status` below 0 comes without cells. */
  decode(record: Uint8Array): { status: number; cells: Int32Array; values: Uint8Array } {
    this.memory.set(record, this.at(abi.REGION_PLAIN));
    const status = this.call.tile_decode(record.length);
    const voxels = Math.max(0, status);
    const { buffer } = this.memory;
    return {
      status,
      cells: new Int32Array(buffer, this.at(abi.REGION_CELLS), 3 * voxels).slice(),
      values: new Uint8Array(buffer, this.at(abi.REGION_VALUES), abi.VALUE_BYTES * voxels).slice(),
    };
  }

  /** Voxels of the finished frame: x, y, z and points, four numbers each. */
  voxels(count: number): Float32Array {
    const out = new Float32Array(4 * count);
    const most = this.#inputPoints(16);
    for (let first = 0; first < count; first += most) {
      const size = this.call.frame_voxels(first, Math.min(most, count - first));
      if (size < 0) throw new Error(`frame_voxels: ${size}`);
      const at = this.at(abi.REGION_INPUT);
      out.set(new Float32Array(this.memory.buffer, at, 4 * size), 4 * first);
    }
    return out;
  }

  counters(): Counters {
    const at = this.at(abi.REGION_STATS);
    const u32 = (offset: number) => this.view.getUint32(at + offset, true);
    return {
      pointsIn: u32(abi.STATS_POINTS_IN),
      nan: u32(abi.STATS_NAN),
      inf: u32(abi.STATS_INF),
      zero: u32(abi.STATS_ZERO),
      domain: u32(abi.STATS_DOMAIN),
      noGo: u32(abi.STATS_NO_GO),
      range: u32(abi.STATS_RANGE),
      height: u32(abi.STATS_HEIGHT),
      box: u32(abi.STATS_BOX),
      kept: u32(abi.STATS_KEPT),
      voxels: u32(abi.STATS_VOXELS),
      tileBytes: u32(abi.STATS_TILE_BYTES),
      paddedBytes: u32(abi.STATS_PADDED_BYTES),
    };
  }

  /** What became of a metadata field: FIELD_NOT_OFFERED, FIELD_PASSED or FIELD_STRIPPED. */
  fate(field: number): number {
    return this.region(abi.REGION_STATS)[abi.STATS_FIELDS + field]!;
  }
}

const ZEROS = new Uint8Array(1 << 16);

/** Whether all bytes are 0; most of a memory was never touched. */
export function isZero(bytes: Uint8Array): boolean {
  for (let at = 0; at < bytes.length; at += ZEROS.length) {
    const part = bytes.subarray(at, at + ZEROS.length);
    if (Buffer.compare(part, ZEROS.subarray(0, part.length)) !== 0) return false;
  }
  return true;
}

/** Bytes of x, y, z rows. */
export function bytesOf(points: Iterable<number>): Uint8Array {
  return new Uint8Array(Float32Array.from(points).buffer);
}
