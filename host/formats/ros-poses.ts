/**
 * Where the lidar was at each moment of a recording: poses of the one topic that has them, or of the
 * one that is named, joined with where the lidar sits on the robot.
 */
import type { Pose } from "../core/frame.ts";
import { badInput, tooLarge } from "./input-errors.ts";
import type { MessageCursor } from "./message-cursor.ts";
import { POSES_MAX, PoseTrack } from "./pose-track.ts";
import { readOdometry, readPoseStamped, readTransforms, type StampedPose } from "./ros-messages.ts";
import { LIST_TOPICS, type RosRecording, type RosTopic, visitMessages } from "./ros-recording.ts";
import { composePoses } from "./rotation.ts";
import { StaticFrames } from "./static-frames.ts";

/** Says that no poses are wanted. */
const NO_POSES = "none";

const POSE_READERS: Readonly<Record<string, (cursor: MessageCursor) => StampedPose>> = {
  "geometry_msgs/PoseStamped": readPoseStamped,
  "geometry_msgs/PoseWithCovarianceStamped": readPoseStamped,
  "nav_msgs/Odometry": readOdometry,
};

const TRANSFORM_TYPES = new Set(["tf2_msgs/TFMessage", "tf/tfMessage"]);

/** Where the robot is to go, or is told to be, is not where it is. */
const NO_PLACE = /goal|initial_?pose/i;

export interface PoseOptions {
  readonly poseTopic: string | undefined;
  /** True if the caller knows where the lidar sits: then the recording is not asked. */
  readonly isMounted: boolean;
}

/** Pose of the lidar `sensor` in the map at `stampNs`, if the recording tells. */
export type PoseLookup = (stampNs: bigint | undefined, sensor: string) => Pose | undefined;

/**
 * Reads all poses of a recording, in a pass of its own, so that each frame gets the one between its
 * neighbours in time, whichever was written first. Undefined if there are none to be read; BAD_INPUT
 * if the topic is not clear.
 */
export async function readRosPoses(
  recording: RosRecording,
  topics: readonly RosTopic[],
  options: PoseOptions,
): Promise<PoseLookup | undefined> {
  const chosen = choosePoses(recording.path, topics, options.poseTopic);
  if (chosen === undefined) return undefined;
  const readPose = POSE_READERS[chosen.type]!;
  const track = new PoseTrack();
  const frames = new StaticFrames();
  let body: string | undefined;
  await visitMessages(recording, (message) => {
    if (message.topic === chosen.topic && message.type === chosen.type) {
      const { header, pose, child } = readPose(message.open());
      if (track.count >= POSES_MAX) throw tooManyPoses(recording.path);
      track.add(header.stampNs ?? message.logTimeNs, pose);
      body ||= child;
    } else if (TRANSFORM_TYPES.has(message.type)) {
      const fixed = message.topic.endsWith("tf_static");
      for (const transform of readTransforms(message.open())) frames.add(transform, fixed);
    }
  });
  return (stampNs, sensor) => {
    const pose = stampNs === undefined ? undefined : track.at(stampNs);
    const mount = options.isMounted ? undefined : frames.mountOf(sensor, body || undefined);
    return pose && mount ? composePoses(pose, mount) : pose;
  };
}

function choosePoses(
  path: string,
  topics: readonly RosTopic[],
  wanted: string | undefined,
): RosTopic | undefined {
  if (wanted === NO_POSES) return undefined;
  const all = topics.filter((t) => POSE_READERS[t.type] !== undefined && t.messages !== 0);
  if (wanted !== undefined) {
    const named = all.find(({ topic }) => topic === wanted);
    if (named !== undefined) return named;
    const text =
      `no poses on topic ${wanted}; ${all.length} other topics have poses. ${LIST_TOPICS} ` +
      'Name one of these, or "none".';
    throw badInput(path, text, { field: "poseTopic" });
  }
  const places = all.filter(({ topic }) => !NO_PLACE.test(topic));
  if (places.length <= 1) return places[0];
  throw badInput(
    path,
    `${places.length} topics hold poses. ${LIST_TOPICS} Name the one that says where the robot was ` +
      'in the map with --pose-topic, or "none".',
    { field: "poseTopic" },
  );
}

function tooManyPoses(path: string) {
  const text = `more than ${POSES_MAX} poses on one topic; split the recording or name a slower topic.`;
  return tooLarge(path, text, { field: "poseTopic" });
}
