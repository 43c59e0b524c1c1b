/** The way from the spool to the receiver. */

export { spoolSeries } from "./spool-series.ts";
export type { IngestLink, SendOptions, UplinkState } from "./types.ts";
export { Uplink } from "./uplink.ts";
export { deletionHashOf, UploadNames, type UploadScope } from "./upload-names.ts";
