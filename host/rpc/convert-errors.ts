/** From errors of the floors below to RpcError, and back for the command line. */
import { type ErrorCode, MapveilError } from "../core/errors.ts";
import { type RpcCode, RpcError } from "./rpc-error.ts";

/** Milliseconds after which a full disk or a part that is not ready may have recovered. */
const RETRY_DELAY_MS = 5000;

interface Conversion {
  readonly code: RpcCode;
  /** Said instead of a message that names files of this machine. */
  readonly general: string;
  readonly retryDelayMs?: number;
}

const CONVERSIONS: Readonly<Record<ErrorCode, Conversion>> = {
  INTERNAL: { code: "INTERNAL", general: "A fault of the server." },
  IO: { code: "INTERNAL", general: "The server could not read or write its disk." },
  PARTIAL: { code: "INTERNAL", general: "Only a part could be processed." },
  USAGE: { code: "INVALID_ARGUMENT", general: "The request cannot be carried out like this." },
  BAD_INPUT: { code: "INVALID_ARGUMENT", general: "The request is not what it says it is." },
  CONFIG: { code: "INVALID_ARGUMENT", general: "A setting in the request is wrong." },
  NOT_FOUND: { code: "NOT_FOUND", general: "What was asked for is not there." },
  REFUSED: { code: "PERMISSION_DENIED", general: "The owner or the policy does not allow this." },
  INTEGRITY: { code: "DATA_LOSS", general: "Data were changed, cut or mixed up." },
  TOO_LARGE: { code: "RESOURCE_EXHAUSTED", general: "The request is too large." },
  NO_SPACE: {
    code: "RESOURCE_EXHAUSTED",
    general: "The disk of the server is full.",
    retryDelayMs: RETRY_DELAY_MS,
  },
  UNAVAILABLE: {
    code: "UNAVAILABLE",
    general: "Not possible at present.",
    retryDelayMs: RETRY_DELAY_MS,
  },
  INTERRUPTED: { code: "CANCELLED", general: "Interrupted." },
};

/**
 * The error to send for anything that was thrown. What nobody foresaw becomes INTERNAL with a general
 * sentence, and is handed to `report`: its own text may hold anything, so it is never sent.
 */
export function toRpcError(error: unknown, report?: (cause: unknown) => void): RpcError {
  if (error instanceof RpcError) return error;
  if (!(error instanceof MapveilError)) {
    report?.(error);
    const { code, general } = CONVERSIONS.INTERNAL;
    return new RpcError(code, "INTERNAL", general, { cause: error });
  }
  const { code, general, retryDelayMs } = CONVERSIONS[error.code];
  if (code === "INTERNAL") report?.(error);
  const { file, field } = error.details;
  // Paths of this machine are none of the caller's business, and faults of its inside neither.
  const message = file !== undefined || code === "INTERNAL" ? general : error.message;
  return new RpcError(code, error.code, message, {
    ...(field === undefined ? {} : { metadata: { field } }),
    ...(field === undefined ? {} : { fieldViolations: [{ field, description: message }] }),
    ...(retryDelayMs === undefined ? {} : { retryDelayMs }),
    cause: error,
  });
}

/** Exit codes of the command line hang on these. */
const BACK: Readonly<Record<RpcCode, ErrorCode>> = {
  CANCELLED: "INTERRUPTED",
  UNKNOWN: "INTERNAL",
  INVALID_ARGUMENT: "USAGE",
  DEADLINE_EXCEEDED: "UNAVAILABLE",
  NOT_FOUND: "NOT_FOUND",
  ALREADY_EXISTS: "USAGE",
  PERMISSION_DENIED: "REFUSED",
  RESOURCE_EXHAUSTED: "UNAVAILABLE",
  FAILED_PRECONDITION: "REFUSED",
  ABORTED: "UNAVAILABLE",
  OUT_OF_RANGE: "USAGE",
  UNIMPLEMENTED: "USAGE",
  INTERNAL: "INTERNAL",
  UNAVAILABLE: "UNAVAILABLE",
  DATA_LOSS: "INTEGRITY",
  UNAUTHENTICATED: "REFUSED",
};

/** The error for the user of a command, in the language that the server chose. */
export function toMapveilError(error: RpcError): MapveilError {
  const { code, reason, localized, message } = error;
  const exact = code === "RESOURCE_EXHAUSTED" && (reason === "NO_SPACE" || reason === "TOO_LARGE");
  const text = localized.zh ?? localized.en ?? message;
  const field = error.fieldViolations.find((violation) => violation.field !== "")?.field;
  return new MapveilError(exact ? reason : BACK[code], text, field ? { field } : {}, error);
}
