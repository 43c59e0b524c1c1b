/** What the permissions are asked, and what they answer. */
import type { Clock } from "../core/clock.ts";
import type { RobotKeys } from "../keys/index.ts";
import type { Level } from "../policy/index.ts";
import type { Log } from "../telemetry/log.ts";
import type { Refusal } from "./gate-types.ts";
import type {
  DataClass,
  Decider,
  Localised,
  PermissionId,
  Platform,
  Purpose,
  Use,
} from "./vocabulary.ts";

export interface PermissionsOptions {
  /** Folder of the robot's state; the ledger lives below it. It must exist. */
  readonly stateDir: string;
  /** Signs the entries of the ledger and verifies them; still the caller's to wipe. */
  readonly keys: RobotKeys;
  /** Id of the key that uploads are sealed for, 16 hexadecimal digits. */
  readonly recipient: string;
  /** What uploads are for: a grant for another purpose does not hold. Absent: grants for any do. */
  readonly purpose?: Purpose;
  /** Digest of the policy in force now, 32 bytes; recorded with every grant. */
  readonly policyDigest?: () => Uint8Array;
  readonly clock: Clock;
  readonly log: Log;
}

/** Who decided: a role, and the name of the client that spoke for it. */
export interface DecidedBy {
  readonly role: Decider;
  readonly client: string;
}

export interface GrantRequest {
  /** Such as "robot-lidar-upload". */
  readonly permission: string;
  /** Required for uploads of lidar, house plan and path, else left out. */
  readonly level?: Level;
  /** "provide" if left out. */
  readonly purpose?: Purpose;
  /** The configured one if left out; another one is refused. */
  readonly recipient?: string;
  /** What the owner did to say yes; 1 to 500 characters. */
  readonly affirmativeAct: string;
  /** Version of the privacy policy that the owner saw; up to 64 characters. */
  readonly policyVersion?: string;
  /** When the grant ends by itself, milliseconds since the Unix epoch. Not together with `ttlMs`. */
  readonly expireTimeMs?: number;
  /** After how many milliseconds the grant ends by itself. */
  readonly ttlMs?: number;
  /** UUID; a repeated request with the same id changes nothing and gets the same answer. */
  readonly requestId?: string;
  /** If set, the permission must still have it. */
  readonly etag?: string;
  /** Whether to check only and change nothing. */
  readonly validateOnly?: boolean;
  readonly decidedBy: DecidedBy;
}

export interface WithdrawRequest {
  readonly permission: string;
  /** What the owner did to say no; up to 500 characters. */
  readonly affirmativeAct?: string;
  readonly requestId?: string;
  readonly etag?: string;
  readonly decidedBy: DecidedBy;
}

/** A permission as people see it. */
export interface PermissionView {
  readonly id: PermissionId;
  readonly platform: Platform;
  readonly dataClass: DataClass;
  readonly use: Use;
  /** Whether it holds now: granted, not withdrawn, not expired, for the configured recipient. */
  readonly granted: boolean;
  /** Level, purpose, recipient and expiry of the grant; undefined unless `granted`. */
  readonly level: Level | undefined;
  readonly purpose: Purpose | undefined;
  readonly recipient: string | undefined;
  /** When the grant ends by itself, milliseconds since the Unix epoch. */
  readonly expireTimeMs: number | undefined;
  /** When it was last granted or withdrawn, milliseconds since the Unix epoch. */
  readonly updateTimeMs: number | undefined;
  readonly etag: string;
  readonly features: readonly FeatureView[];
  readonly consequence: Localised;
  readonly unaffected: Localised;
  /** What stands in for it; undefined if nothing does. */
  readonly fallback: Localised | undefined;
}

export interface FeatureView {
  readonly id: string;
  readonly title: Localised;
  /** Whether it stops without the permission; otherwise it works in a lesser way. */
  readonly blocked: boolean;
}

/** The permission as it has become, and the epoch from which it holds. */
export interface PermissionAnswer {
  readonly permission: PermissionView;
  readonly epoch: bigint;
}

/** Whether a feature may run now. */
export type FeatureCheck =
  | {
      readonly allowed: true;
      readonly epoch: bigint;
      /** Whether a permission is off that it could use. */
      readonly degraded: boolean;
      /** What stands in for what is off; undefined if nothing is off. */
      readonly fallback: Localised | undefined;
      /** Value to use instead, where there is one, such as "+86". */
      readonly fallbackValue: string | undefined;
    }
  | { readonly allowed: false; readonly epoch: bigint; readonly refusal: Refusal };

/** An entry of the ledger with what proves it. */
export interface LedgerEvent {
  readonly epoch: bigint;
  /** JSON text, exactly as it was signed. */
  readonly entry: string;
  /** 32 bytes each. */
  readonly previousHash: Uint8Array;
  readonly hash: Uint8Array;
  /** 64 bytes. */
  readonly signature: Uint8Array;
}

/** Where a ledger stops to be what was written. */
export interface LedgerDamage {
  /** The first entry that does not verify; 0 for the ledger as a whole. */
  readonly epoch: bigint;
  /** One sentence. */
  readonly reason: string;
}
