/** What every service tells of its own process; nothing of the machine it runs on. */
import { monitorEventLoopDelay } from "node:perf_hooks";
import type { MetricRow } from "./metrics.ts";

const NS_PER_S = 1e9;
/** Milliseconds between two looks; what is measured includes them. */
const RESOLUTION_MS = 20;

/**
 * Metrics of this process. Measures the delay of the event loop from the first call on.
 * @param crashes of the processes before this one
 */
export function processMetrics(version: string, crashes: number): MetricRow<unknown>[] {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delay.enable();
  return [
    {
      name: "build_info",
      help: "Always 1; the version is its label.",
      label: "version",
      read: () => ({ [version]: 1 }),
    },
    {
      name: "crashes_total",
      help: "Processes of this service that ended by a defect, since its folder was made.",
      read: () => crashes,
    },
    {
      name: "uptime_seconds",
      help: "Time since the process was started.",
      read: () => process.uptime(),
    },
    {
      name: "resident_memory_bytes",
      help: "Memory of the process that is in RAM.",
      read: () => process.memoryUsage.rss(),
    },
    {
      name: "event_loop_delay_seconds",
      help: "Delay of the event loop since the last scrape.",
      label: "quantile",
      read: () => {
        const seconds = (ns: number) => Math.max(0, ns / NS_PER_S - RESOLUTION_MS / 1000);
        const at = (percent: number) => seconds(delay.percentile(percent));
        const quantiles = { "0.5": at(50), "0.99": at(99), "1": seconds(delay.max) };
        delay.reset();
        return quantiles;
      },
    },
  ];
}
