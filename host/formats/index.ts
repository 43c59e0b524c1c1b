/** Readers and writers of the field's file formats: the one door to this folder. */
export {
  type AtomicFile,
  type AtomicFileOptions,
  createAtomicFile,
  writeFileAtomic,
} from "./atomic-file.ts";
export type { Cloud } from "./cloud.ts";
export type { FormatName, FrameSource, OpenOptions } from "./frame-source.ts";
export type { MetadataReads } from "./metadata-list.ts";
export { openFrames } from "./open-frames.ts";
export { looksLikePlan, openPlan } from "./open-plan.ts";
export {
  LAYER_FREE,
  LAYER_NONE,
  LAYER_OCCUPIED,
  LAYER_ROOMS,
  PLAN_FREE,
  PLAN_OCCUPIED,
  PLAN_UNKNOWN,
  type Plan,
  type PlanOptions,
  type PlanTile,
  type Point2,
  ROOM_TYPES,
  type Room,
  type RoomType,
} from "./plan.ts";
export { LAYER_COLOURS } from "./plan-png.ts";
export { COLUMN_BYTES } from "./point-columns.ts";
export { readPoses } from "./poses-file.ts";
export { roomType } from "./room-types.ts";
export { planarPose } from "./rotation.ts";
export { removeTemporaryFiles } from "./temporary-files.ts";
export { readValue } from "./value-span.ts";
export { writeCloud } from "./write-cloud.ts";
export { PLAN_ENDINGS, type WritePlanOptions, writePlan } from "./write-plan.ts";
