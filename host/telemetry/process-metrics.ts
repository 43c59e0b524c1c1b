/** What every service tells of its own process; nothing of the machine it runs on. */
import { monitorEventLoopDelay } from "node:perf_hooks";
import type { MetricRow } from "./metrics.ts";

const NS_PER_S = 1e9;

/** Metrics of this process. Measures the delay of the event loop from the first call on. */
export function processMetrics(version: string): MetricRow<unknown>[] {
  const delay = monitorEventLoopDelay({ resolution: 20 });
  delay.enable();
  return [
    {
      name: "build_info",
      help: "Always 1; the version is its label.",
      label: "version",
      read: () => ({ [version]: 1 }),
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
        const at = (percent: number) => delay.percentile(percent) / NS_PER_S;
        const quantiles = { "0.5": at(50), "0.99": at(99), "1": delay.max / NS_PER_S };
        delay.reset();
        return quantiles;
      },
    },
  ];
}
