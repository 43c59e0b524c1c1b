/** Names of a client, from its verified certificate. */
import type { PeerCertificate } from "node:tls";

/**
 * One entry of the list that Node makes: a kind, and a name that is quoted as in JSON if it holds
 * anything that could be taken for the end of the entry.
 */
const ENTRY = /([A-Za-z ]+):("(?:[^"\\]|\\.)*"|[^",]*)(?:, |$)/y;

/** A URI has a scheme, a host's name has no colon: neither can pass itself off as the other. */
const FORMS: Partial<Record<string, RegExp>> = {
  URI: /^[a-z][a-z0-9+.-]*:[^\s"\\]+$/i,
  DNS: /^[a-z0-9_*-]+(\.[a-z0-9_-]+)*$/i,
};

/**
 * URI and DNS names of a client's certificate; empty without one. Quoted and otherwise odd names are
 * left out, and a list that is not fully understood counts as empty.
 */
export function certificateNames(certificate: PeerCertificate | undefined): readonly string[] {
  const list = certificate?.subjectaltname ?? "";
  const names: string[] = [];
  for (let at = 0; at < list.length; at = ENTRY.lastIndex) {
    ENTRY.lastIndex = at;
    const [, kind, name] = ENTRY.exec(list) ?? [];
    if (kind === undefined || name === undefined) return [];
    if (FORMS[kind]?.test(name)) names.push(name);
  }
  return names;
}
