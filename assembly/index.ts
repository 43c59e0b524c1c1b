/** Every export of the core, and nothing else. */
import { ABI_MAJOR, ABI_MINOR, CAP_FRAME, CAP_SEAL, CAP_SIMD, CAP_TILE } from "./abi.ts";
import { regionBytes, regionPtr } from "./memory.ts";
import { sealSelftest } from "./seal/selftest.ts";
import { openBegin, openMessage, openTag, sealBegin, sealMessage, sealWipe } from "./seal/veil.ts";

/** major << 16 | minor: a host refuses another major. */
export function abi_version(): u32 {
  return (ABI_MAJOR << 16) | ABI_MINOR;
}

/** What this build holds: CAP_*. */
export function capabilities(): u32 {
  return CAP_FRAME | CAP_TILE | CAP_SEAL | (ASC_FEATURE_SIMD ? CAP_SIMD : 0);
}

/** Address of a region (REGION_*); 0 for an unknown one. Ask at run time: it may change. */
export function region_ptr(id: i32): u32 {
  return regionPtr(id);
}

/** Size of a region in bytes; 0 for an unknown one. */
export function region_bytes(id: i32): u32 {
  return regionBytes(id);
}

// --- sealing and opening a `.veil` artefact, one at a time ---------------------------------------

/**
 * Starts an artefact of KIND_* from the key material in REGION_SEAL, which is wiped whatever comes
 * of it; writes REGION_HEADER and returns its length. E_ARG: unknown kind, or the data key is all
 * zeros, as if none was written. E_NONCE: this data key sealed the artefact before.
 */
export function seal_begin(kind: i32): i32 {
  return sealBegin(kind);
}

/**
 * Seals PLAIN[plain_offset, plain_offset + bytes), at most MESSAGE_BYTES, into REGION_MESSAGE and
 * returns the length of the message. tag: TAG_MESSAGE, TAG_PUSH, or TAG_FINAL, which ends the
 * artefact and wipes its keys. E_SIZE: beyond PLAIN or a message. E_ARG: another tag.
 */
export function seal_message(plain_offset: u32, bytes: u32, tag: u32): i32 {
  return sealMessage(plain_offset, bytes, tag);
}

/**
 * Starts to open the artefact whose header is in REGION_HEADER with the data key in REGION_SEAL,
 * which is wiped whatever comes of it. Returns the kind. E_FORMAT: not a header of this version.
 * E_AUTH: the header commits to another data key.
 */
export function open_begin(header_bytes: u32): i32 {
  return openBegin(header_bytes);
}

/**
 * Verifies the message of so many bytes in REGION_MESSAGE, then decrypts it to PLAIN[plain_offset]
 * and returns the length of the plaintext. E_FORMAT: no message has this length. E_AUTH: the
 * message does not belong here. Both close the artefact and leave PLAIN as it was. E_SIZE: the
 * plaintext would pass the end of PLAIN; the same message may be offered again.
 */
export function open_message(bytes: u32, plain_offset: u32): i32 {
  return openMessage(bytes, plain_offset);
}

/** Tag of the message opened last. An artefact is whole only where this is TAG_FINAL. */
export function open_tag(): i32 {
  return openTag();
}

/** Zeroes every secret of the core. */
export function wipe(): i32 {
  sealWipe();
  return 0;
}

/** Known answers and a round trip; 0, or E_SELFTEST. Ends an artefact that is under way. */
export function selftest(): i32 {
  return sealSelftest();
}
