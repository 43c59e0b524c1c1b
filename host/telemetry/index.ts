/** What a service tells of itself: a log without secrets, metrics, health. */

export { type Crash, crashFields, crashOf, isCrashType, isPlace } from "./crash.ts";
export { readCrashes } from "./crash-marker.ts";
export { createLog, type LogLevel, type ServiceLog } from "./create-log.ts";
export { EVENTS } from "./events.ts";
export { serveTelemetry, type TelemetryServer } from "./http-server.ts";
export { type Log, type LogFields, SILENT } from "./log.ts";
export { type MetricRow, Metrics } from "./metrics.ts";
export { processMetrics } from "./process-metrics.ts";
export {
  RECEIVER_METRICS,
  RECEIVER_PREFIX,
  type ReceiverReadings,
} from "./receiver-metrics.ts";
export {
  LINK_STATES,
  SIDECAR_METRICS,
  SIDECAR_PREFIX,
  type SidecarReadings,
} from "./sidecar-metrics.ts";
