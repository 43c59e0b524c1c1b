/** A lidar frame as a driver hands it over: raw bytes and a description of how a point lies in them. */

export type FieldType = "f32" | "f64" | "i16" | "i32" | "u8" | "u16" | "u32";

/** One field of a point: value = raw * scale + bias. Scale defaults to 1, bias to 0. */
export interface PointField {
  /** Byte offset from the start of the point. */
  readonly offset: number;
  readonly type: FieldType;
  readonly scale?: number;
  readonly bias?: number;
}

/** How a point lies in the bytes, as ROS PointCloud2 and the drivers describe it. Little-endian. */
export interface PointLayout {
  /** Bytes from one point to the next, 1..4096. */
  readonly pointStep: number;
  /** Coordinates; metres after scaling. */
  readonly x: PointField;
  readonly y: PointField;
  readonly z: PointField;
  /** Scaled so that 0..1 spans the sensor's range. */
  readonly intensity?: PointField;
  /** Beam n, scaled to (n + 0.5) / 256, so that eight bits keep it exactly. */
  readonly ring?: PointField;
  /** Time of the point within the frame, scaled so that 0..1 spans the frame. */
  readonly time?: PointField;
  /** Names of further fields of the input; they are never read. */
  readonly otherFields?: readonly string[];
}

/** Sensor in map: translation in metres, unit quaternion. */
export interface Pose {
  readonly translation: readonly [number, number, number];
  readonly quaternion: readonly [number, number, number, number];
}

/** Every name that metadata may have. A policy can only ever name those marked passable. */
export type MetadataName =
  // passable, if the policy names them
  | "frame_id"
  | "topic"
  | "sensor_model"
  | "label"
  // never
  | "serial_number"
  | "part_number"
  | "firmware"
  | "host_name"
  | "ip_address"
  | "mac_address"
  | "wall_clock"
  | "map_origin"
  | "calibration"
  | "geo_position"
  | "session_id"
  | "software"
  | "comment"
  | "file_name"
  | "raw_text"
  | "point_field";

/**
 * One thing that a file or packet says beside the points. Readers report everything they meet, so
 * that what was stripped can be named; only the core decides what passes.
 */
export interface MetadataField {
  readonly name: MetadataName;
  /** Strings as they stand in the input; numbers and addresses in their usual text form. */
  readonly value: string;
}

export interface Frame {
  /** Points in `data`: slots, the empty ones included. */
  readonly count: number;
  readonly layout: PointLayout;
  /**
   * At least count * pointStep bytes; valid until the next frame is asked for. They may lie in a
   * SharedArrayBuffer, as where a driver's thread fills a ring of frames: the core copies each point
   * once, and nobody may write to them until the call that got the frame returns.
   */
  readonly data: Uint8Array;
  /** Capture time in nanoseconds since the Unix epoch, if the input has one. */
  readonly stampNs?: bigint;
  /** Sensor in map, if the input has one. */
  readonly pose?: Pose;
  readonly metadata: readonly MetadataField[];
}

/** Scale and bias of a column that holds beam numbers, for PointLayout.ring. */
export const RING_SCALE = { scale: 1 / 256, bias: 0.5 / 256 } as const;
