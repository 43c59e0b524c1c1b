/**
 * The sealed artefact `.veil`: its header, and the order in which messages may follow it.
 *
 *   header (HEADER_BYTES, see HEADER_* in abi.ts), then secretstream messages, the last one FINAL.
 *
 * key commitment   = BLAKE2b-256 of the data key, keyed with "mapveil.key-commitment.v1". Poly1305
 *                    binds no key, so without it one artefact could open under two keys.
 * associated data  = BLAKE2b-256 of the whole header, for every message: a message opens under the
 *                    header that it was sealed with, or not at all.
 *
 * One artefact at a time, sealed or opened. A failure while opening closes the stream for good;
 * that the artefact ends with TAG_FINAL is for the caller to check, with open_tag().
 */
import {
  E_ARG,
  E_AUTH,
  E_FORMAT,
  E_NONCE,
  E_SIZE,
  E_STATE,
  HEADER_BYTES,
  HEADER_COMMITMENT,
  HEADER_KEY_ID,
  HEADER_KIND,
  HEADER_LENGTH,
  HEADER_MAGIC,
  HEADER_POLICY_DIGEST,
  HEADER_STREAM,
  HEADER_SUITE,
  KIND_FRAME,
  KIND_PATH,
  MESSAGE_OVERHEAD,
  SEAL_BYTES,
  SEAL_DATA_KEY,
  SEAL_KEY_ID,
  SEAL_POLICY_DIGEST,
  SEAL_STREAM_HEADER,
  SEEDS_BYTES,
  SUITE_1,
  TAG_FINAL,
  TAG_REKEY,
} from "../abi.ts";
import {
  HEADER_PTR,
  MESSAGE_PTR,
  notePlainEnd,
  PLAIN_BYTES,
  PLAIN_PTR,
  SEAL_PTR,
  SEAL_STATE_BYTES,
  SEAL_STATE_PTR,
  SEED_PTR,
} from "../memory.ts";
import { MESSAGE_BYTES } from "../profile.ts";
import { blake2b } from "./blake2b.ts";
import { allZero, equal } from "./equal.ts";
import { streamInit, streamPull, streamPush } from "./secretstream.ts";
import {
  COMPUTED_COMMITMENT,
  SCRATCH_BYTES,
  SCRATCH_PTR,
  STREAM_AD,
  STREAM_BYTES,
  STREAM_KEY,
  STREAM_PHASE,
  STREAM_TAG,
} from "./state.ts";

/** 0, which a wipe leaves: no stream, or one that ended or failed. */
const PHASE_SEALING: u32 = 1;
/** Opening, before the first message: there is no tag to tell yet. */
const PHASE_OPENING: u32 = 2;
const PHASE_OPENED: u32 = 3;
/** FINAL was opened: its tag may be asked, nothing may follow. */
const PHASE_ENDED: u32 = 4;

const MAGIC_LOW: u32 = 0x4945564d; // "MVEI"
const MAGIC_HIGH: u16 = 0x014c; // "L\x01"

const DIGEST_BYTES: u32 = 32;
const TEXT_MAX: u32 = MESSAGE_BYTES;
const OVERHEAD: u32 = MESSAGE_OVERHEAD;
const COMMITMENT_KEY = <u32>(
  memory.data<u8>([
    0x6d, 0x61, 0x70, 0x76, 0x65, 0x69, 0x6c, 0x2e, 0x6b, 0x65, 0x79, 0x2d, 0x63, 0x6f, 0x6d, 0x6d,
    0x69, 0x74, 0x6d, 0x65, 0x6e, 0x74, 0x2e, 0x76, 0x31,
  ])
);
const COMMITMENT_KEY_BYTES: u32 = 25;

/**
 * Commitment of the artefact sealed last. It stands in that artefact's header for all to see, so a
 * wipe leaves it: a key that was used stays refused.
 */
const LAST_COMMITMENT = <u32>memory.data(32, 16);

/**
 * Starts an artefact with the key material in REGION_SEAL, which is wiped whatever comes of it.
 * Writes REGION_HEADER and returns its length. E_ARG: unknown kind, or no data key or no stream
 * header was written. E_NONCE: the data key sealed the artefact before this one.
 */
