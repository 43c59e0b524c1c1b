/** Why permissions cannot be asked or changed like this; refusals of the owner are no errors. */
import { type ErrorCode, MapveilError } from "../core/errors.ts";

/** Every reason, with the code of the error. */
const CODES = {
  PERMISSION_UNKNOWN: "NOT_FOUND",
  FEATURE_UNKNOWN: "NOT_FOUND",
  /** The permission was changed since it was seen. */
  ETAG_MISMATCH: "UNAVAILABLE",
  /** The id of a request came with another content before. */
  REQUEST_ID_REUSED: "USAGE",
  LEVEL_REQUIRED: "USAGE",
  LEVEL_NOT_APPLICABLE: "USAGE",
  ACT_REQUIRED: "USAGE",
  RECIPIENT_UNKNOWN: "USAGE",
  EXPIRY_PAST: "USAGE",
  TEXT_INVALID: "USAGE",
  /** The ledger has as many entries as it may. */
  LEDGER_FULL: "TOO_LARGE",
  LEDGER_DAMAGED: "INTEGRITY",
} as const satisfies Record<string, ErrorCode>;

export type PermissionErrorReason = keyof typeof CODES;

export class PermissionError extends MapveilError {
  readonly reason: PermissionErrorReason;

  /** `message` is a whole sentence; `field` names the argument that is wrong, in snake_case. */
  constructor(reason: PermissionErrorReason, message: string, field?: string) {
    super(CODES[reason], message, field === undefined ? {} : { field });
    this.name = "PermissionError";
    this.reason = reason;
  }
}
