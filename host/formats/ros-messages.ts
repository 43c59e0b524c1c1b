/** The few ROS messages that are read beside points: headers, poses, transforms, strings. */
import type { Pose } from "../core/frame.ts";
import type { MessageCursor } from "./message-cursor.ts";
import { poseFromQuaternion } from "./rotation.ts";
import type { FrameTransform } from "./static-frames.ts";

export interface RosHeader {
  /** Nanoseconds since the Unix epoch; undefined if the stamp is zero or negative. */
  readonly stampNs: bigint | undefined;
  readonly frameId: string;
}

export interface StampedPose {
  readonly header: RosHeader;
  readonly pose: Pose;
  /** The frame whose pose it is, if the message names it. */
  readonly child?: string;
}

/** A tf message joins some dozens of frames. */
const TRANSFORMS_MAX = 4096;

/** The type's name without package and "msg": ROS 1 and ROS 2 write it differently. */
export function shortType(type: string): string {
  return type.replace("/msg/", "/");
}

/** std_msgs/Header. */
export function readHeader(cursor: MessageCursor): RosHeader {
  if (cursor.isRos1) cursor.u32("header.seq");
  const stampNs = readTime(cursor, "header.stamp");
  return { stampNs, frameId: cursor.string("header.frame_id") };
}

/** Nanoseconds since the Unix epoch; undefined if zero or negative. */
export function readTime(cursor: MessageCursor, field: string): bigint | undefined {
  // ROS 1 stamps are unsigned, ROS 2 stamps signed; both fit after this.
  const seconds = cursor.isRos1 ? cursor.u32(field) : cursor.i32(field);
  const stamp = BigInt(seconds) * 1_000_000_000n + BigInt(cursor.u32(field));
  return stamp > 0n ? stamp : undefined;
}

/** geometry_msgs/PoseStamped, or PoseWithCovarianceStamped as far as its pose. */
export function readPoseStamped(cursor: MessageCursor): StampedPose {
  const header = readHeader(cursor);
  return { header, pose: readPose(cursor) };
}

/** nav_msgs/Odometry, as far as its pose. */
export function readOdometry(cursor: MessageCursor): StampedPose {
  const header = readHeader(cursor);
  const child = cursor.string("child_frame_id");
  return { header, pose: readPose(cursor), child };
}

/** tf2_msgs/TFMessage and tf/tfMessage. */
export function readTransforms(cursor: MessageCursor): FrameTransform[] {
  const count = cursor.u32("transforms");
  if (count > TRANSFORMS_MAX) {
    throw cursor.fail("transforms", `declares ${count}; at most ${TRANSFORMS_MAX} are possible.`);
  }
  return Array.from({ length: count }, () => {
    const parent = readHeader(cursor).frameId;
    const child = cursor.string("child_frame_id");
    return { parent, child, pose: readPose(cursor) };
  });
}

/** std_msgs/String. */
export function readString(cursor: MessageCursor): string {
  return cursor.string("data");
}

/** geometry_msgs/Pose and geometry_msgs/Transform, which lie in the same bytes. */
export function readPose(cursor: MessageCursor): Pose {
  const next = (field: string) => cursor.f64(`pose.${field}`);
  const position = [next("position.x"), next("position.y"), next("position.z")] as const;
  const turn = ["x", "y", "z", "w"].map((axis) => next(`orientation.${axis}`));
  const pose = poseFromQuaternion(position, turn as [number, number, number, number]);
  if (pose === undefined) {
    throw cursor.fail("pose", "is not finite or its orientation is not a unit quaternion.");
  }
  return pose;
}
