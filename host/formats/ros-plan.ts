/** The occupancy grid of a recording: the last one, for robots publish their map as it grows. */
import type { RecordingFormat } from "./frame-source.ts";
import { badInput } from "./input-errors.ts";
import { readOccupancyGrid } from "./occupancy-grid.ts";
import type { Plan, PlanOptions } from "./plan.ts";
import { recordingAt } from "./recordings.ts";
import { chooseTopic, topicsOf, visitMessages } from "./ros-recording.ts";

const GRID_TYPE = "nav_msgs/OccupancyGrid";

/** BAD_INPUT lists the topics that are there if none has a grid. */
export async function readRosPlan(
  path: string,
  format: RecordingFormat,
  options: PlanOptions,
): Promise<Plan> {
  const recording = recordingAt(path, format);
  const chosen = chooseTopic(path, await topicsOf(recording), [GRID_TYPE], options.topic);
  let plan: Plan | undefined;
  const fault = await visitMessages(recording, (message) => {
    if (message.topic !== chosen.topic || message.type !== GRID_TYPE) return;
    plan = readOccupancyGrid({ file: path, topic: chosen.topic }, message.open(), options);
  });
  // Grids before the place where a recording breaks off are older than what the robot knew.
  if (fault !== undefined) throw fault;
  if (plan !== undefined) return plan;
  throw badInput(path, "its topic of a map has no message; record the map again.");
}
