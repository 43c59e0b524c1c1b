/**
 * Frames that are fixed to one another, from the tf messages of a recording: where the lidar sits on
 * the robot. Frames of /tf that never move count as well, as static publishers of ROS 1 write them.
 */
import type { Pose } from "../core/frame.ts";
import { composePoses } from "./rotation.ts";

export interface FrameTransform {
  readonly parent: string;
  readonly child: string;
  /** Child in parent. */
  readonly pose: Pose;
}

/** A robot has dozens. */
const FRAMES_MAX = 1024;

/** Frames that stand in the room and not on the robot. */
const ROOM_FRAMES = new Set(["map", "odom", "world", "earth", "odom_combined"]);

export class StaticFrames {
  readonly #byChild = new Map<string, FrameTransform | "moving">();

  /** Takes one transform; `fixed` if the topic is one of static transforms. */
  add({ parent, child, pose }: FrameTransform, fixed: boolean): void {
    const [name, under] = [plain(child), plain(parent)];
    const known = this.#byChild.get(name);
    if (known === "moving" || (known === undefined && this.#byChild.size >= FRAMES_MAX)) return;
    const same = known === undefined || (known.parent === under && isSame(known.pose, pose));
    this.#byChild.set(name, same || fixed ? { parent: under, child: name, pose } : "moving");
  }

  /**
   * The lidar's frame `sensor` in the frame that poses are of: `body` if they name one, else the
   * root of what is fixed to the lidar. Undefined if the two are not joined by fixed frames.
   */
  mountOf(sensor: string, body: string | undefined): Pose | undefined {
    const target = body === undefined ? undefined : plain(body);
    let mount: Pose = { translation: [0, 0, 0], quaternion: [0, 0, 0, 1] };
    let at = plain(sensor);
    // Bounded, for a damaged file may join its frames to a ring.
    for (let steps = 0; steps < FRAMES_MAX && at !== target; steps++) {
      const up = this.#byChild.get(at);
      if (up === undefined || up === "moving" || ROOM_FRAMES.has(up.parent)) {
        return target === undefined ? mount : undefined;
      }
      mount = composePoses(up.pose, mount);
      at = up.parent;
    }
    return at === target ? mount : undefined;
  }
}

/** ROS 1 wrote names with a slash in front at times. */
function plain(frame: string): string {
  return frame.replace(/^\//, "");
}

function isSame(a: Pose, b: Pose): boolean {
  const values = (pose: Pose) => [...pose.translation, ...pose.quaternion];
  const [left, right] = [values(a), values(b)];
  return left.every((value, i) => value === right[i]);
}
