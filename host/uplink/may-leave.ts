/** The owner's will, asked for an artefact that waits. */
import type { Gate } from "../permission/gate-types.ts";
import type { SpooledArtefact } from "../spool/types.ts";

/**
 * Neither of an epoch before a withdrawal, nor of one above that of the gate: it was made under a
 * ledger that is gone, and nobody can tell what was withdrawn there.
 */
function isOfLedger(gate: Gate, { dataClass, epoch }: SpooledArtefact): boolean {
  return epoch >= gate.epochFloor(dataClass) && epoch <= gate.epoch;
}

/** A lower level than the artefact has is no permission for it. */
function isAllowed(gate: Gate, { dataClass, level }: SpooledArtefact): boolean {
  const decision = gate.decideUpload(dataClass, level);
  return decision.allowed && decision.level === level;
}

/** Whether the owner lets this artefact leave at this moment. */
export function mayLeave(gate: Gate, artefact: SpooledArtefact): boolean {
  return isOfLedger(gate, artefact) && isAllowed(gate, artefact);
}

/**
 * mayLeave for many artefacts within one turn of the event loop. It asks once for each class and
 * level, because tens of thousands may wait behind a gate that is closed.
 */
export function leaversNow(gate: Gate): (artefact: SpooledArtefact) => boolean {
  const answers = new Map<string, boolean>();
  return (artefact) => {
    const key = `${artefact.dataClass} ${artefact.level}`;
    const answer = answers.get(key) ?? isAllowed(gate, artefact);
    answers.set(key, answer);
    return answer && isOfLedger(gate, artefact);
  };
}
