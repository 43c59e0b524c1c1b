/** What a part of Mapveil may say in its log: an event by name, and fields from a closed list. */

/** Fields that may be logged. None can hold an address, a name, an id of a device or a secret. */
export interface LogFields {
  /** Error code or status, such as "NO_SPACE" or "UNAVAILABLE". */
  readonly code?: string;
  readonly reason?: string;
  readonly dataClass?: string;
  readonly permission?: string;
  readonly epoch?: bigint;
  readonly artefacts?: number;
  readonly frames?: number;
  readonly bytes?: number;
  readonly count?: number;
  readonly delayMs?: number;
  readonly durationMs?: number;
  readonly level?: string;
  /** Name of a configuration key or a part of Mapveil. */
  readonly key?: string;
  readonly version?: string;
  readonly signal?: string;
  /** A method of the wire contract. */
  readonly method?: string;
  /** A role of a client. */
  readonly role?: string;
  /** Kind of an error that nobody foresaw, and where it happened, as crash.ts lets them through. */
  readonly type?: string;
  readonly at?: string;
}

/** Events are names in snake_case, such as "upload_failed": searchable, and never a sentence. */
export interface Log {
  debug(event: string, fields?: LogFields): void;
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  error(event: string, fields?: LogFields): void;
}

/** A log that nobody reads. */
export const SILENT: Log = { debug() {}, info() {}, warn() {}, error() {} };
