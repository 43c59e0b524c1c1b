/** What every reader gives: frames one after another, with the means to show progress. */

import { MapveilError } from "../core/errors.ts";
import type { Frame, Pose } from "../core/frame.ts";
import type { Input } from "./byte-file.ts";
import type { MetadataReads } from "./metadata-list.ts";

export type FormatName =
  | "pcd"
  | "ply"
  | "kitti"
  | "las"
  | "e57"
  | RecordingFormat
  | `${VendorName}-pcap`
  | "carmen";

/** Containers of ROS messages. */
export type RecordingFormat = "mcap" | "rosbag" | "rosbag2";

/** Makers of lidars whose packets are decoded. */
export type VendorName = "hesai" | "livox" | "ouster" | "robosense" | "velodyne";

export interface OpenOptions {
  /**
   * Names of metadata whose values are read: those that the policy names, or "all" to inspect a
   * recording. Of the others a frame says only that they were there, with the value "". Default: none.
   */
  readonly reads?: MetadataReads | undefined;
  /**
   * What decodes a lidar's packets beside them. Ouster: the sensor's metadata (.json); default: the
   * only fitting .json beside the recording. Hesai: the unit's angle correction (.csv); default:
   * <name>.csv beside it, else the model's nominal angles.
   */
  readonly metadataPath?: string | undefined;
  /** Poses as KITTI writes them: one line a frame, the 12 numbers of a 3x4 matrix. */
  readonly posesPath?: string | undefined;
  /** Recordings of ROS: which topic to read. Default: the first one that holds points. */
  readonly topic?: string | undefined;
  /**
   * Recordings of ROS: which topic says where the robot was (PoseStamped, PoseWithCovarianceStamped,
   * Odometry); "none" leaves poses out. Default: the only one that does; several need this option.
   */
  readonly poseTopic?: string | undefined;
  /**
   * Where the lidar sits in the body that the poses are of. Default: what the recording's tf says,
   * else poses are taken to be those of the lidar itself.
   */
  readonly mount?: Pose | undefined;
}

export interface FrameSource {
  readonly format: FormatName;
  /** Number of frames, if it is known before reading. */
  readonly expectedFrames?: number;
  /** Seconds from one frame to the next, if the sensor's mode is known. */
  readonly periodSeconds?: number;
  /** The lidar measures in one plane: every point has z = 0 in its frame. */
  readonly flat?: true;
  /** Points of many places in one cloud, so that no ray can be drawn to them from a sensor. */
  readonly isMerged?: true;
  /**
   * The frames in the order of the recording. May be called once. Throws BAD_INPUT where the input
   * breaks; the frames before that point were delivered.
   */
  frames(): AsyncIterable<Frame>;
  /** Lets go of the file; safe to call at any time and more than once. */
  close(): Promise<void>;
  /** Bytes of input consumed so far. */
  readonly bytesRead: number;
  readonly bytesTotal: number;
}

/** What a reader states about itself before the first frame. */
export interface SourceFacts {
  readonly format: FormatName;
  readonly expectedFrames?: number;
  readonly periodSeconds?: number;
  readonly flat?: true;
  readonly isMerged?: true;
}

/** Joins facts, input and generator into a source; enforces that frames() is called once. */
export function makeSource(
  facts: SourceFacts,
  input: Input,
  generate: () => AsyncIterable<Frame>,
): FrameSource {
  let started = false;
  return {
    ...facts,
    frames() {
      if (started) {
        throw new MapveilError(
          "USAGE",
          `${input.path}: frames() may be called once; open it again.`,
        );
      }
      started = true;
      return generate();
    },
    close: () => input.close(),
    get bytesRead() {
      return input.bytesRead;
    },
    bytesTotal: input.size,
  };
}

/** The same source with each frame changed; `facts` replace what it says of itself. */
export function mapFrames(
  source: FrameSource,
  facts: Partial<SourceFacts>,
  change: (frames: AsyncIterable<Frame>) => AsyncIterable<Frame>,
): FrameSource {
  const { format, expectedFrames, periodSeconds, flat, isMerged } = source;
  return {
    format,
    ...(expectedFrames !== undefined && { expectedFrames }),
    ...(periodSeconds !== undefined && { periodSeconds }),
    ...(flat !== undefined && { flat }),
    ...(isMerged !== undefined && { isMerged }),
    ...facts,
    frames: () => change(source.frames()),
    close: () => source.close(),
    get bytesRead() {
      return source.bytesRead;
    },
    bytesTotal: source.bytesTotal,
  };
}