export function sealBegin(kind: i32): i32 {
  const status = takeSealKey(kind);
  forgetKeyMaterial();
  if (status < 0) return refuse(status);
  store<u32>(STREAM_PHASE, PHASE_SEALING);
  return HEADER_BYTES;
}

function takeSealKey(kind: i32): i32 {
  if (kind < KIND_FRAME || kind > KIND_PATH) return E_ARG;
  if (allZero(SEAL_PTR + SEAL_DATA_KEY, 32)) return E_ARG;
  if (allZero(SEAL_PTR + SEAL_STREAM_HEADER, 24)) return E_ARG;
  commit(SEAL_PTR + SEAL_DATA_KEY);
  if (equal(COMPUTED_COMMITMENT, LAST_COMMITMENT, DIGEST_BYTES)) return E_NONCE;
  memory.copy(LAST_COMMITMENT, COMPUTED_COMMITMENT, DIGEST_BYTES);
  store<u32>(HEADER_PTR + HEADER_MAGIC, MAGIC_LOW);
  store<u16>(HEADER_PTR + HEADER_MAGIC, MAGIC_HIGH, 4);
  store<u8>(HEADER_PTR + HEADER_SUITE, <u8>SUITE_1);
  store<u8>(HEADER_PTR + HEADER_KIND, <u8>kind);
  store<u16>(HEADER_PTR + HEADER_LENGTH, <u16>HEADER_BYTES);
  // Key id and sealed key stand side by side in both, and so do policy digest and epoch.
  memory.copy(HEADER_PTR + HEADER_KEY_ID, SEAL_PTR + SEAL_KEY_ID, 8 + 80);
  memory.copy(HEADER_PTR + HEADER_STREAM, SEAL_PTR + SEAL_STREAM_HEADER, 24);
  memory.copy(HEADER_PTR + HEADER_COMMITMENT, COMPUTED_COMMITMENT, DIGEST_BYTES);
  memory.copy(HEADER_PTR + HEADER_POLICY_DIGEST, SEAL_PTR + SEAL_POLICY_DIGEST, 32 + 8);
  startStream();
  return 0;
}

/**
 * Seals PLAIN[offset, offset + bytes) into REGION_MESSAGE and returns the length of the message.
 * bytes is at most MESSAGE_BYTES; tag is TAG_MESSAGE, TAG_PUSH, or TAG_FINAL, which ends the stream.
 */
export function sealMessage(offset: u32, bytes: u32, tag: u32): i32 {
  if (load<u32>(STREAM_PHASE) !== PHASE_SEALING) return E_STATE;
  if (tag > <u32>TAG_FINAL || tag === TAG_REKEY) return E_ARG;
  if (bytes > TEXT_MAX || offset > PLAIN_BYTES - bytes) return E_SIZE;
  streamPush(MESSAGE_PTR, PLAIN_PTR + offset, bytes, STREAM_AD, DIGEST_BYTES, tag);
  forgetScratch();
  if (tag === TAG_FINAL) closeStream();
  return bytes + OVERHEAD;
}

/**
 * Starts to open the artefact whose header is in REGION_HEADER with the data key in REGION_SEAL,
 * which is wiped whatever comes of it. Returns the kind. E_FORMAT: not a header of this version.
 * E_AUTH: the header commits to another data key.
 */
export function openBegin(headerBytes: u32): i32 {
  const status = takeOpenKey(headerBytes);
  forgetKeyMaterial();
  if (status < 0) return refuse(status);
  store<u32>(STREAM_PHASE, PHASE_OPENING);
  return status;
}

