/**
 * The shape of a policy file, field by field: what may stand there, in which unit and range, and
 * what holds if it is left out. Rules between fields are in rules.ts.
 */
import { z } from "zod";
import {
  AREA_COUNT_MAX,
  BOX_COUNT_MAX,
  LEAF_MAX_MM,
  LEAF_MIN_MM,
  VERTEX_COUNT_MAX,
} from "../../assembly/abi.ts";
import {
  allowed,
  jsonSchema,
  list,
  number,
  oneOf,
  parseDuration,
  section,
} from "../config/index.ts";
import {
  LEVELS,
  namesOf,
  PADDINGS,
  PATH_MODES,
  PEOPLE_MODES,
  POINT_MODES,
  POSE_MODES,
  ROOM_MODES,
  STRING_FIELDS,
} from "./fields.ts";
import { polygonFault } from "./polygon.ts";

/** Largest coordinate, in metres: up to here an f32 still tells centimetres apart. */
export const COORDINATE_MAX_M = 100_000;
/** Largest growth of a no-go area, in metres. */
const DILATE_MAX_M = 100;
/** Smallest edge of a box, in metres. */
const BOX_SIZE_MIN_M = 0.001;
/** Finest and coarsest cells of a map, metres. */
const MAP_LEAF_M = [0.05, 1] as const;
/** Finest and coarsest cells of a plan, metres. */
const PLAN_CELL_M = [0.05, 2] as const;
/** Largest thing that may count as clutter, metres. */
const CLUTTER_MAX_M = 5;
/** Longest time that a scan can be held back. */
const HOLD_BACK_MAX_MS = 3_600_000;
/** How far the length of a quaternion may be from 1; it is normalised when compiled. */
const QUATERNION_TOLERANCE = 0.01;

function bits(max: number) {
  const error = allowed(`a whole number of bits from 1 to ${max}`);
  return z.int({ error }).min(1, { error }).max(max, { error });
}

function pair(min: number, max: number, what: string) {
  const value = number(min, max, "metres");
  const error = allowed(`two numbers: ${what}`);
  return z.tuple([value, value], { error }).superRefine(([low, high], context) => {
    if (Math.fround(low) >= Math.fround(high)) {
      context.addIssue("is out of order, the first number must be less than the second");
    }
  });
}

const coordinate = number(-COORDINATE_MAX_M, COORDINATE_MAX_M, "metres");
const edge = number(BOX_SIZE_MIN_M, COORDINATE_MAX_M, "metres");
const unitComponent = number(-1 - QUATERNION_TOLERANCE, 1 + QUATERNION_TOLERANCE, "no unit");
const height = pair(-COORDINATE_MAX_M, COORDINATE_MAX_M, "lowest and highest z in metres");

const box = section({
  mode: oneOf(["keep", "remove"]).describe(
    "remove: points inside do not leave. keep: points outside every kept box do not leave.",
  ),
  centre_m: z
    .tuple([coordinate, coordinate, coordinate], {
      error: allowed("three numbers: x, y and z in metres"),
    })
    .describe("Centre of the box in the frame of the sensor, metres."),
  size_m: z
    .tuple([edge, edge, edge], { error: allowed("three numbers: the edges in metres") })
    .describe("Full edge lengths of the box, metres."),
  yaw_deg: number(-360, 360, "degrees")
    .optional()
    .describe("Turn about z, degrees, counter-clockwise. Not together with quaternion."),
  quaternion: z
    .tuple([unitComponent, unitComponent, unitComponent, unitComponent], {
      error: allowed("four numbers: x, y, z and w"),
    })
    .superRefine((q, context) => {
      const length = Math.hypot(...q);
      if (Math.abs(length - 1) > QUATERNION_TOLERANCE) {
        context.addIssue("is not a unit quaternion, its length must be 1");
      }
    })
    .optional()
    .describe("Rotation of the box as a unit quaternion x, y, z, w. Not together with yaw_deg."),
});

const vertex = z.tuple([coordinate, coordinate], {
  error: allowed("two numbers: x and y in metres"),
});

const area = section({
  name: z
    .string({ error: allowed("a name") })
    .regex(/^[^\p{C}]{1,64}$/u, { error: allowed("1 to 64 printable characters") })
    .describe("What the owner calls the area. It never leaves the robot."),
  polygon_m: list(vertex, VERTEX_COUNT_MAX, "corners, each [x, y] in metres")
    .min(3, {
      error: (issue) => `has ${(issue.input as unknown[]).length} corners, must have at least 3`,
    })
    .superRefine((corners, context) => {
      const fault = corners.length < 3 ? null : polygonFault(corners);
      if (fault !== null) context.addIssue(`is not a simple polygon: ${fault}`);
    })
    .describe(
      "Corners in the map (without a pose: the sensor), metres, in order. Stays on the robot.",
    ),
  height_m: height.optional().describe("Lowest and highest z of the area; all heights if absent."),
});

const crop = section({
  range_m: pair(0, COORDINATE_MAX_M, "nearest and farthest distance in metres")
    .optional()
    .describe("Points nearer or farther than this from the sensor do not leave."),
  height_m: height
    .optional()
    .describe("Points below or above this z of the map (without a pose: the sensor) do not leave."),
  boxes: list(box, BOX_COUNT_MAX, "boxes")
    .default([])
    .describe("Boxes that move with the sensor, such as one around the robot itself."),
});

