/** Every export of the core, and nothing else. */
import { ABI_MAJOR, ABI_MINOR, CAP_FRAME, CAP_SEAL, CAP_SIMD, CAP_TILE } from "./abi.ts";
import { regionBytes, regionPtr } from "./memory.ts";

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
