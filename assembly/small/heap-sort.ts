/**
 * Sorts u64 in place and drops what stands there twice: a heap (Williams, Algorithm 232, 1964), since
 * no order of its input costs it more than 2 n log2 n comparisons and it needs no memory.
 */

/** Sorts the first `count` entries at `list`; returns how many differ, which stand first then. */
export function sortUnique(list: u32, count: u32): u32 {
  if (count < 2) return count;
  const last = list + (count << 3) - 8;
  for (let i = count >> 1; i > 0; i--) {
    const at = list + (i << 3) - 8;
    sift(list, at, last, load<u64>(at));
  }
  for (let end = last; end > list; end -= 8) {
    const value = load<u64>(end);
    store<u64>(end, load<u64>(list));
    sift(list, list, end - 8, value);
  }
  return dropRepeats(list, last);
}

/** Puts `value` into the heap that ends with `last`, at `hole` or below. */
function sift(list: u32, hole: u32, last: u32, value: u64): void {
  for (;;) {
    let child = (hole << 1) - list + 8;
    if (child > last) break;
    if (child < last && load<u64>(child, 8) > load<u64>(child)) child += 8;
    const above = load<u64>(child);
    if (above <= value) break;
    store<u64>(hole, above);
    hole = child;
  }
  store<u64>(hole, value);
}

function dropRepeats(list: u32, last: u32): u32 {
  let to = list;
  for (let at = list + 8; at <= last; at += 8) {
    const value = load<u64>(at);
    if (value == load<u64>(to)) continue;
    to += 8;
    store<u64>(to, value);
  }
  return ((to - list) >> 3) + 1;
}