const noGo = section({
  dilate_m: number(0, DILATE_MAX_M, "metres")
    .default(0.3)
    .describe("Every area is grown by this much before it is applied, metres."),
  areas: list(area, AREA_COUNT_MAX, "areas")
    .default([])
    .describe("Areas of the home of which no point ever leaves."),
});

const keep = section({
  attributes: section({
    intensity: bits(8).optional().describe("Bits of reflected intensity to keep."),
    ring: bits(8).optional().describe("Bits of the beam number to keep. Only with level full."),
    time: bits(8).optional().describe("Bits of the time within the frame. Only with level full."),
  })
    .prefault({})
    .describe("Attributes of a point; those that are not named are dropped."),
  strings: list(oneOf(namesOf(STRING_FIELDS)), 16, "names")
    .default([])
    .describe(
      "Strings that may leave, with marks in the place of values; those not named are dropped.",
    ),
});

const map = section({
  leaf_m: number(...MAP_LEAF_M, "metres")
    .default(0.1)
    .describe("Edge of the cubes of a map, metres; never finer than leaf_m of frames."),
  hold_back: z
    .string({ error: allowed("a duration with its unit such as 0s, 10s or 5m") })
    .refine(
      (text) => text === "0s" || (parseDuration(text) ?? HOLD_BACK_MAX_MS + 1) <= HOLD_BACK_MAX_MS,
      { error: allowed("a duration from 0s to 1h, such as 10s") },
    )
    .default("10s")
    .describe("Nothing leaves in a map before so much time (ms, s, m, h) has passed over it."),
  people: oneOf(namesOf(PEOPLE_MODES))
    .default("remove")
    .describe(
      "remove: what moved does not leave. slice: what is lower than slice_m does not leave.",
    ),
  slice_m: number(-COORDINATE_MAX_M, COORDINATE_MAX_M, "metres")
    .default(2)
    .describe("Height above which people: slice, and level plan of a 3D lidar, take points."),
});

const plan = section({
  cell_m: number(...PLAN_CELL_M, "metres")
    .default(0.2)
    .describe("Edge of the squares of a plan, metres."),
  clutter_m: number(0, CLUTTER_MAX_M, "metres")
    .default(0.7)
    .describe("Things that stand free and are smaller than this do not leave, metres."),
  rooms: oneOf(namesOf(ROOM_MODES))
    .default("none")
    .describe("none: no rooms. types: kitchen, hall and the like; never the names people gave."),
});

/** A policy file as it is written; its output has every default filled in. */
export const policySchema = section({
  version: z
    .literal(1, { error: allowed("1, the version of this file format") })
    .describe("Version of this file format: 1."),
  level: oneOf([...LEVELS])
    .default("frames")
    .describe("What may leave at most: nothing, plan, map, frames or full."),
  leaf_m: number(LEAF_MIN_MM / 1000, LEAF_MAX_MM / 1000, "metres")
    .default(0.05)
    .describe("Edge of the cubes to which points are reduced, metres."),
  point: oneOf(namesOf(POINT_MODES))
    .default("centre")
    .describe("centre: a point is its cube, nothing finer. centroid: the mean of its points."),
  centroid_bits: bits(6)
    .optional()
    .describe("Bits of the centroid inside its cube, an axis. Only with point: centroid."),
  pose: oneOf(namesOf(POSE_MODES))
    .default("drop")
    .describe("drop: no pose. session: relative to a secret origin. keep: only with level full."),
  time: z
    .string({ error: allowed("drop, or a duration with its unit such as 15m, 1h or 1d") })
    .regex(/^(drop|[1-9][0-9]{0,8}[smhd])$/, {
      error: allowed("drop, or a duration with its unit such as 15m, 1h or 1d"),
    })
    .refine((text) => !/^[1-9]/.test(text) || parseDuration(text) !== null, {
      error: allowed("a duration from 1s to 365d"),
    })
    .default("drop")
    .describe("drop: no capture time. A duration (s, m, h, d): times are floored to it."),
  crop: crop.prefault({}).describe("Points that do not leave because of where they are."),
  no_go: noGo.prefault({}).describe("Areas that the owner keeps out of every upload."),
  keep: keep.prefault({}).describe("Allow-list: what is not named here does not leave."),
  map: map.prefault({}).describe("How a map is gathered from many frames (level map and plan)."),
  plan: plan.prefault({}).describe("How a plan is reduced, whether a map's or the robot's own."),
  path: oneOf(namesOf(PATH_MODES))
    .default("none")
    .describe("none: no path. coarse: squares of 1 m where the robot was, in no order."),
  padding: oneOf(namesOf(PADDINGS))
    .default("classes")
    .describe("How far artefacts are padded, so that their size says little about the scene."),
}).describe("What may leave a robot. See `mapveil policy explain`.");

/** The JSON Schema (2020-12) of the policy file, for editors and CI. */
export function policySchemaJson(): Record<string, unknown> {
  return jsonSchema("Mapveil policy", policySchema);
}
