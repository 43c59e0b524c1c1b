/** Names of the wire contract. */
import { DataClass as WireClass } from "../gen/mapveil/v1/types_pb.ts";
import type { DataClass } from "../permission/vocabulary.ts";
import type { SpooledArtefact } from "../spool/types.ts";

/** recipients/{recipient} */
export function recipientName(recipient: string): string {
  return `recipients/${recipient}`;
}

/** recipients/{recipient}/artefacts/{artefact} */
export function artefactName({ recipient, id }: SpooledArtefact): string {
  return `${recipientName(recipient)}/artefacts/${id}`;
}

export function wireClass(dataClass: DataClass): WireClass {
  return WireClass[dataClass.toUpperCase() as keyof typeof WireClass];
}
