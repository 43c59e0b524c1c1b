/** Every export of the core, and nothing else. */
import {
  ABI_MAJOR,
  ABI_MINOR,
  CAP_FRAME,
  CAP_OPEN,
  CAP_SEAL,
  CAP_SIMD,
  CAP_TILE,
  CAP_VALUES,
} from "./abi.ts";
import { beginFrame, finishFrame, pushPoints, readVoxels } from "./frame/frame.ts";
import { limitOf } from "./limits.ts";
import { regionBytes, regionPtr, SMALL } from "./memory.ts";
import { sealKey } from "./seal/data-key.ts";
import { takeSeed } from "./seal/seed.ts";
import { openBegin, openMessage, openTag, sealBegin, sealMessage } from "./seal/veil.ts";
import { selfTest } from "./selftest.ts";
import { beginSession } from "./strip/pose.ts";
import { decodeTile } from "./tile/decode.ts";
import { encodeTile } from "./tile/encode.ts";
import { wipeAll } from "./wipe.ts";

/**
 * Where static data ends, and memory with it: a host that makes C of the core need not give whole
 * pages, but this many bytes.
 */
// biome-ignore lint/style/useExportType: the compiler defines them
export { __data_end, __heap_base };

/** major << 16 | minor: a host refuses another major. */
export function abi_version(): u32 {
  return (ABI_MAJOR << 16) | ABI_MINOR;
}

/** What this build holds: CAP_*. */
export function capabilities(): u32 {
  const all = CAP_FRAME | CAP_TILE | CAP_SEAL | (ASC_FEATURE_SIMD ? CAP_SIMD : 0);
  return SMALL ? all : all | CAP_OPEN | CAP_VALUES;
}

/** A limit of this build (LIMIT_*); 0 for an unknown one. */
export function limit(id: i32): u32 {
  return limitOf(id);
}

/** Address of a region (REGION_*); 0 for an unknown one. Ask at run time: it may change. */
export function region_ptr(id: i32): u32 {
  return regionPtr(id);
}

/** Size of a region in bytes; 0 for an unknown one. */
export function region_bytes(id: i32): u32 {
  return regionBytes(id);
}

// --- a frame: raw points in, voxels out ----------------------------------------------------------

/**
 * Starts a session of frames that share one re-based map: REGION_FRAME holds its secret offset,
 * which is taken and zeroed. Needed before frames with a pose under POSE_SESSION. E_ARG: not finite.
 */
export function session_begin(): i32 {
  return beginSession();
}

/**
 * Starts a frame: takes over REGION_LAYOUT, REGION_POLICY and REGION_FRAME, zeroes REGION_STATS.
 * E_ARG: a number of theirs is out of its range. E_STATE: a pose, but no session.
 */
export function frame_begin(): i32 {
  return beginFrame();
}

/**
 * Takes so many points from REGION_INPUT, and returns how many stay; may be called again and again.
 * E_SIZE: more than the region or LIMIT_SLOTS. E_FULL: more than LIMIT_VOXELS voxels; ends the frame.
 */
export function frame_push(points: u32): i32 {
  return pushPoints(points);
}

/** Ends the frame and returns its number of voxels. */
export function frame_finish(): i32 {
  return finishFrame();
}

/**
 * Writes voxels [first, first + count) of the finished frame to REGION_INPUT as f32 x, y, z (metres,
 * centre or centroid as the policy says) and the number of points (0 for centres); returns count.
 * Their order is that in which the frame met them, brick by brick: the same for the same pushes, but
 * not that of the tile.
 * For what stays on the robot: nothing here is stripped or sealed. E_SIZE: no such voxels, or more
 * than the region holds.
 */
export function frame_voxels(first: u32, count: u32): i32 {
  return readVoxels(first, count);
}

// --- a tile: the compact form of what may leave --------------------------------------------------

/**
 * Encodes the finished frame to REGION_PLAIN, with what passes of the metadata records that stand in
 * the first bytes of REGION_METADATA; returns the length of the record, padding included.
 * E_FORMAT: the records do not add up. E_FULL: the tile outgrows the region.
 */
export function tile_encode(metadata_bytes: u32): i32 {
  return encodeTile(metadata_bytes);
}

/**
 * Decodes the record in REGION_PLAIN to REGION_CELLS, REGION_VALUES and REGION_METADATA; returns its
 * voxels. Ends the current frame. E_FORMAT: not a tile of this version, or damaged.
 */
export function tile_decode(record_bytes: u32): i32 {
  return decodeTile(record_bytes);
}

// --- sealing and opening a `.veil` artefact, one at a time ---------------------------------------

/**
 * Takes REGION_SEED: the stored seed, and fresh random bytes where there are any. Leaves in SEEDS_STORED
 * the seed for the next start, which the host must make durable, in place of the one it gave, before
 * the first `seal_key()`: then no key repeats, whenever the power goes. E_ARG: no stored seed.
 * E_NONCE: the stored seed is the one that was taken last.
 */
export function seed(): i32 {
  return takeSeed();
}

/**
 * Makes a data key and a stream header, seals the key for SEAL_RECIPIENT as libsodium's
 * crypto_box_seal does, and fills all of REGION_SEAL but policy digest and epoch; right before
 * `seal_begin()`, which wipes the region, as the end of an artefact does. E_STATE: no seed was taken
 * since the start or the last wipe. E_ARG: no recipient, or one whose artefacts anybody could open.
 */
export function seal_key(): i32 {
  return sealKey();
}

/**
 * Starts an artefact of KIND_* from the key material in REGION_SEAL, which is wiped whatever comes
 * of it; writes REGION_HEADER and returns its length. E_ARG: unknown kind, or the data key or the
 * stream header is all zeros, as if none was written. E_NONCE: this data key sealed the artefact
 * before.
 */
export function seal_begin(kind: i32): i32 {
  return sealBegin(kind);
}

/**
 * Seals PLAIN[plain_offset, plain_offset + bytes), at most LIMIT_MESSAGE_BYTES, into REGION_MESSAGE and
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

/**
 * Zeroes all that the core was told: keys, seeds, points, maps, poses, policies. Ends all under way.
 * For shutdown and withdrawal: `frame_begin()` and `seal_begin()` start afresh by themselves, and
 * `seal_key()` needs another seed after it, which is the next stored one.
 */
export function wipe(): i32 {
  wipeAll();
  return 0;
}

/**
 * Known answers of the seal, and a frame to a tile and back; 0, or E_SELFTEST. Ends everything under
 * way, and wipes everything.
 */
export function selftest(): i32 {
  return selfTest();
}
