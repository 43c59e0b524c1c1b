/** What hosts may ask of the limits of this build. */
import {
  LIMIT_AREAS,
  LIMIT_BOXES,
  LIMIT_MESSAGE_BYTES,
  LIMIT_SLOTS,
  LIMIT_VERTICES,
  LIMIT_VOXELS,
} from "./abi.ts";
import {
  AREA_COUNT_MAX,
  BOX_COUNT_MAX,
  MAX_POINTS,
  MAX_SLOTS,
  MESSAGE_BYTES,
  VERTEX_COUNT_MAX,
} from "./profile.ts";

/** The limit LIMIT_*, or 0 for an unknown id. */
export function limitOf(id: i32): u32 {
  switch (id) {
    case LIMIT_VOXELS:
      return MAX_POINTS;
    case LIMIT_SLOTS:
      return MAX_SLOTS;
    case LIMIT_BOXES:
      return BOX_COUNT_MAX;
    case LIMIT_AREAS:
      return AREA_COUNT_MAX;
    case LIMIT_VERTICES:
      return VERTEX_COUNT_MAX;
    case LIMIT_MESSAGE_BYTES:
      return MESSAGE_BYTES;
    default:
      return 0;
  }
}
