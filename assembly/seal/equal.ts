/** Comparisons whose time does not depend on where, or whether, the bytes differ. */

/** True where the bytes at a and b are the same. */
export function equal(a: u32, b: u32, bytes: u32): bool {
  let difference: u32 = 0;
  for (let i: u32 = 0; i < bytes; i++) difference |= load<u8>(a + i) ^ load<u8>(b + i);
  return difference === 0;
}

/** True where every byte is zero. */
export function allZero(at: u32, bytes: u32): bool {
  let seen: u32 = 0;
  for (let i: u32 = 0; i < bytes; i++) seen |= load<u8>(at + i);
  return seen === 0;
}
