/**
 * Size classes. The length of a sealed map tells how full a room is, so a record grows to a class
 * before it is sealed: the next power of two, the next Padmé size (Nikitin et al., "Reducing
 * Metadata Leakage from Encrypted Files and Communication with PURBs", PoPETs 2019), which costs at
 * most 12 % and hides less, or a first class that the host names and its doubles.
 */
import { PAD_FIRST_CLASS, PAD_PADME, RECORD_BYTES_MIN } from "../abi.ts";
import { PLAIN_BYTES, SMALL } from "../memory.ts";

/** Whether POLICY.padding holds such a number. */
export function isPadding(padding: u32): bool {
  if (padding <= <u32>PAD_PADME) return true;
  return !SMALL && padding >= <u32>PAD_FIRST_CLASS && padding <= PLAIN_BYTES;
}

/** Bytes of the record that holds `bytes` bytes, 1..2^24. */
export function paddedBytes(bytes: u32, padding: u32): u32 {
  if (!SMALL && padding >= <u32>PAD_FIRST_CLASS) return doubled(bytes, padding);
  if (bytes <= <u32>RECORD_BYTES_MIN) return RECORD_BYTES_MIN;
  const exponent = 31 - clz<u32>(bytes);
  if (padding == PAD_PADME) {
    const kept = 32 - clz<u32>(exponent);
    const mask: u32 = (1 << (exponent - kept)) - 1;
    return (bytes + mask) & ~mask;
  }
  return 1 << (32 - clz<u32>(bytes - 1));
}

function doubled(bytes: u32, first: u32): u32 {
  let size = first;
  while (size < bytes) size <<= 1;
  // What fits into PLAIN is encoded, though the next class would not.
  return max<u32>(bytes, min<u32>(size, PLAIN_BYTES));
}
