/** What the ledger's entries amount to: which permissions hold, and since when. */
import type { Clock } from "../core/clock.ts";
import { LEVELS, type Level } from "../policy/fields.ts";
import { findPermission } from "./catalogue.ts";
import type { GrantEntry, LedgerEntry } from "./ledger-entry.ts";
import { parseTime } from "./texts.ts";
import type { DataClass, PermissionId, Purpose } from "./vocabulary.ts";

/** How a permission stands. */
export type Standing =
  | { readonly kind: "on"; readonly level: Level | undefined }
  /** Granted, but for uploads to another key, or for another purpose, than the configured one. */
  | { readonly kind: "off" | "expired" | "elsewhere" | "otherwise" };

interface LiveGrant {
  readonly entry: GrantEntry;
  readonly expireMs: number | undefined;
  /** When it ends by the monotonic clock of this run. */
  readonly deadlineMs: number;
}

/** Whether artefacts made under the old grant must not leave under the new one. */
function narrows(from: GrantEntry, to: GrantEntry): boolean {
  const isLower = LEVELS.indexOf(to.level ?? "full") < LEVELS.indexOf(from.level ?? "full");
  return isLower || to.recipient !== from.recipient || to.purpose !== from.purpose;
}

export class PermissionState {
  readonly #clock: Clock;
  readonly #recipient: string;
  readonly #purpose: Purpose | undefined;
  readonly #grants = new Map<PermissionId, LiveGrant>();
  readonly #last = new Map<PermissionId, LedgerEntry>();
  readonly #requests = new Map<string, LedgerEntry>();
  readonly #floors = new Map<DataClass, { epoch: bigint; raisedMs: number }>();
  #epoch = 0n;
  #latestMs = 0;

  constructor(clock: Clock, recipient: string, purpose: Purpose | undefined) {
    this.#clock = clock;
    this.#recipient = recipient;
    this.#purpose = purpose;
  }

  /** Number of the last entry. */
  get epoch(): bigint {
    return this.#epoch;
  }

  /** Milliseconds since the Unix epoch: the latest time that the ledger or the clock has seen. */
  get latestMs(): number {
    return Math.max(this.#latestMs, this.#clock.wallMs());
  }

  /** Takes over the next entry. */
  apply(entry: LedgerEntry): void {
    this.#epoch = BigInt(entry.epoch);
    this.#latestMs = Math.max(this.#latestMs, parseTime(entry.time)!);
    this.#last.set(entry.permission, entry);
    if (entry.request_id !== undefined) this.#requests.set(entry.request_id, entry);
    const before = this.#grants.get(entry.permission);
    const ends = entry.action === "withdraw" || (before && narrows(before.entry, entry));
    if (ends) this.#raiseFloor(entry);
    if (entry.action === "withdraw") {
      this.#grants.delete(entry.permission);
    } else {
      this.#grants.set(entry.permission, this.#liveGrant(entry));
    }
  }

  /** The grant that was neither withdrawn nor replaced, expired or not. */
  grantOf(id: PermissionId): GrantEntry | undefined {
    return this.#grants.get(id)?.entry;
  }

  /** The last entry on a permission. */
  lastOf(id: PermissionId): LedgerEntry | undefined {
    return this.#last.get(id);
  }

  /** The entry that a request led to. */
  requestOf(requestId: string): LedgerEntry | undefined {
    return this.#requests.get(requestId);
  }

  /** Artefacts of the class made under an epoch below this must not leave. */
  floorOf(dataClass: DataClass): bigint {
    return this.#floors.get(dataClass)?.epoch ?? 0n;
  }

  /** When that floor was raised last, milliseconds since the Unix epoch; 0 if never. */
  floorRaisedMs(dataClass: DataClass): number {
    return this.#floors.get(dataClass)?.raisedMs ?? 0;
  }

  /**
   * How a permission stands now. A grant for a limited time is over as soon as the wall clock, the
   * latest entry of the ledger or this run's stopwatch is at its end: a clock that is set back
   * brings nothing back that one of the other two knows to be over.
   */
  standingOf(id: PermissionId): Standing {
    const grant = this.#grants.get(id);
    if (grant === undefined) return { kind: "off" };
    if (this.#isOver(grant)) return { kind: "expired" };
    const { recipient, purpose, level } = grant.entry;
    if (recipient !== undefined && recipient !== this.#recipient) return { kind: "elsewhere" };
    const { platform, use } = findPermission(id);
    const isUpload = platform === "robot" && use === "upload";
    if (isUpload && purpose !== (this.#purpose ?? purpose)) return { kind: "otherwise" };
    return { kind: "on", level };
  }

  #isOver({ expireMs, deadlineMs }: LiveGrant): boolean {
    if (expireMs === undefined) return false;
    return this.latestMs >= expireMs || this.#clock.monotonicMs() >= deadlineMs;
  }

  #liveGrant(entry: GrantEntry): LiveGrant {
    const expireMs = entry.expire_time === undefined ? undefined : parseTime(entry.expire_time);
    const leftMs = (expireMs ?? Number.POSITIVE_INFINITY) - this.#clock.wallMs();
    return { entry, expireMs, deadlineMs: this.#clock.monotonicMs() + leftMs };
  }

  /** Frames are the robot's alone. */
  #raiseFloor(entry: LedgerEntry): void {
    const { platform, dataClass } = findPermission(entry.permission);
    if (platform !== "robot") return;
    this.#floors.set(dataClass, { epoch: BigInt(entry.epoch), raisedMs: parseTime(entry.time)! });
  }
}
