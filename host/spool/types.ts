/** What waits on the robot's disk, and what became of every frame. */
import type { DataClass } from "../permission/vocabulary.ts";
import type { Level } from "../policy/index.ts";

/** Why a frame was refused or dropped. The wire's names without their prefix. */
export const REFUSED_REASONS = [
  "LOCAL_USE_OFF",
  "UPLOAD_OFF",
  "LEVEL_TOO_LOW",
  "PERMISSION_EXPIRED",
  "LEDGER_DAMAGED",
  "WITHDRAWN",
  "POLICY_NOTHING",
  "POSE_MISSING",
  "BAD_FRAME",
  "TOO_LARGE",
  "OVERLOADED",
  "DISK_FULL",
  "STOPPING",
  "INTERNAL",
  "RECEIVER_REFUSED",
  "STALE_EPOCH",
  "STAMP_MISSING",
  "TIME_BACKWARDS",
  "POSE_JUMP",
  "BEAM_STUCK",
  "TOO_FAST",
  "MAP_FULL",
] as const;
export type RefusedReason = (typeof REFUSED_REASONS)[number];

/** Why an artefact had to make room. */
export const EVICTED_REASONS = ["QUOTA", "TOO_OLD", "DAMAGED"] as const;
export type EvictedReason = (typeof EVICTED_REASONS)[number];

/** Exact at every moment: captured = uploaded + spooled + all refused + all evicted + mapped. */
export interface Accounts {
  readonly captured: number;
  readonly uploaded: number;
  readonly spooled: number;
  readonly refused: Readonly<Partial<Record<RefusedReason, number>>>;
  readonly evicted: Readonly<Partial<Record<EvictedReason, number>>>;
  /**
   * Scans that went into a map. What they showed leaves in releases alone, which are captured as
   * artefacts of their own.
   */
  readonly mapped: number;
  /** Of the mapped scans: those that are in a release. */
  readonly mappedReleased: number;
  /**
   * Of the mapped scans: those whose map ended before they were in a release. It was wiped, ended
   * while they were held back, or was lost with its process. All others are in a map in memory.
   */
  readonly mappedLost: number;
}

/** What the spool knows of an artefact without reading its bytes. */
export interface SpooledArtefact {
  /** Its id at the receiver, from the robot's secret and `serial`; tells a stranger nothing. */
  readonly id: string;
  /** Counts on with every artefact; the order of age. */
  readonly serial: number;
  readonly dataClass: DataClass;
  readonly level: Level;
  /** Permission epoch it was made under. */
  readonly epoch: bigint;
  /** 16 hexadecimal digits of the key it is sealed for. */
  readonly recipient: string;
  readonly sealedBytes: number;
  /** BLAKE2b-256 of the sealed bytes. */
  readonly digest: Uint8Array;
  /** When it was spooled, milliseconds since the Unix epoch by the robot's clock. Never uploaded. */
  readonly spooledAtMs: number;
}

export interface NewArtefact {
  readonly dataClass: DataClass;
  readonly level: Level;
  readonly epoch: bigint;
  readonly recipient: string;
  readonly veil: Uint8Array;
  /** Mapped scans that are in this release and were in none before; default 0. */
  readonly releasedScans?: number;
}

export interface SpoolState {
  /** The serial of the next artefact. */
  readonly nextSerial: number;
  readonly artefacts: number;
  readonly bytes: number;
  readonly quotaBytes: number;
  /** spooledAtMs of the oldest; undefined if nothing waits. */
  readonly oldestMs: number | undefined;
  /** Whether the last write failed for want of room; cleared by the next one that succeeds. */
  readonly diskFull: boolean;
}

/** The durable queue. Every promise resolves when its change is on the disk. */
export interface Spool {
  /**
   * Adds an artefact and counts it as captured. Makes room by the order of eviction if the quota
   * asks for it. Rejects with NO_SPACE for a full disk, and with TOO_LARGE for an artefact above the quota;
   * nothing is counted then.
   */
  add(artefact: NewArtefact): Promise<SpooledArtefact>;
  /** Counts one captured frame as refused. Works on a full disk. */
  refuse(reason: RefusedReason): Promise<void>;
  /** Counts one captured scan as gone into a map. Works on a full disk. */
  countMapped(): Promise<void>;
  /** Counts mapped scans that are in no release, and whose map is gone, as lost. */
  countLost(scans: number): Promise<void>;
  /** Up to `limit` artefacts in the order of upload: by class, then by age. */
  nextToUpload(limit: number): readonly SpooledArtefact[];
  /** The sealed bytes, checked against their digest; undefined if it is gone or was damaged (then evicted). */
  read(id: string): Promise<Uint8Array | undefined>;
  /** The receiver has it: counts it as uploaded and forgets it. False if it was gone already. */
  markUploaded(id: string): Promise<boolean>;
  /** The receiver will never take it: counts it as refused and forgets it. */
  reject(id: string, reason: "RECEIVER_REFUSED" | "STALE_EPOCH"): Promise<boolean>;
  /**
   * Destroys what waits of a class and must not leave: WITHDRAWN. That is what was made under an
   * epoch below `epochFloor`, and what was made above `epoch`, that of the gate: under an entry that
   * the ledger does not have, because it was deleted or set back. It must go before the ledger gets
   * there again.
   */
  destroy(
    dataClass: DataClass,
    epochFloor: bigint,
    epoch: bigint,
  ): Promise<{ artefacts: number; bytes: number }>;
  /** Evicts what waited too long. */
  evictOld(): Promise<number>;
  accounts(): Accounts;
  state(): SpoolState;
  /** Calls back after every change of what waits; the answer ends it. */
  onChange(listener: () => void): () => void;
  close(): Promise<void>;
}
