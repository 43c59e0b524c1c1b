/** Files of settings: YAML read with care, checked by a schema, every fault named with its place. */

export { type HostPort, parseHostPort } from "./address.ts";
export { changedKeys } from "./changed-keys.ts";
export { durationInWords, parseDuration } from "./duration.ts";
export type { Environment } from "./environment.ts";
export { jsonSchema } from "./json-schema.ts";
export { keyTable } from "./key-table.ts";
export { parseSettings } from "./parse-settings.ts";
export type { Fault } from "./problem.ts";
export { readText } from "./read-text.ts";
export {
  duration,
  durationOrOff,
  listenAddress,
  name,
  path,
  rate,
  remoteAddress,
  size,
} from "./scalars.ts";
export { allowed, list, number, oneOf, section, wholeNumber } from "./schema.ts";
export {
  type ConfigSources,
  loadConfig,
  type MetricsAddress,
  type ServiceKind,
  type ServiceSettings,
  serviceKeys,
  serviceSettings,
} from "./service.ts";
