/** How a map is made, as REGION_MAP says it when the map begins; see the struct MAP of host/embed/abi.json. */
import {
  E_ARG,
  MAP_CARVE_CELLS,
  MAP_CROWD_HITS,
  MAP_CROWD_VOIDS,
  MAP_FLAT,
  MAP_GAP_CELLS,
  MAP_HITS_MIN,
  MAP_HOLD_NS,
  MAP_VOID_MIN,
  MAP_VOTE_HITS,
  MAP_WINDOW_SCANS,
} from "../abi.ts";
import { MAP_IN_PTR } from "../memory.ts";

const HOLD_NS_MAX: u64 = 3_600_000_000_000;
const WINDOW_SCANS_MAX: u32 = 8;
const CARVE_CELLS_MAX: u32 = 255;
const GAP_CELLS_MAX: u32 = 8;
const VOID_MIN_MAX: u32 = 3;
const HITS_MAX: u32 = 255;
const NEIGHBOURS_MAX: u32 = 26;

export let holdNs: u64 = 0;
export let windowScans: u32 = 0;
export let carveCells: u32 = 0;
export let gapCells: u32 = 0;
export let flat = false;
export let voidMin: u32 = 0;
export let hitsMin: u32 = 0;
export let voteHits: u32 = 0;
export let crowdHits: u32 = 0;
export let crowdVoids: u32 = 0;

/** Takes the terms over; E_ARG for a number outside its range. */
export function takeTerms(): i32 {
  holdNs = load<u64>(MAP_IN_PTR, MAP_HOLD_NS);
  windowScans = load<u32>(MAP_IN_PTR, MAP_WINDOW_SCANS);
  carveCells = load<u32>(MAP_IN_PTR, MAP_CARVE_CELLS);
  gapCells = load<u32>(MAP_IN_PTR, MAP_GAP_CELLS);
  voidMin = load<u32>(MAP_IN_PTR, MAP_VOID_MIN);
  hitsMin = load<u32>(MAP_IN_PTR, MAP_HITS_MIN);
  voteHits = load<u32>(MAP_IN_PTR, MAP_VOTE_HITS);
  crowdHits = load<u32>(MAP_IN_PTR, MAP_CROWD_HITS);
  crowdVoids = load<u32>(MAP_IN_PTR, MAP_CROWD_VOIDS);
  const plane = load<u32>(MAP_IN_PTR, MAP_FLAT);
  flat = plane == 1;
  const inRange =
    holdNs <= HOLD_NS_MAX &&
    // What is 0 where it must not be wraps.
    windowScans - 1 < WINDOW_SCANS_MAX &&
    carveCells - 1 < CARVE_CELLS_MAX &&
    gapCells <= GAP_CELLS_MAX &&
    plane <= 1 &&
    voidMin - 1 < VOID_MIN_MAX &&
    hitsMin - 1 < HITS_MAX &&
    voteHits <= HITS_MAX &&
    crowdHits <= HITS_MAX &&
    crowdVoids - 1 < NEIGHBOURS_MAX;
  return inRange ? 0 : E_ARG;
}
