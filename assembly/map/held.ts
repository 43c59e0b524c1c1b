/**
 * Scans that are held back: a ring of u32, each scan with its stamp (two entries), the number of its
 * cells, and the cells as block << 16 | number in the block. What is in the ring is in no release; when a
 * scan is old enough its cells are counted as hit and it leaves the ring.
 */
import { HELD_MAX, HELD_PTR, HITS_PTR } from "../memory.ts";
import { holdNs } from "./terms.ts";

/** Entries before the cells of a scan. */
export const HEAD: u32 = 3;
const MASK: u32 = HELD_MAX - 1;
const HITS_MAX: u32 = 255;

/** Where the oldest scan begins, and entries in use. */
let first: u32 = 0;
export let heldCells: u32 = 0;
export let heldScans: u32 = 0;
/** Entries that were ever written since the ring was zeroed: the first so many. */
let high: u32 = 0;
/** Stamp of the newest scan that was counted. */
export let countedStamp: u64 = 0;
export let counted = false;

function entry(index: u32): u32 {
  return HELD_PTR + ((index & MASK) << 2);
}

function stampAt(index: u32): u64 {
  return <u64>load<u32>(entry(index)) | ((<u64>load<u32>(entry(index + 1))) << 32);
}

/** Entries that are free once the scans are counted that are old enough at `newest`. */
export function heldRoom(newest: u64): u32 {
  let room = HELD_MAX - heldCells;
  let at = first;
  for (let left = heldScans; left > 0; left--) {
    if (newest - stampAt(at) < holdNs) break;
    const entries = HEAD + load<u32>(entry(at + 2));
    room += entries;
    at += entries;
  }
  return room;
}

/** Appends the head of a scan, which has room; its cells follow by holdCell(), at the place returned. */
export function holdScan(stamp: u64, cells: u32): u32 {
  const at = first + heldCells;
  store<u32>(entry(at), <u32>stamp);
  store<u32>(entry(at + 1), <u32>(stamp >> 32));
  store<u32>(entry(at + 2), cells);
  heldCells += HEAD + cells;
  heldScans++;
  high = max<u32>(high, min<u32>(HELD_MAX, (at & MASK) + HEAD + cells));
  return at + HEAD;
}

export function holdCell(at: u32, block: u32, cell: u32): void {
  store<u32>(entry(at), (block << 16) | cell);
}

/** Counts the scans that are old enough at `newest`: each of their cells was hit once more. */
export function countHeld(newest: u64): void {
  while (heldScans > 0 && newest - stampAt(first) >= holdNs) {
    countedStamp = stampAt(first);
    counted = true;
    const cells = load<u32>(entry(first + 2));
    for (let i: u32 = 0; i < cells; i++) {
      const at = load<u32>(entry(first + HEAD + i));
      const hits = <u32>load<u8>(at, HITS_PTR);
      store<u8>(at, <u8>(hits + <u32>(hits < HITS_MAX)), HITS_PTR);
    }
    first = (first + HEAD + cells) & MASK;
    heldCells -= HEAD + cells;
    heldScans--;
  }
}

/** Zeroes the ring as far as it was ever written. */
export function forgetHeld(): void {
  memory.fill(HELD_PTR, 0, high << 2);
  first = 0;
  heldCells = 0;
  heldScans = 0;
  high = 0;
  countedStamp = 0;
  counted = false;
}