function takeOpenKey(headerBytes: u32): i32 {
  const kind = <i32>load<u8>(HEADER_PTR + HEADER_KIND);
  if (headerBytes !== HEADER_BYTES) return E_FORMAT;
  if (load<u32>(HEADER_PTR + HEADER_MAGIC) !== MAGIC_LOW) return E_FORMAT;
  if (load<u16>(HEADER_PTR + HEADER_MAGIC, 4) !== MAGIC_HIGH) return E_FORMAT;
  if (load<u8>(HEADER_PTR + HEADER_SUITE) !== SUITE_1) return E_FORMAT;
  if (kind < KIND_FRAME || kind > KIND_PATH) return E_FORMAT;
  if (load<u16>(HEADER_PTR + HEADER_LENGTH) !== HEADER_BYTES) return E_FORMAT;
  commit(SEAL_PTR + SEAL_DATA_KEY);
  // A key of zeros is one that the host forgot to write, whatever the header commits to.
  const written = !allZero(SEAL_PTR + SEAL_DATA_KEY, 32);
  const committed = equal(COMPUTED_COMMITMENT, HEADER_PTR + HEADER_COMMITMENT, DIGEST_BYTES);
  if (!written || !committed) return E_AUTH;
  startStream();
  return kind;
}

/**
 * Verifies the message of so many bytes in REGION_MESSAGE, and only then decrypts it to
 * PLAIN[offset, ...). Returns the length of the plaintext. A message that is refused with E_AUTH
 * or E_FORMAT leaves PLAIN as it was and closes the stream.
 */
export function openMessage(bytes: u32, offset: u32): i32 {
  const phase = load<u32>(STREAM_PHASE);
  if (phase !== PHASE_OPENING && phase !== PHASE_OPENED) return E_STATE;
  if (bytes < OVERHEAD || bytes > TEXT_MAX + OVERHEAD) return refuse(E_FORMAT);
  const text = bytes - OVERHEAD;
  if (offset > PLAIN_BYTES - text) return E_SIZE;
  const tag = streamPull(PLAIN_PTR + offset, MESSAGE_PTR, text, STREAM_AD, DIGEST_BYTES);
  notePlainEnd(PLAIN_PTR + offset + text);
  if (tag < 0) return refuse(E_AUTH);
  forgetScratch();
  if (tag === TAG_FINAL) closeStream();
  store<u32>(STREAM_PHASE, tag === TAG_FINAL ? PHASE_ENDED : PHASE_OPENED);
  store<u32>(STREAM_TAG, tag);
  return text;
}

/** Tag of the message opened last (TAG_*): an artefact is whole only where this is TAG_FINAL. */
export function openTag(): i32 {
  const phase = load<u32>(STREAM_PHASE);
  return phase === PHASE_OPENED || phase === PHASE_ENDED ? load<u32>(STREAM_TAG) : E_STATE;
}

/** Zeroes every key, seed, subkey, nonce and accumulator of the seal, and closes the stream. */
export function sealWipe(): void {
  memory.fill(SEAL_STATE_PTR, 0, SEAL_STATE_BYTES);
  memory.fill(SEAL_PTR, 0, SEAL_BYTES);
  memory.fill(SEED_PTR, 0, SEEDS_BYTES);
}

/** Zeroes all but the seed, which serves the artefacts to come. */
function closeStream(): void {
  memory.fill(STREAM_KEY, 0, STREAM_BYTES);
  forgetKeyMaterial();
}

/** Between two calls the stream key and nonce are all that is known: no data key, no key stream. */
export function forgetKeyMaterial(): void {
  memory.fill(SEAL_PTR, 0, SEAL_BYTES);
  forgetScratch();
}

export function forgetScratch(): void {
  memory.fill(SCRATCH_PTR, 0, SCRATCH_BYTES);
}

/** Closes the stream, so that every later call but a new begin is refused with E_STATE. */
function refuse(status: i32): i32 {
  closeStream();
  return status;
}

/** COMPUTED_COMMITMENT = commitment of the data key at `key`. */
function commit(key: u32): void {
  blake2b(COMPUTED_COMMITMENT, DIGEST_BYTES, key, 32, COMMITMENT_KEY, COMMITMENT_KEY_BYTES);
}

/** From the data key in REGION_SEAL and the header in REGION_HEADER. */
function startStream(): void {
  blake2b(STREAM_AD, DIGEST_BYTES, HEADER_PTR, HEADER_BYTES, 0, 0);
  streamInit(SEAL_PTR + SEAL_DATA_KEY, HEADER_PTR + HEADER_STREAM);
}
