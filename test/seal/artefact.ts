/** Writes and opens whole `.veil` artefacts through the exports of a core, as a host would. */
import { HEADER_BYTES, MESSAGE_OVERHEAD, SEAL_DATA_KEY, TAG_FINAL } from "../../assembly/abi.ts";
import type { Core, Material } from "./module.ts";

export interface Artefact {
  header: Uint8Array;
  messages: Uint8Array[];
}

/** Seals `plain` in messages of `chunk` bytes, the last one FINAL. */
export function seal(
  core: Core,
  material: Material,
  kind: number,
  plain: Uint8Array,
  chunk: number,
): Artefact {
  core.putMaterial(material);
  const started = core.exports.seal_begin(kind);
  if (started !== HEADER_BYTES) throw new Error(`seal_begin: ${started}`);
  const header = core.header.slice();
  core.plain.set(plain);
  const messages: Uint8Array[] = [];
  for (let at = 0; at < plain.length; at += chunk) {
    const bytes = Math.min(chunk, plain.length - at);
    const tag = at + bytes === plain.length ? TAG_FINAL : 0;
    const sealed = core.exports.seal_message(at, bytes, tag);
    if (sealed !== bytes + MESSAGE_OVERHEAD) throw new Error(`seal_message: ${sealed}`);
    messages.push(core.message.slice(0, sealed));
  }
  return { header, messages };
}

export const toFile = ({ header, messages }: Artefact): Uint8Array =>
  Uint8Array.from(Buffer.concat([header, ...messages]));

/** Opens a file of messages of `chunk` bytes to the front of PLAIN; stops at the first refusal. */
export function open(core: Core, dataKey: Uint8Array, file: Uint8Array, chunk: number) {
  const { open_begin, open_message, open_tag } = core.exports;
  core.seal.set(dataKey, SEAL_DATA_KEY);
  const header = file.subarray(0, HEADER_BYTES);
  core.header.set(header);
  const kind = open_begin(header.length);
  let verified = 0;
  if (kind < 0) return { status: kind, verified };
  for (let at = HEADER_BYTES; at < file.length; at += chunk + MESSAGE_OVERHEAD) {
    const message = file.subarray(at, at + chunk + MESSAGE_OVERHEAD);
    core.message.set(message);
    const bytes = open_message(message.length, verified);
    if (bytes < 0) return { status: bytes, verified };
    verified += bytes;
  }
  // An artefact that just stops was cut: only FINAL says that this is all of it.
  return { status: open_tag() === TAG_FINAL ? kind : MISSING_FINAL, verified };
}

export const MISSING_FINAL = -100;
