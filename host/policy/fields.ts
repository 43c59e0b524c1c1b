/** Every name that a policy can speak of, and the number that it has in the core. */
import {
  META_FRAME_ID,
  META_LABEL,
  META_SENSOR_MODEL,
  META_TOPIC,
  PAD_PADME,
  PAD_POWER_OF_TWO,
  POINT_CENTRE,
  POINT_CENTROID,
  POSE_DROP,
  POSE_KEEP,
  POSE_SESSION,
} from "../../assembly/abi.ts";
import type { MetadataName } from "../core/frame.ts";

/** From nothing to everything; each level lets more leave than the one before it. */
export const LEVELS = ["nothing", "plan", "map", "frames", "full"] as const;
export type Level = (typeof LEVELS)[number];

/** Levels at which what leaves is gathered from many frames. */
export type GatheredLevel = "plan" | "map";

export function isGathered(level: Level): level is GatheredLevel {
  return level === "plan" || level === "map";
}

export const POINT_MODES = { centre: POINT_CENTRE, centroid: POINT_CENTROID } as const;
export const POSE_MODES = { drop: POSE_DROP, session: POSE_SESSION, keep: POSE_KEEP } as const;
/** What keeps people out of a map, with its number in the digest. */
export const PEOPLE_MODES = { remove: 0, slice: 1 } as const;
/** What of the rooms of a house plan leaves, with its number in the digest. */
export const ROOM_MODES = { none: 0, types: 1 } as const;
/** What of the robot's path leaves, with its number in the digest. */
export const PATH_MODES = { none: 0, coarse: 1 } as const;

/**
 * Size classes, with their number for single frames. What is gathered has a first class of its own under
 * `classes` (size-classes.ts).
 */
export const PADDINGS = {
  classes: PAD_POWER_OF_TWO,
  power_of_two: PAD_POWER_OF_TWO,
  padme: PAD_PADME,
} as const;

/** Attributes of a point that a policy may keep, coarsened. */
export const ATTRIBUTES = ["intensity", "ring", "time"] as const;
export type Attribute = (typeof ATTRIBUTES)[number];

/** Strings that a policy may keep, with their bit in POLICY_FIELDS. */
export const STRING_FIELDS = {
  sensor_model: META_SENSOR_MODEL,
  label: META_LABEL,
  frame_id: META_FRAME_ID,
  topic: META_TOPIC,
} as const satisfies Partial<Record<MetadataName, number>>;
export type StringName = keyof typeof STRING_FIELDS;
export const STRING_NAMES = Object.keys(STRING_FIELDS) as readonly StringName[];

/**
 * What no policy can name, in words. The type makes the list complete: a new metadata name either
 * becomes a string field above or has to be listed here.
 */
export const NEVER_LEAVES: Readonly<Record<Exclude<MetadataName, StringName>, string>> = {
  serial_number: "serial numbers",
  part_number: "part numbers",
  firmware: "firmware versions",
  host_name: "host names",
  ip_address: "IP addresses",
  mac_address: "MAC addresses",
  wall_clock: "exact wall-clock times",
  map_origin: "the origin of the map",
  calibration: "calibration data",
  geo_position: "geographic positions (GPS)",
  session_id: "session identifiers",
  software: "names and versions of software",
  comment: "comments",
  file_name: "file names",
  raw_text: "raw text and packets",
  point_field: "point fields that are not named under keep.attributes",
};

/** The keys of a table, typed as zod's enum wants them. */
export function namesOf<T extends string>(table: Readonly<Record<T, unknown>>): [T, ...T[]] {
  return Object.keys(table) as [T, ...T[]];
}
