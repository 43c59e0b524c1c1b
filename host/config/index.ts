/** Files of settings: YAML read with care, checked by a schema, every fault named with its place. */

export { type HostPort, parseHostPort } from "./address.ts";
export { durationInWords, parseDuration } from "./duration.ts";
export {
  type Environment,
  overridesOfEnvironment,
  overridesOfOptions,
  variableOf,
} from "./environment.ts";
export { keyTable } from "./key-table.ts";
export type { Override } from "./overrides.ts";
export { parseSettings, type Settings, type SettingsKind } from "./parse-settings.ts";
export type { Fault } from "./problem.ts";
export { readText } from "./read-text.ts";
export {
  duration,
  listenAddress,
  name,
  path,
  rate,
  remoteAddress,
  size,
} from "./scalars.ts";
export { allowed, list, number, oneOf, section, wholeNumber } from "./schema.ts";
export { show } from "./show.ts";
export { suggest } from "./suggest.ts";
