/** MCAP recordings with points, read front to back in constant memory. */
import type { ByteFile } from "./byte-file.ts";
import type { FrameSource, OpenOptions } from "./frame-source.ts";
import { mcapRecording } from "./mcap-recording.ts";
import { openRosFrames } from "./ros-frames.ts";

/**
 * An MCAP recording with sensor_msgs/PointCloud2 or LaserScan in CDR or ROS 1 encoding, and poses
 * from the same recording. One that was cut off gives its frames and then BAD_INPUT.
 */
export function openMcap(file: ByteFile, options: OpenOptions): Promise<FrameSource> {
  return openRosFrames("mcap", file, mcapRecording(file.path), options);
}
