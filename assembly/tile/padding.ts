/**
 * Size classes. The length of a sealed map tells how full a room is, so a record grows to a class
 * before it is sealed: the next power of two, or the next Padmé size (Nikitin et al., "Reducing
 * Metadata Leakage from Encrypted Files and Communication with PURBs", PoPETs 2019), which costs at
 * most 12 % and hides less.
 */
import { PAD_PADME, RECORD_BYTES_MIN } from "../abi.ts";

/** Bytes of the record that holds `bytes` bytes, 1..2^24. */
export function paddedBytes(bytes: u32, padding: u32): u32 {
  if (bytes <= <u32>RECORD_BYTES_MIN) return RECORD_BYTES_MIN;
  const exponent = 31 - clz<u32>(bytes);
  if (padding == PAD_PADME) {
    const kept = 32 - clz<u32>(exponent);
    const mask: u32 = (1 << (exponent - kept)) - 1;
    return (bytes + mask) & ~mask;
  }
  return 1 << (32 - clz<u32>(bytes - 1));
}
