/**
 * Every export of the core but those of maps (wide.ts), and nothing else. What each takes, gives and refuses is told once, in
 * host/embed/abi.json; host/embed/README.md and mapveil_abi.h show it.
 */
import {
  ABI_MAJOR,
  ABI_MINOR,
  CAP_FRAME,
  CAP_MAP,
  CAP_OPEN,
  CAP_SEAL,
  CAP_SIMD,
  CAP_TILE,
  CAP_VALUES,
} from "./abi.ts";
import { beginFrame, finishFrame, pushPoints, readVoxels } from "./frame/frame.ts";
import { limitOf } from "./limits.ts";
import { MAPS, regionBytes, regionPtr, SMALL } from "./memory.ts";
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

export function abi_version(): u32 {
  return (ABI_MAJOR << 16) | ABI_MINOR;
}

export function capabilities(): u32 {
  const all = CAP_FRAME | CAP_TILE | CAP_SEAL | (ASC_FEATURE_SIMD ? CAP_SIMD : 0);
  return SMALL ? all : all | CAP_OPEN | CAP_VALUES | (MAPS ? CAP_MAP : 0);
}

export function limit(id: i32): u32 {
  return limitOf(id);
}

export function region_ptr(id: i32): u32 {
  return regionPtr(id);
}

export function region_bytes(id: i32): u32 {
  return regionBytes(id);
}

// --- a frame: raw points in, voxels out ----------------------------------------------------------

export function session_begin(): i32 {
  return beginSession();
}

export function frame_begin(): i32 {
  return beginFrame();
}

export function frame_push(points: u32): i32 {
  return pushPoints(points);
}

export function frame_finish(): i32 {
  return finishFrame();
}

export function frame_voxels(first: u32, count: u32): i32 {
  return readVoxels(first, count);
}

// --- a tile: the compact form of what may leave --------------------------------------------------

export function tile_encode(metadata_bytes: u32): i32 {
  return encodeTile(metadata_bytes);
}

export function tile_decode(record_bytes: u32): i32 {
  return decodeTile(record_bytes);
}

// --- sealing and opening a `.veil` artefact, one at a time ---------------------------------------

export function seed(): i32 {
  return takeSeed();
}

export function seal_key(): i32 {
  return sealKey();
}

export function seal_begin(kind: i32): i32 {
  return sealBegin(kind);
}

export function seal_message(plain_offset: u32, bytes: u32, tag: u32): i32 {
  return sealMessage(plain_offset, bytes, tag);
}

export function open_begin(header_bytes: u32): i32 {
  return openBegin(header_bytes);
}

export function open_message(bytes: u32, plain_offset: u32): i32 {
  return openMessage(bytes, plain_offset);
}

export function open_tag(): i32 {
  return openTag();
}

export function wipe(): i32 {
  wipeAll();
  return 0;
}

export function selftest(): i32 {
  return selfTest();
}
