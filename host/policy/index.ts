/** What may leave: one documented YAML file, checked, explained, and compiled for the core. */

export {
  assertFramesMayLeave,
  type CompiledPolicy,
  compileCells,
  compilePolicy,
  compileScans,
} from "./compile-policy.ts";
export { DEFAULT_POLICY_YAML, defaultPolicy } from "./default-policy.ts";
export {
  type ExplainedSection,
  explainPolicy,
  explainPolicyJson,
  type PolicyExplanation,
} from "./explain-policy.ts";
export { type GatheredLevel, isGathered, type Level } from "./fields.ts";
export { HOLE_GROWTH_MAX_M, HOLE_RANDOM_BYTES, noGoHole, type Rectangle } from "./hole.ts";
export { narrowPolicy } from "./narrow-policy.ts";
export { loadPolicy, POLICY_FILE_BYTES_MAX, parsePolicy } from "./parse-policy.ts";
export {
  holdBackMs,
  mapLeafM,
  type Policy,
  type PolicyContent,
  type PolicySource,
  planCellM,
} from "./policy.ts";
export type { Vertex } from "./polygon.ts";
export { policySchemaJson } from "./schema.ts";
export { wrap } from "./wrap.ts";
