/** What is wrong with a request about permissions, as the wire names it. */
import { PermissionError } from "../permission/index.ts";
import { failedPrecondition, RpcError } from "../rpc/index.ts";

/** The RpcError for a PermissionError; anything else as it is. */
export function toPermissionRpcError(error: unknown): unknown {
  if (!(error instanceof PermissionError)) return error;
  const { reason, message, details } = error;
  const { field } = details;
  const cause = error;
  switch (reason) {
    case "PERMISSION_UNKNOWN":
    case "FEATURE_UNKNOWN":
      return new RpcError("NOT_FOUND", reason, message, { cause });
    case "ETAG_MISMATCH":
      return new RpcError("ABORTED", reason, message, { cause });
    case "RECIPIENT_UNKNOWN":
    case "LEDGER_FULL":
    case "LEDGER_DAMAGED":
      return failedPrecondition(reason, message, { cause });
    default:
      return new RpcError("INVALID_ARGUMENT", reason, message, {
        cause,
        ...(field && { metadata: { field }, fieldViolations: [{ field, description: message }] }),
      });
  }
}
