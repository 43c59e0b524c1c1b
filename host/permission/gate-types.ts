/** What the gate says, and to whom it says that something changed. */
import type { Level } from "../policy/index.ts";
import type { DataClass, Localised, PermissionId } from "./vocabulary.ts";

/** Why the owner's permissions do not let something pass; a subset of the wire's reasons. */
export type RefusalReason =
  | "LOCAL_USE_OFF"
  | "UPLOAD_OFF"
  | "LEVEL_TOO_LOW"
  | "PERMISSION_EXPIRED"
  | "LEDGER_DAMAGED";

/** A refusal as people are told it; every text stands in every language. */
export interface Refusal {
  readonly reason: RefusalReason;
  /** The permission that is missing. */
  readonly permission: PermissionId;
  /** One sentence: what is refused, and why. */
  readonly message: Localised;
  /** The feature that stops. */
  readonly feature: Localised;
  readonly consequence: Localised;
  /** What goes on working. */
  readonly unaffected: Localised;
  /** The command that grants what is missing. */
  readonly restoreCommand: string;
}

/** What may leave of a class right now. */
export type UploadDecision =
  | { readonly allowed: true; readonly epoch: bigint; readonly level: Level }
  | { readonly allowed: false; readonly epoch: bigint; readonly refusal: Refusal };

/** The owner's will, asked before every frame and every piece that is sent. */
export interface Gate {
  /** Permission epoch: counts on with every entry of the ledger. */
  readonly epoch: bigint;
  /**
   * Whether frames of the class may be uploaded from this robot now. `wanted` is the level that the
   * policy makes; the answer's level is the lower of it and the granted one. At map and plan no
   * frame leaves by itself: it goes into a map, of which releases may leave.
   */
  decideUpload(dataClass: DataClass, wanted: Level): UploadDecision;
  /** Artefacts of the class made under an epoch below this must not leave. 0 if never withdrawn. */
  epochFloor(dataClass: DataClass): bigint;
  /** When that floor was raised last, milliseconds since the Unix epoch; 0 if never. */
  floorRaisedMs(dataClass: DataClass): number;
}
