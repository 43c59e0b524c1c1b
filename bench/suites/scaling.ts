/** How cost grows: with the points of a frame, with threads, and with the sensors of a robot. */
import { bundled, OS1 } from "../inputs/frames.ts";
import type { Context } from "../measure/context.ts";
import type { Suite } from "../report/report.ts";
import { pointsSuite } from "./scaling-points.ts";
import { sensorsSuite } from "./scaling-sensors.ts";
import { threadsSuite } from "./scaling-threads.ts";

/** One after the other, for each wants the machine. */
export async function scalingSuites(context: Context): Promise<Suite[]> {
  const { recordings } = context;
  const recording = recordings.find(({ name }) => name === OS1) ?? (await bundled(OS1));
  context.progress("scaling: points");
  const points = await pointsSuite(context, recording);
  context.progress("scaling: threads");
  const threads = await threadsSuite(context, recording);
  return [points, threads, await sensorsSuite(context)];
}
