/** Opens the recording behind a container's name. */
import { bagRecording } from "./bag-recording.ts";
import type { RecordingFormat } from "./frame-source.ts";
import { mcapRecording } from "./mcap-recording.ts";
import type { RosRecording } from "./ros-recording.ts";
import { rosbag2Recording } from "./rosbag2-recording.ts";

/** The recording of ROS messages at `path`, whatever its container. */
export function recordingAt(path: string, format: RecordingFormat): RosRecording {
  switch (format) {
    case "mcap":
      return mcapRecording(path);
    case "rosbag":
      return bagRecording(path);
    case "rosbag2":
      return rosbag2Recording(path);
  }
}
