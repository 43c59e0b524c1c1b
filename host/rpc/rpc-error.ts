/** The error type of everything that speaks gRPC. What leaves a server is made from it. */

/** Codes of gRPC with their numbers. OK is no error. */
export const RPC_CODES = {
  CANCELLED: 1,
  UNKNOWN: 2,
  INVALID_ARGUMENT: 3,
  DEADLINE_EXCEEDED: 4,
  NOT_FOUND: 5,
  ALREADY_EXISTS: 6,
  PERMISSION_DENIED: 7,
  RESOURCE_EXHAUSTED: 8,
  FAILED_PRECONDITION: 9,
  ABORTED: 10,
  OUT_OF_RANGE: 11,
  UNIMPLEMENTED: 12,
  INTERNAL: 13,
  UNAVAILABLE: 14,
  DATA_LOSS: 15,
  UNAUTHENTICATED: 16,
} as const;

export type RpcCode = keyof typeof RPC_CODES;

export type Language = "en" | "zh";

/** What is wrong with one field of a request. */
export type FieldViolation = {
  /** Path of the field, such as "layout.point_step"; empty for the request as a whole. */
  readonly field: string;
  readonly description: string;
};

/** One condition that has to hold first. */
export type PreconditionViolation = {
  /** Kind of the condition in UPPER_SNAKE, such as "PERMISSION". */
  readonly type: string;
  /** What it is about, such as the name of a permission. */
  readonly subject: string;
  readonly description: string;
};

/** Whatever an error tells beside its code, reason and message. */
export interface RpcErrorDetails {
  /** The parts of the message that vary, for programs. */
  readonly metadata?: Readonly<Record<string, string>>;
  readonly fieldViolations?: readonly FieldViolation[];
  /** Milliseconds after which trying again may help. */
  readonly retryDelayMs?: number | undefined;
  /** The message for the user. A server sends the language that the call prefers, a client has one. */
  readonly localized?: Readonly<Partial<Record<Language, string>>>;
  readonly preconditions?: readonly PreconditionViolation[];
  /** Kept for logs; never sent. */
  readonly cause?: unknown;
}

export class RpcError extends Error implements RpcErrorDetails {
  readonly code: RpcCode;
  readonly reason: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly fieldViolations: readonly FieldViolation[];
  readonly retryDelayMs: number | undefined;
  readonly localized: Readonly<Partial<Record<Language, string>>>;
  readonly preconditions: readonly PreconditionViolation[];

  /** `reason` is UPPER_SNAKE and stable: programs go by it. `message` is a whole English sentence. */
  constructor(code: RpcCode, reason: string, message: string, details: RpcErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = "RpcError";
    this.code = code;
    this.reason = reason;
    this.metadata = details.metadata ?? {};
    this.fieldViolations = details.fieldViolations ?? [];
    this.retryDelayMs = details.retryDelayMs;
    this.localized = details.localized ?? {};
    this.preconditions = details.preconditions ?? [];
  }

  /** As console and logs show it: without its cause, which may repeat what was read. */
  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return `${this.stack} ${JSON.stringify({ code: this.code, reason: this.reason })}`;
  }
}

/** A field of the request is wrong: INVALID_ARGUMENT with BadRequest. */
export function invalidField(field: string, description: string): RpcError {
  return new RpcError("INVALID_ARGUMENT", "INVALID_FIELD", `${field}: ${description}`, {
    metadata: { field },
    fieldViolations: [{ field, description }],
  });
}

/** There is no such resource. */
export function notFound(reason: string, name: string): RpcError {
  const message = `There is no ${name}.`;
  return new RpcError("NOT_FOUND", reason, message, { metadata: { name } });
}

/** The caller may not do this, whether or not what it names exists. */
export function permissionDenied(
  reason: string,
  message: string,
  details?: RpcErrorDetails,
): RpcError {
  return new RpcError("PERMISSION_DENIED", reason, message, details);
}

/** Nobody knows who calls. */
export function unauthenticated(message: string): RpcError {
  return new RpcError("UNAUTHENTICATED", "CREDENTIALS_INVALID", message);
}

/** Something has to be put right first. */
export function failedPrecondition(
  reason: string,
  message: string,
  details?: RpcErrorDetails,
): RpcError {
  return new RpcError("FAILED_PRECONDITION", reason, message, details);
}

/** A quota or a rate is used up for now. */
export function resourceExhausted(
  reason: string,
  message: string,
  retryDelayMs: number,
  metadata: Readonly<Record<string, string>> = {},
): RpcError {
  return new RpcError("RESOURCE_EXHAUSTED", reason, message, { retryDelayMs, metadata });
}

/** Not possible at present. */
export function unavailable(reason: string, message: string, retryDelayMs: number): RpcError {
  return new RpcError("UNAVAILABLE", reason, message, { retryDelayMs });
}
