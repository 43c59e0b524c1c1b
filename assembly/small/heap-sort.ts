/**
 * Sorts u64 in place and drops what stands there twice: a heap (Williams, Algorithm 232, 1964), since
 * no order of its input costs it more than 2 n log2 n comparisons and it needs no memory.
 */

/** Sorts the first `count` entries at `list`; returns how many differ, which stand first then. */
export function sortUnique(list: u32, count: u32): u32 {
  if (count == 0) return 0;
  let last = list + (count << 3) - 8;
  // First the heap is made, from its last parent up; then its top goes to the end again and again.
  for (let next = list + ((count >> 1) << 3); last > list; ) {
    let hole = list;
    let value: u64 = 0;
    if (next > list) {
      next -= 8;
      hole = next;
      value = load<u64>(hole);
    } else {
      value = load<u64>(last);
      store<u64>(last, load<u64>(list));
      last -= 8;
    }
    // The value sinks to where nothing below is above it.
    for (let child = hole; ; hole = child) {
      child = (hole << 1) - list + 8;
      if (child > last) break;
      if (child < last && load<u64>(child, 8) > load<u64>(child)) child += 8;
      const above = load<u64>(child);
      if (above <= value) break;
      store<u64>(hole, above);
    }
    store<u64>(hole, value);
  }
  return dropRepeats(list, count);
}

function dropRepeats(list: u32, count: u32): u32 {
  let to = list;
  for (let at = list; at < list + (count << 3); at += 8) {
    const value = load<u64>(at);
    to += (<u32>(value != load<u64>(to))) << 3;
    store<u64>(to, value);
  }
  return ((to - list) >> 3) + 1;
}
