/** Resource names. Only what passes here may become a part of a path on the disk. */
import { refusal } from "./reasons.ts";
import type { ArtefactKey } from "./store.ts";

const RECIPIENT = /^[0-9a-f]{16}$/;
const ARTEFACT = /^[a-z0-9-]{4,63}$/;
const SOURCE = /^[0-9a-f]{32}$/;

/** Throws RECIPIENT_FORBIDDEN unless the caller may touch the recipient's artefacts. */
export type CheckRecipient = (recipient: string) => void;

/** The recipient in "recipients/{recipient}", which the caller may touch. Throws NAME_INVALID. */
export function parseParent(parent: string, check: CheckRecipient): string {
  const [collection, recipient, ...rest] = parent.split("/", 3);
  if (collection !== "recipients" || recipient === undefined || !RECIPIENT.test(recipient)) {
    throw refusal("NAME_INVALID", { field: "parent" });
  }
  check(recipient);
  if (rest.length > 0) throw refusal("NAME_INVALID", { field: "parent" });
  return recipient;
}

/**
 * The artefact in "recipients/{recipient}/artefacts/{artefact}". Whether the caller may touch the
 * recipient is asked before the rest of the name is looked at. Throws NAME_INVALID.
 */
export function parseName(name: string, check: CheckRecipient): ArtefactKey {
  const [collection, recipient, kind, artefact, ...rest] = name.split("/", 5);
  if (collection !== "recipients" || recipient === undefined || !RECIPIENT.test(recipient)) {
    throw refusal("NAME_INVALID", { field: "name" });
  }
  check(recipient);
  if (kind !== "artefacts" || artefact === undefined || rest.length > 0) {
    throw refusal("NAME_INVALID", { field: "name" });
  }
  const key = { recipient, artefact };
  if (!isArtefactKey(key)) throw refusal("NAME_INVALID", { field: "name" });
  return key;
}

/** Whether both parts are of the form that a resource name demands. */
export function isArtefactKey({ recipient, artefact }: ArtefactKey): boolean {
  return RECIPIENT.test(recipient) && ARTEFACT.test(artefact);
}

/** Whether it is a pseudonym of a robot: 32 hexadecimal digits. */
export const isSource = (source: string): boolean => SOURCE.test(source);

/** "recipients/{recipient}/artefacts/{artefact}" */
export const nameOf = ({ recipient, artefact }: ArtefactKey): string =>
  `recipients/${recipient}/artefacts/${artefact}`;
