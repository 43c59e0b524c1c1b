/** From what is asked to the entry that is signed, and whether a request came before. */
import type { CataloguedPermission } from "./catalogue.ts";
import type { GrantEntry, LedgerEntry, WithdrawalEntry } from "./ledger-entry.ts";
import { PermissionError, type PermissionErrorReason } from "./permission-error.ts";
import {
  ACT_LENGTH_MAX,
  CLIENT_LENGTH_MAX,
  checkText,
  isTime,
  POLICY_VERSION_LENGTH_MAX,
  parseTime,
  REQUEST_ID,
  timeText,
} from "./texts.ts";
import type { DecidedBy, GrantRequest, WithdrawRequest } from "./types.ts";
import { PURPOSES } from "./vocabulary.ts";

/** Whom grants are for, and what time it is. */
export interface RequestContext {
  readonly permission: CataloguedPermission;
  readonly recipient: string;
  /** Hexadecimal. */
  readonly policyDigest: string | undefined;
  readonly wallMs: number;
  /** The latest time that the ledger or the clock has seen. */
  readonly latestMs: number;
}

const fail = (reason: PermissionErrorReason, message: string, field: string): never => {
  throw new PermissionError(reason, message, field);
};

/** The id in lower case. Throws TEXT_INVALID unless it is a UUID. */
export function requestIdOf(id: string | undefined): string | undefined {
  const lower = id?.toLowerCase();
  if (lower === undefined || REQUEST_ID.test(lower)) return lower;
  return fail("TEXT_INVALID", "request_id must be a UUID of 36 characters.", "request_id");
}

function decidedByOf({ role, client }: DecidedBy): DecidedBy {
  checkText(client, CLIENT_LENGTH_MAX, "client");
  return { role, client };
}

function checkLevel({ level }: GrantRequest, { permission }: RequestContext): void {
  if (!permission.hasLevel && level !== undefined) {
    const message = `${permission.id} is granted as a whole: leave the level out.`;
    fail("LEVEL_NOT_APPLICABLE", message, "level");
  }
  if (permission.hasLevel && (level === undefined || level === "nothing")) {
    const message = `${permission.id} needs a level: plan, map, frames or full. To allow nothing, withdraw it.`;
    fail("LEVEL_REQUIRED", message, "level");
  }
}

function checkGrantTexts(request: GrantRequest, context: RequestContext): void {
  if (request.affirmativeAct.trim() === "") {
    const message = "affirmative_act must say what the owner did to say yes.";
    fail("ACT_REQUIRED", message, "affirmative_act");
  }
  checkText(request.affirmativeAct, ACT_LENGTH_MAX, "affirmative_act");
  checkText(request.policyVersion, POLICY_VERSION_LENGTH_MAX, "policy_version");
  if (request.purpose !== undefined && !PURPOSES.includes(request.purpose)) {
    fail("TEXT_INVALID", `purpose must be one of ${PURPOSES.join(", ")}.`, "purpose");
  }
  if (request.recipient !== undefined && request.recipient !== context.recipient) {
    const message =
      "Uploads are sealed for the configured key only; " +
      "configure the other one first, or leave the recipient out.";
    fail("RECIPIENT_UNKNOWN", message, "recipient");
  }
}

/** When the grant ends, if it does. */
function expiryOf(request: GrantRequest, context: RequestContext): number | undefined {
  const { expireTimeMs, ttlMs } = request;
  if (expireTimeMs !== undefined && ttlMs !== undefined) {
    fail("TEXT_INVALID", "Give expire_time or ttl, not both.", "ttl");
  }
  const expireMs = ttlMs === undefined ? expireTimeMs : Math.floor(context.wallMs) + ttlMs;
  if (expireMs === undefined) return undefined;
  const field = ttlMs === undefined ? "expire_time" : "ttl";
  if (expireMs <= context.latestMs) {
    const message =
      `The grant would be over at once: it must end after ${timeText(context.latestMs)}, the ` +
      "latest time that the robot's clock and its ledger have seen.";
    fail("EXPIRY_PAST", message, field);
  }
  if (!isTime(expireMs)) {
    fail("TEXT_INVALID", "The end must be whole milliseconds before the year 10000.", field);
  }
  return expireMs;
}

/** Drops what is left out, so that it does not stand in the JSON. */
const present = <T extends object>(fields: T): T =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T;

/** The entry for a grant. Throws PermissionError for everything that is wrong with the request. */
export function grantEntry(
  request: GrantRequest,
  context: RequestContext,
): Omit<GrantEntry, "epoch"> {
  checkLevel(request, context);
  checkGrantTexts(request, context);
  const expireMs = expiryOf(request, context);
  const isUpload = context.permission.use === "upload";
  return present({
    action: "grant" as const,
    permission: context.permission.id,
    level: request.level as GrantEntry["level"],
    purpose: request.purpose ?? "provide",
    recipient: isUpload ? context.recipient : undefined,
    policy_version: request.policyVersion,
    policy_digest: context.policyDigest,
    affirmative_act: request.affirmativeAct,
    decided_by: decidedByOf(request.decidedBy),
    time: timeText(context.wallMs),
    expire_time: expireMs === undefined ? undefined : timeText(expireMs),
    request_id: requestIdOf(request.requestId),
  });
}

/** The entry for a withdrawal. Throws PermissionError for a text that cannot be kept. */
export function withdrawalEntry(
  request: WithdrawRequest,
  context: RequestContext,
): Omit<WithdrawalEntry, "epoch"> {
  // An empty act is none: withdrawing must be as easy as granting.
  const act = request.affirmativeAct?.trim() === "" ? undefined : request.affirmativeAct;
  checkText(act, ACT_LENGTH_MAX, "affirmative_act");
  return present({
    action: "withdraw" as const,
    permission: context.permission.id,
    affirmative_act: act,
    decided_by: decidedByOf(request.decidedBy),
    time: timeText(context.wallMs),
    request_id: requestIdOf(request.requestId),
  });
}

function sameGrant(request: GrantRequest, entry: GrantEntry): boolean {
  const expireMs = entry.expire_time === undefined ? undefined : parseTime(entry.expire_time);
  const asked =
    request.ttlMs === undefined ? request.expireTimeMs : parseTime(entry.time)! + request.ttlMs;
  return (
    request.level === entry.level &&
    (request.purpose ?? "provide") === entry.purpose &&
    (request.recipient === undefined || request.recipient === entry.recipient) &&
    request.affirmativeAct === entry.affirmative_act &&
    request.policyVersion === entry.policy_version &&
    asked === expireMs
  );
}

/** Throws REQUEST_ID_REUSED unless the entry is what the same request led to before. */
export function assertRepeated(
  action: "grant" | "withdraw",
  request: GrantRequest | WithdrawRequest,
  entry: LedgerEntry,
): void {
  const { role, client } = request.decidedBy;
  const isSame =
    entry.action === action &&
    entry.permission === request.permission &&
    entry.decided_by.role === role &&
    entry.decided_by.client === client &&
    (entry.action === "grant"
      ? sameGrant(request as GrantRequest, entry)
      : (request.affirmativeAct?.trim() || undefined) === entry.affirmative_act?.trim());
  if (isSame) return;
  const message = "This request_id came with another content before; use a new one.";
  fail("REQUEST_ID_REUSED", message, "request_id");
}
