/** The gate: the owner's will for every frame, out of the ledger's state. */
import { LEVELS } from "../policy/fields.ts";
import type { Level } from "../policy/index.ts";
import { CATALOGUE, type CataloguedPermission } from "./catalogue.ts";
import type { Gate, Refusal, UploadDecision } from "./gate-types.ts";
import { refuseConfined, refuseDamaged, refuseLevel, refuseStanding } from "./refusals.ts";
import type { Standing } from "./state.ts";
import type { DataClass, PermissionId, Purpose } from "./vocabulary.ts";

/** What the gate asks. */
export interface GateState {
  readonly epoch: bigint;
  readonly isDamaged: boolean;
  /** What uploads are for; undefined if grants for any purpose hold. */
  readonly purpose: Purpose | undefined;
  standingOf(id: PermissionId): Standing;
  floorOf(dataClass: DataClass): bigint;
  floorRaisedMs(dataClass: DataClass): number;
}

const lower = (a: Level, b: Level): Level => (LEVELS.indexOf(a) < LEVELS.indexOf(b) ? a : b);

/** A gate over `state`, which it asks anew for every decision. */
export function openGate(state: GateState): Gate {
  const refusalOf = (permission: CataloguedPermission, wanted: Level): Refusal | undefined => {
    const { kind } = state.standingOf(permission.id);
    // What is refused is the upload; only what stops with it is named, not all that the use is for.
    const upload = CATALOGUE.get(`robot-${permission.dataClass}-upload`) ?? permission;
    const features = [...upload.blocked, ...upload.degraded];
    const would = { level: wanted, purpose: state.purpose };
    return kind === "on" ? undefined : refuseStanding(permission, kind, features, would);
  };

  const decide = (dataClass: DataClass, wanted: Level): Refusal | Level => {
    const upload = CATALOGUE.get(`robot-${dataClass}-upload`);
    if (upload === undefined) return refuseConfined(dataClass);
    if (state.isDamaged) return refuseDamaged(upload.id, upload.blocked);
    const local = CATALOGUE.get(`robot-${dataClass}-local`);
    const refused = (local && refusalOf(local, wanted)) ?? refusalOf(upload, wanted);
    if (refused !== undefined) return refused;
    const standing = state.standingOf(upload.id);
    const granted = standing.kind === "on" ? (standing.level ?? wanted) : "nothing";
    const level = lower(wanted, granted);
    const would = { level: wanted, purpose: state.purpose };
    return level === "nothing" ? refuseLevel(upload, would, granted) : level;
  };

  return {
    get epoch() {
      return state.epoch;
    },
    decideUpload(dataClass, wanted): UploadDecision {
      const decided = decide(dataClass, wanted);
      const { epoch } = state;
      return typeof decided === "string"
        ? { allowed: true, epoch, level: decided }
        : { allowed: false, epoch, refusal: decided };
    },
    epochFloor: (dataClass) => state.floorOf(dataClass),
    floorRaisedMs: (dataClass) => state.floorRaisedMs(dataClass),
  };
}
