/**
 * The plaintext of artefacts, opened with libsodium alone: what a recipient could read in it, whatever
 * this program's own reader makes of it. The layout: docs/format.md.
 */
import sodium from "libsodium-wrappers";
import { HEADER_BYTES, TAG_MESSAGE, TILE_BYTES, TILE_METADATA_BYTES } from "../../assembly/abi.ts";
import { MapveilError } from "../core/errors.ts";
import type { RecipientKeyPair } from "../keys/index.ts";
import { parseHeader } from "../veil/header.ts";
import type { Haystack } from "./search.ts";

await sodium.ready;

const LENGTH_BYTES = 4;
/** Where the header has the head of its stream, 24 bytes behind the sealed key. */
const STREAM_HEAD = 98;

/** The records of an artefact. Throws MapveilError INTEGRITY where libsodium refuses a message. */
export function recordsOf(veil: Uint8Array, key: RecipientKeyPair): Uint8Array[] {
  const { bytes: header, sealedKey } = parseHeader(veil);
  const dataKey = sodium.crypto_box_seal_open(sealedKey, key.publicKey, key.secretKey);
  const ad = sodium.crypto_generichash(32, header, null);
  const head = header.slice(STREAM_HEAD, STREAM_HEAD + 24);
  const state = sodium.crypto_secretstream_xchacha20poly1305_init_pull(head, dataKey);
  const view = new DataView(veil.buffer, veil.byteOffset, veil.byteLength);
  const records: Uint8Array[] = [];
  let parts: Uint8Array[] = [];
  for (let at = HEADER_BYTES; at < veil.length; ) {
    const from = at + LENGTH_BYTES;
    at = from + view.getUint32(at, true);
    const opened = sodium.crypto_secretstream_xchacha20poly1305_pull(
      state,
      veil.slice(from, at),
      ad,
    );
    if (!opened) throw new MapveilError("INTEGRITY", "libsodium refuses a message of an artefact.");
    parts.push(opened.message);
    if (opened.tag === TAG_MESSAGE) continue;
    records.push(Uint8Array.from(Buffer.concat(parts)));
    parts = [];
  }
  return records.filter(({ length }) => length > 0);
}

/**
 * Where to search in a record. Its header and metadata are searched for needles of any length. The
 * rest is entropy-coded and looks random: a given needle of 4 bytes is in one of 30,000 such
 * records by chance, so only longer ones are searched there; what the rest says is searched as cells.
 */
export function recordHaystacks(name: string, record: Uint8Array): Haystack[] {
  const view = new DataView(record.buffer, record.byteOffset);
  const clear = TILE_BYTES + view.getUint16(TILE_METADATA_BYTES, true);
  return [
    { name: `${name}: header and metadata`, bytes: record.subarray(0, clear) },
    { name: `${name}: record`, bytes: record, isCiphertext: true },
  ];
}
