/** The occupancy grid of a recording: the last one, for robots publish their map as it grows. */
import { bagRecording } from "./bag-recording.ts";
import { badInput } from "./input-errors.ts";
import { mcapRecording } from "./mcap-recording.ts";
import { readOccupancyGrid } from "./occupancy-grid.ts";
import type { Plan } from "./plan.ts";
import { chooseTopic, topicsOf, visitMessages } from "./ros-recording.ts";

const GRID_TYPE = "nav_msgs/OccupancyGrid";

/** BAD_INPUT lists the topics that are there if none has a grid. */
export async function readRosPlan(
  path: string,
  format: "mcap" | "rosbag",
  topic: string | undefined,
): Promise<Plan> {
  const recording = format === "mcap" ? mcapRecording(path) : bagRecording(path);
  const chosen = chooseTopic(path, await topicsOf(recording), [GRID_TYPE], topic);
  let plan: Plan | undefined;
  const fault = await visitMessages(recording, (message) => {
    if (message.topic !== chosen.topic || message.type !== GRID_TYPE) return;
    plan = readOccupancyGrid(path, chosen.topic, message.open());
  });
  // Grids before the place where a recording breaks off are older than what the robot knew.
  if (fault !== undefined) throw fault;
  if (plan !== undefined) return plan;
  throw badInput(path, `topic ${chosen.topic} has no message; record the map again.`);
}
