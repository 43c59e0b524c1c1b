/** Which entries of an Ouster metadata JSON name a unit, a network or a firmware. */
import type { MetadataName } from "../core/frame.ts";
import type { Tell } from "./metadata-list.ts";

/** By key, wherever it stands: the flat layout (firmware before 3) and the nested one share them. */
const NAMES: Readonly<Record<string, MetadataName>> = {
  prod_sn: "serial_number",
  base_sn: "serial_number",
  prod_pn: "part_number",
  base_pn: "part_number",
  image_rev: "firmware",
  build_rev: "firmware",
  build_date: "firmware",
  proto_rev: "firmware",
  client_version: "software",
  hostname: "host_name",
  udp_dest: "ip_address",
  udp_ip: "ip_address",
  udp_dest_zm: "ip_address",
  initialization_id: "session_id",
  prod_line: "sensor_model",
  user_data: "raw_text",
  // Angles and transforms are measured for each unit: a fingerprint of it.
  beam_altitude_angles: "calibration",
  beam_azimuth_angles: "calibration",
  beam_to_lidar_transform: "calibration",
  lidar_to_sensor_transform: "calibration",
  imu_to_sensor_transform: "calibration",
  lidar_origin_to_beam_origin_mm: "calibration",
  timestamp: "calibration",
};

const DEPTH_MAX = 8;

/**
 * Tells the identifying entries of `text`; false if it is not the metadata of an Ouster sensor. Lists
 * are given as their name and length, for their values are many and would say no more.
 */
export function tellOusterIdentity(text: string, tell: Tell): boolean {
  if (!text.includes("beam_altitude_angles")) return false;
  try {
    tellIdentity(JSON.parse(text), tell);
    return true;
  } catch {
    return false;
  }
}

/** As tellOusterIdentity, of JSON that was parsed already. */
export function tellIdentity(json: unknown, tell: Tell): void {
  visit(json, "", 0, tell);
}

function visit(value: unknown, key: string, depth: number, tell: Tell): void {
  const name = Object.hasOwn(NAMES, key) ? NAMES[key] : undefined;
  if (name !== undefined) tell(name, textOf(key, value, name));
  else if (typeof value === "object" && value !== null && depth < DEPTH_MAX) {
    if (Array.isArray(value)) return;
    for (const [next, child] of Object.entries(value)) visit(child, next, depth + 1, tell);
  }
}

function textOf(key: string, value: unknown, name: MetadataName): string {
  if (value === null || value === undefined || value === "") return "";
  if (Array.isArray(value)) return `${key}: ${value.length} values`;
  const text = typeof value === "object" ? JSON.stringify(value) : String(value);
  return name === "calibration" ? `${key}: ${text}` : text;
}
