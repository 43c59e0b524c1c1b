/**
 * Mapveil as a library: sanitise lidar frames into sealed artefacts, open them with the recipient's
 * key, and talk to a sidecar or a receiver.
 */

export {
  type AcceptedView,
  type ReceiptView,
  ReceiverClient,
  type ReceiverClientOptions,
  type RefusedView,
  SensorClient,
  type SensorClientOptions,
  type SensorStream,
  type SensorStreamOptions,
  SidecarClient,
  type SocketOptions,
} from "./client/index.ts";

export { type ErrorCode, type ErrorDetails, EXIT_CODES, MapveilError } from "./core/errors.ts";
export type {
  FieldType,
  Frame,
  MetadataField,
  MetadataName,
  PointField,
  PointLayout,
  Pose,
} from "./core/frame.ts";
export { RING_SCALE } from "./core/frame.ts";
export type { FrameReport } from "./core/frame-report.ts";
export type { CoreBuild } from "./core/load-module.ts";
export type { Tile } from "./core/tile.ts";
export {
  type Cloud,
  type FormatName,
  type FrameSource,
  type MetadataReads,
  type OpenOptions,
  openFrames,
  openPlan,
  type Plan,
  type PlanOptions,
  type PlanTile,
  roomType,
  type WritePlanOptions,
  writeCloud,
  writePlan,
} from "./formats/index.ts";
export {
  formatKey,
  generateRecipientKey,
  keyIdText,
  parseKey,
  type RandomBytes,
  type RecipientKeyPair,
  readPublicKey,
  readSecretKey,
  recipientKeyId,
  writeKeyPair,
} from "./keys/index.ts";
export { openPlanTile } from "./plan/index.ts";
export {
  defaultPolicy,
  explainPolicy,
  loadPolicy,
  type Policy,
  parsePolicy,
  policySchemaJson,
} from "./policy/index.ts";
export { RpcError } from "./rpc/index.ts";
export { parseHeader, type VeilHeader } from "./veil/header.ts";
export {
  MapMaker,
  type MapMakerOptions,
  type MapReleaseReport,
  type MapRules,
  type MapScanReport,
} from "./veil/map-maker.ts";
export { openVeil, openVeilFile } from "./veil/open.ts";
export {
  type PlanParts,
  PlanSealer,
  type PlanSealerOptions,
  type SealedCells,
  type SealedPlan,
} from "./veil/plan-sealer.ts";
export {
  type Artefact,
  Sanitizer,
  type SanitizerOptions,
  type SealedFrameReport,
} from "./veil/sanitizer.ts";
