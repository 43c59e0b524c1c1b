/** Every reason for which the receiver refuses a call: the closed list, with codes and sentences. */
import { type RpcCode, RpcError } from "../rpc/index.ts";

interface Meaning {
  readonly code: RpcCode;
  /** What is wrong and what to do, as whole sentences. */
  readonly message: string;
  /** Milliseconds after which trying again may help. */
  readonly retryDelayMs?: number;
}

const MEANINGS = {
  // Who calls, and what they may do.
  CLIENT_UNKNOWN: {
    code: "UNAUTHENTICATED",
    message: "No client of this receiver has a name of this certificate; register it first.",
  },
  ROLE_MISSING: {
    code: "PERMISSION_DENIED",
    message: "The client lacks the role that this method needs.",
  },
  RECIPIENT_FORBIDDEN: {
    code: "PERMISSION_DENIED",
    message: "The client may not touch this recipient's artefacts (or it might not exist).",
  },
  RECEIVER_STOPPING: {
    code: "UNAVAILABLE",
    message: "The receiver is stopping; call again.",
    retryDelayMs: 1_000,
  },
  // What a request says.
  NAME_INVALID: {
    code: "INVALID_ARGUMENT",
    message:
      "The resource name must be recipients/{16 hexadecimal digits}, for an artefact with /artefacts/{4 to 63 of a-z, 0-9 and -}.",
  },
  FIELD_INVALID: { code: "INVALID_ARGUMENT", message: "A field of the request is wrong." },
  TOKEN_INVALID: {
    code: "INVALID_ARGUMENT",
    message: "The token is not one that this receiver gave for this recipient; begin without.",
  },
  REQUEST_MISSING: {
    code: "INVALID_ARGUMENT",
    message: "The stream ended before its first message, which names the artefact.",
  },
  // Writing.
  OFFSET_MISMATCH: {
    code: "OUT_OF_RANGE",
    message: "The write offset is not where the write is; go on from committed_size.",
  },
  HEADER_MISMATCH: {
    code: "INVALID_ARGUMENT",
    message:
      "The bytes do not begin with the header of a .veil artefact for this recipient; nothing of them was kept.",
  },
  DIGEST_MISMATCH: {
    code: "DATA_LOSS",
    message: "Size or digest do not fit what was received, which is discarded; write it again.",
  },
  STALE_EPOCH: {
    code: "FAILED_PRECONDITION",
    message:
      "The artefact was made before the withdrawal that is known for this source and class; destroy it.",
  },
  ARTEFACT_TOO_LARGE: {
    code: "FAILED_PRECONDITION",
    message: "The artefact is larger than this receiver takes; split it before sealing.",
  },
  ALREADY_STORED_DIFFERENT: {
    code: "ALREADY_EXISTS",
    message: "An artefact of this name with another size or digest is stored; take another name.",
  },
  ARTEFACT_DELETED: {
    code: "FAILED_PRECONDITION",
    message: "The artefact was stored and then deleted; it can never be written again.",
  },
  WRITE_SUPERSEDED: {
    code: "ABORTED",
    message:
      "Another call went on with this write; ask for its committed size before trying again.",
  },
  WRITE_CANCELLED: {
    code: "ABORTED",
    message: "The write was discarded by CancelWrite; write it again from the first byte on.",
  },
  WRITE_STALLED: {
    code: "DEADLINE_EXCEEDED",
    message: "No message came for too long; what was received is kept, go on from its end.",
  },
  QUOTA_EXCEEDED: {
    code: "RESOURCE_EXHAUSTED",
    message: "The recipient's share of the disk is used up until artefacts are deleted.",
    retryDelayMs: 60_000,
  },
  TOO_MANY_WRITES: {
    code: "RESOURCE_EXHAUSTED",
    message: "The client has as many unfinished writes as it may have; finish or cancel one first.",
    retryDelayMs: 5_000,
  },
  DISK_FULL: {
    code: "RESOURCE_EXHAUSTED",
    message: "The receiver's disk is full; what was received is kept.",
    retryDelayMs: 30_000,
  },
  DISK_FAULT: {
    code: "UNAVAILABLE",
    message: "The receiver's disk reported an error; try again later.",
    retryDelayMs: 30_000,
  },
  // Reading and deleting.
  WRITE_NOT_FOUND: { code: "NOT_FOUND", message: "Nothing was received of this artefact." },
  ARTEFACT_NOT_FOUND: { code: "NOT_FOUND", message: "There is no such artefact." },
  ARTEFACT_DAMAGED: {
    code: "DATA_LOSS",
    message:
      "The artefact's bytes on the receiver's disk are gone or cut; they cannot be restored.",
  },
  DELETION_KEY_WRONG: {
    code: "PERMISSION_DENIED",
    message: "The key is not the one whose hash came with the upload; only its robot has it.",
  },
  READ_BEYOND_END: { code: "OUT_OF_RANGE", message: "The read offset is beyond the end." },
  ETAG_MISMATCH: {
    code: "ABORTED",
    message: "The artefact is not the one with this etag; get it again before deleting it.",
  },
} as const satisfies Record<string, Meaning>;

export type Reason = keyof typeof MEANINGS;

export const REASONS = Object.keys(MEANINGS) as readonly Reason[];

/** What varies of a refusal. */
export interface RefusalDetails {
  readonly metadata?: Readonly<Record<string, string>>;
  /** The field of the request that is wrong, with FIELD_INVALID and NAME_INVALID. */
  readonly field?: string;
  /** Instead of the reason's own sentences, which say the same more precisely. */
  readonly message?: string;
  readonly cause?: unknown;
}

/** The error with which a call is refused, ready to be thrown. */
export function refusal(reason: Reason, details: RefusalDetails = {}): RpcError {
  const { code, message: usual, retryDelayMs }: Meaning = MEANINGS[reason];
  const { metadata, field, cause } = details;
  const message = details.message ?? usual;
  return new RpcError(code, reason, message, {
    ...(metadata && { metadata }),
    ...(field !== undefined && { fieldViolations: [{ field, description: message }] }),
    ...(retryDelayMs !== undefined && { retryDelayMs }),
    ...(cause !== undefined && { cause }),
  });
}

/** An error of the file system or of the index as a refusal; refusals come back unchanged. */
export function diskRefusal(cause: unknown): RpcError {
  if (cause instanceof RpcError) return cause;
  // LMDB gives the number of the error, the file system its name.
  const code = (cause as { code?: unknown } | undefined)?.code;
  const full = code === "ENOSPC" || code === "EDQUOT" || code === 28 || code === 122;
  return refusal(full ? "DISK_FULL" : "DISK_FAULT", { cause });
}
