/**
 * The occupancy grid of a recording: the last one, for robots publish their map as it grows. With it the
 * path that the robot went, if the recording has one in the frame of the map.
 */
import type { RecordingFormat } from "./frame-source.ts";
import { badInput, tooLarge } from "./input-errors.ts";
import type { MessageCursor } from "./message-cursor.ts";
import { readOccupancyGrid } from "./occupancy-grid.ts";
import type { Plan, PlanOptions } from "./plan.ts";
import { PATH_POINTS_MAX } from "./plan-limits.ts";
import { recordingAt } from "./recordings.ts";
import { readHeader } from "./ros-messages.ts";
import { chooseTopic, type RosTopic, topicsOf, visitMessages } from "./ros-recording.ts";

const GRID_TYPE = "nav_msgs/OccupancyGrid";
const PATH_TYPE = "nav_msgs/Path";

/** Where a robot means to go is no path that it went. */
const NO_PATH = /plan|goal|predict|candidate/i;

interface RosPath {
  readonly frameId: string;
  readonly points: Float64Array;
}

/**
 * BAD_INPUT if no topic has a grid. The path is the last one of the only topic with nav_msgs/Path whose
 * name does not say that it is planned.
 */
export async function readRosPlan(
  path: string,
  format: RecordingFormat,
  options: PlanOptions,
): Promise<Plan> {
  const recording = recordingAt(path, format);
  const topics = await topicsOf(recording);
  const chosen = chooseTopic(path, topics, [GRID_TYPE], options.topic);
  const way = pathTopic(topics);
  let plan: Plan | undefined;
  let frameId = "";
  let went: RosPath | undefined;
  const fault = await visitMessages(recording, ({ topic, type, open }) => {
    if (topic === chosen.topic && type === GRID_TYPE) {
      plan = readOccupancyGrid({ file: path, topic }, open(), options);
      frameId = readHeader(open()).frameId;
    } else if (topic === way?.topic && type === PATH_TYPE) went = readPath(path, open());
  });
  // Grids before the place where a recording breaks off are older than what the robot knew.
  if (fault !== undefined) throw fault;
  if (plan === undefined) {
    throw badInput(path, "its topic of a map has no message; record the map again.");
  }
  const isPlaced = went !== undefined && went.frameId === frameId && went.points.length > 0;
  return isPlaced ? { ...plan, path: went!.points } : plan;
}

function pathTopic(topics: readonly RosTopic[]): RosTopic | undefined {
  const paths = topics.filter(
    ({ topic, type, messages }) => type === PATH_TYPE && messages !== 0 && !NO_PATH.test(topic),
  );
  return paths.length === 1 ? paths[0] : undefined;
}

/** Places alone: planners and loggers often leave the turns empty. */
function readPath(file: string, cursor: MessageCursor): RosPath {
  const { frameId } = readHeader(cursor);
  const count = cursor.u32("poses");
  if (count > PATH_POINTS_MAX) {
    const text = `its path has ${count} points; at most ${PATH_POINTS_MAX} are read.`;
    throw tooLarge(file, text, { field: "poses" });
  }
  const points: number[] = [];
  for (let i = 0; i < count; i++) {
    readHeader(cursor);
    const [x, y] = [cursor.f64("position.x"), cursor.f64("position.y")];
    for (let rest = 5; rest > 0; rest--) cursor.f64("pose");
    if (!Number.isFinite(x) || !Number.isFinite(y)) {
      throw cursor.fail("poses", "has a position that is not a number; record it again.");
    }
    points.push(x, y);
  }
  return { frameId, points: Float64Array.from(points) };
}
