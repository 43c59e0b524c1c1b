/**
 * Metadata that leaves. An allow-list: a field passes only if it is one of the passable ones and the
 * policy names it; everything else ends here, whatever it is called and whatever it holds.
 *
 * Records in and out: { id u16, bytes u16, value }. What passes is written in order of arrival, each
 * field once at most, so that its number of repeats carries nothing.
 */
import {
  E_ARG,
  E_FORMAT,
  FIELD_PASSED,
  FIELD_STRIPPED,
  FRAME_HAS_POSE,
  FRAME_HAS_STAMP,
  FRAME_STAMP_NS,
  META_COUNT,
  META_FRAME_ID,
  META_LABEL,
  META_LINKAGE,
  META_MAP_ORIGIN,
  META_NEVER,
  META_POINT_FIELD,
  META_SENSOR_MODEL,
  META_STRING_MAX,
  META_TIME,
  META_TOPIC,
  META_WALL_CLOCK,
  POLICY_FIELDS,
  POLICY_POSE,
  POLICY_TIME_NS,
  POSE_KEEP,
  STATS_FIELDS,
} from "../abi.ts";
import { FRAME_PTR, MAPS, METADATA_BYTES, METADATA_PTR, POLICY_PTR, STATS_PTR } from "../memory.ts";
import { isPlainText } from "./text.ts";
import { floorTime } from "./time.ts";

/** Bit set of the fields that a policy may name: the strings. The time has a rule of its own. */
const PASSABLE: u64 =
  (1 << META_FRAME_ID) | (1 << META_TOPIC) | (1 << META_SENSOR_MODEL) | (1 << META_LABEL);

/** E_ARG if the policy names a field that may never pass. */
export function checkFields(): i32 {
  return load<u64>(POLICY_PTR, POLICY_FIELDS) & ~PASSABLE ? E_ARG : 0;
}

/** Whether this field may pass under the policy. */
function passes(id: u32): bool {
  if (id >= <u32>META_NEVER) return false;
  // The host words it for a release; what robots offer never has this number.
  if (MAPS && id == <u32>META_LINKAGE) return true;
  return (((load<u64>(POLICY_PTR, POLICY_FIELDS) & PASSABLE) >> <u64>id) & 1) != 0;
}

function report(id: u32, fate: u32): void {
  store<u8>(STATS_PTR + STATS_FIELDS + id, <u8>fate);
}

/**
 * Writes what passes to `to`, which has room for METADATA_BYTES.
 * @param offered bytes of records in REGION_METADATA
 * @returns bytes written, or E_FORMAT if the records do not add up
 */
export function stripMetadata(offered: u32, to: u32): i32 {
  if (offered > METADATA_BYTES) return E_FORMAT;
  // A second encode of the frame reports anew; what beginFrame noted of point fields stays.
  memory.fill(STATS_PTR + STATS_FIELDS, 0, META_POINT_FIELD);
  let out = writeTime(to);
  if (load<u32>(FRAME_PTR, FRAME_HAS_POSE)) {
    const kept = load<u32>(POLICY_PTR, POLICY_POSE) == POSE_KEEP;
    report(META_MAP_ORIGIN, kept ? FIELD_PASSED : FIELD_STRIPPED);
  }
  let at: u32 = METADATA_PTR;
  const end = METADATA_PTR + offered;
  while (at < end) {
    if (end - at < 4) return E_FORMAT;
    const id = <u32>load<u16>(at);
    const bytes = <u32>load<u16>(at, 2);
    if (id >= <u32>META_COUNT || bytes > end - at - 4) return E_FORMAT;
    const repeated = load<u8>(STATS_PTR + STATS_FIELDS + id) == FIELD_PASSED;
    if (passes(id) && !repeated && bytes <= <u32>META_STRING_MAX && isPlainText(at + 4, bytes)) {
      memory.copy(out, at, bytes + 4);
      out += bytes + 4;
      report(id, FIELD_PASSED);
    } else {
      if (!repeated) report(id, FIELD_STRIPPED);
    }
    at += bytes + 4;
  }
  return out - to;
}

/** The capture time, coarsened, if the policy keeps one. */
function writeTime(to: u32): u32 {
  if (load<u32>(FRAME_PTR, FRAME_HAS_STAMP) == 0) return to;
  report(META_WALL_CLOCK, FIELD_STRIPPED);
  const granularity = load<u64>(POLICY_PTR, POLICY_TIME_NS);
  if (granularity == 0) {
    report(META_TIME, FIELD_STRIPPED);
    return to;
  }
  store<u16>(to, META_TIME);
  store<u16>(to, 8, 2);
  store<u64>(to, floorTime(load<u64>(FRAME_PTR, FRAME_STAMP_NS), granularity), 4);
  report(META_TIME, FIELD_PASSED);
  return to + 12;
}
