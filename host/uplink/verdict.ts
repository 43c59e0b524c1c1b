/** What a failure means for the artefact and for the link. */
import { MapveilError } from "../core/errors.ts";
import { RpcError } from "../rpc/index.ts";

export type Verdict =
  /** The receiver has, or had, the artefact: it counts as uploaded. */
  | { readonly kind: "uploaded" }
  /** The receiver will never take it. */
  | { readonly kind: "refused"; readonly reason: "RECEIVER_REFUSED" | "STALE_EPOCH" }
  /** Go on at this offset, at once. */
  | { readonly kind: "resume"; readonly offset: number }
  /** What was received was not what was sent: from the first byte on. */
  | { readonly kind: "corrupted" }
  /** This artefact did not pass, others may. */
  | { readonly kind: "later"; readonly problem: string }
  /** Nothing passes at present. */
  | { readonly kind: "link"; readonly problem: string; readonly retryDelayMs: number };

/** Reasons that speak of the artefact itself and cannot change: no other one counts as a refusal. */
const FINAL_REASONS: ReadonlySet<string> = new Set([
  "HEADER_MISMATCH",
  "ARTEFACT_TOO_LARGE",
  "ALREADY_STORED_DIFFERENT",
]);

/** Codes of a link or a receiver that fails for everything. */
const LINK_CODES: ReadonlySet<string> = new Set([
  "UNAUTHENTICATED",
  "PERMISSION_DENIED",
  "UNAVAILABLE",
  "DEADLINE_EXCEEDED",
  "RESOURCE_EXHAUSTED",
  "UNIMPLEMENTED",
  "CANCELLED",
  "INTERNAL",
  "UNKNOWN",
]);

/** Name of a failure that says nothing about an artefact: the status's, or the error's code. */
export function problemOf(error: unknown): string {
  if (error instanceof RpcError || error instanceof MapveilError) return error.code;
  return "INTERNAL";
}

/**
 * Judges by the reason first, then by the code. What is neither known as final nor as a fault of
 * the link is "later": nothing is given up for a reason that this version does not know.
 */
export function verdictOf(error: unknown, sealedBytes: number): Verdict {
  if (!(error instanceof RpcError)) {
    // The robot's own disk, or a link that could not be made.
    return { kind: "link", problem: problemOf(error), retryDelayMs: 0 };
  }
  const { code, reason, metadata, retryDelayMs } = error;
  if (reason === "STALE_EPOCH") return { kind: "refused", reason: "STALE_EPOCH" };
  if (FINAL_REASONS.has(reason)) return { kind: "refused", reason: "RECEIVER_REFUSED" };
  if (reason === "ARTEFACT_DELETED") return { kind: "uploaded" };
  if (code === "DATA_LOSS") return { kind: "corrupted" };
  if (code === "OUT_OF_RANGE") {
    const text = metadata.committed_size ?? "";
    const offset = /^\d{1,15}$/.test(text) ? Number(text) : sealedBytes + 1;
    if (offset <= sealedBytes) return { kind: "resume", offset };
  }
  if (LINK_CODES.has(code)) return { kind: "link", problem: code, retryDelayMs: retryDelayMs ?? 0 };
  return { kind: "later", problem: code };
}
