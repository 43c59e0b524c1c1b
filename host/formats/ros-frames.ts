/**
 * From ROS messages in the order of a recording to frames: finds the topic with points, gives each
 * cloud or scan the pose of its moment, and gathers what the recording says beside the points.
 * Shared by all containers of ROS messages.
 */
import type { Frame } from "../core/frame.ts";
import {
  type FrameSource,
  makeSource,
  type OpenOptions,
  type RecordingFormat,
} from "./frame-source.ts";
import { readLaserScan } from "./laser-scan.ts";
import { readLivoxMessage } from "./livox-message.ts";
import type { MessageCursor } from "./message-cursor.ts";
import { isoTime, MetadataList, type MetadataReads, type Tell } from "./metadata-list.ts";
import { readPointCloud2 } from "./point-cloud2.ts";
import { layoutOf, type PointTable } from "./point-columns.ts";
import type { RosHeader } from "./ros-messages.ts";
import { RosNotes } from "./ros-notes.ts";
import { type PoseLookup, readRosPoses } from "./ros-poses.ts";
import {
  chooseTopic,
  noSuchTopic,
  type RecordedMessage,
  type RecordingPass,
  type RosRecording,
  type RosTopic,
} from "./ros-recording.ts";

type Points = { readonly header: RosHeader; readonly table: PointTable };

const LASER_SCAN_TYPE = "sensor_msgs/LaserScan";
const READERS: Readonly<Record<string, (cursor: MessageCursor, tell: Tell) => Points>> = {
  "sensor_msgs/PointCloud2": readPointCloud2,
  "livox_ros_driver2/CustomMsg": readLivoxMessage,
  "livox_ros_driver/CustomMsg": readLivoxMessage,
  "livox_interfaces/CustomMsg": readLivoxMessage,
  [LASER_SCAN_TYPE]: readLaserScan,
};
/** In the order of preference: a robot with a 3D lidar often gives a slice of it as a scan too. */
export const POINT_TYPES = Object.keys(READERS);

/**
 * Frames of the topic that `options` name, else of the first of `topics` with clouds, else of the
 * first with scans. BAD_INPUT with the topics that are there if none fits.
 */
export async function openRosFrames(
  format: RecordingFormat,
  recording: RosRecording,
  topics: readonly RosTopic[],
  options: OpenOptions,
): Promise<FrameSource> {
  const chosen = chooseTopic(recording.path, topics, POINT_TYPES, options.topic);
  const { poseTopic, mount } = options;
  const poses = await readRosPoses(recording, topics, {
    poseTopic,
    isMounted: mount !== undefined,
  });
  const facts = {
    format,
    ...(chosen.messages !== undefined && { expectedFrames: chosen.messages }),
    ...(chosen.type === LASER_SCAN_TYPE && { flat: true as const }),
  };
  const pass = await recording.open();
  return makeSource(facts, pass, () => readFrames(pass, chosen, poses, options.reads));
}

async function* readFrames(
  pass: RecordingPass,
  chosen: RosTopic,
  poses: PoseLookup | undefined,
  reads: MetadataReads | undefined,
): AsyncGenerator<Frame> {
  const metadata = MetadataList.ofFile(pass.path, reads);
  const notes = new RosNotes(metadata);
  let delivered = 0;
  for await (const message of pass.messages(metadata.tell)) {
    if (message.topic === chosen.topic && message.type === chosen.type) {
      yield toFrame(pass.path, message, poses, metadata);
      delivered++;
    } else notes.take(message);
  }
  if (delivered === 0) throw noSuchTopic(pass.path, [chosen], POINT_TYPES, chosen.topic);
}

function toFrame(
  file: string,
  message: RecordedMessage,
  poses: PoseLookup | undefined,
  recorded: MetadataList,
): Frame {
  const metadata = recorded.copy();
  const { header, table } = READERS[message.type]!(message.open(), metadata.tell);
  const layout = layoutOf(file, table, "byte", metadata.tell);
  const { logTimeNs } = message;
  const stampNs = header.stampNs ?? (logTimeNs > 0n ? logTimeNs : undefined);
  const pose = poses?.(stampNs, header.frameId);
  metadata.add("topic", message.topic);
  metadata.add("frame_id", header.frameId);
  if (stampNs !== undefined) metadata.add("wall_clock", isoTime(stampNs));
  return {
    count: table.count,
    layout,
    data: table.data,
    ...(stampNs !== undefined && { stampNs }),
    ...(pose !== undefined && { pose }),
    metadata: metadata.list(),
  };
}
