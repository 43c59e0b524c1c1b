/** Names of metadata fields and their numbers in the core. */
import {
  META_CALIBRATION,
  META_COMMENT,
  META_FILE_NAME,
  META_FIRMWARE,
  META_FRAME_ID,
  META_GEO_POSITION,
  META_HOST_NAME,
  META_IP_ADDRESS,
  META_LABEL,
  META_LINKAGE,
  META_MAC_ADDRESS,
  META_MAP_ORIGIN,
  META_PART_NUMBER,
  META_POINT_FIELD,
  META_RAW_TEXT,
  META_SENSOR_MODEL,
  META_SERIAL_NUMBER,
  META_SESSION_ID,
  META_SOFTWARE,
  META_TIME,
  META_TOPIC,
  META_WALL_CLOCK,
} from "../../assembly/abi.ts";
import type { MetadataName } from "./frame.ts";

export const METADATA_IDS: Readonly<Record<MetadataName, number>> = {
  frame_id: META_FRAME_ID,
  topic: META_TOPIC,
  sensor_model: META_SENSOR_MODEL,
  label: META_LABEL,
  serial_number: META_SERIAL_NUMBER,
  part_number: META_PART_NUMBER,
  firmware: META_FIRMWARE,
  host_name: META_HOST_NAME,
  ip_address: META_IP_ADDRESS,
  mac_address: META_MAC_ADDRESS,
  wall_clock: META_WALL_CLOCK,
  map_origin: META_MAP_ORIGIN,
  calibration: META_CALIBRATION,
  geo_position: META_GEO_POSITION,
  session_id: META_SESSION_ID,
  software: META_SOFTWARE,
  comment: META_COMMENT,
  file_name: META_FILE_NAME,
  raw_text: META_RAW_TEXT,
  point_field: META_POINT_FIELD,
};

/**
 * Number to name, with those that no frame brings along: the coarsened capture time, and what the host
 * says of how well a release can be linked.
 */
export const METADATA_NAMES: ReadonlyMap<number, MetadataName | "time" | "linkage"> = new Map([
  [META_TIME, "time"] as const,
  [META_LINKAGE, "linkage"] as const,
  ...Object.entries(METADATA_IDS).map(([name, id]) => [id, name as MetadataName] as const),
]);
