/** Free text: what of it may be read by others. */
export { TEXT_KINDS, type TextKind } from "./kinds.ts";
export {
  type Found,
  type KnownValue,
  type Redacted,
  type RedactOptions,
  redact,
} from "./redact.ts";
export { redactStream } from "./stream.ts";
