/** Faults in what a policy says of maps, plans and paths. */
import { expect, test } from "vitest";
import { parsePolicy } from "../../host/policy/index.ts";
import { configError } from "./struct.ts";

const cases: [fault: string, body: string, line: string][] = [
  [
    "a pose below level full, of a map",
    "level: map\npose: keep",
    "3:7 pose: is keep, only allowed with level: full, the level is map; use drop",
  ],
  [
    "a pose of a session, of a map",
    "level: map\npose: session",
    "3:7 pose: is session, a map never keeps a pose; use drop",
  ],
  [
    "centroids of a plan",
    "level: plan\npoint: centroid",
    "3:8 point: is centroid, a plan never keeps the mean of points; use centre",
  ],
  [
    "times of a map",
    "level: map\ntime: 1h",
    "3:7 time: is not drop, a map never keeps a capture time; use drop",
  ],
  [
    "intensity of a map",
    "level: map\nkeep: {attributes: {intensity: 2}}",
    "3:32 keep.attributes.intensity: is named, a map never keeps attributes of points; leave it out",
  ],
  [
    "cubes of a map that are too fine",
    "map: {leaf_m: 0.04}",
    "2:15 map.leaf_m: is too small, must be a number from 0.05 to 1 (metres)",
  ],
  [
    "a hold-back of over an hour",
    "map: {hold_back: 2h}",
    "2:18 map.hold_back: is a text of length 2, must be a duration from 0s to 1h, such as 10s",
  ],
  [
    "a hold-back without unit",
    "map: {hold_back: 10}",
    "2:18 map.hold_back: is a number, must be a duration with its unit such as 0s, 10s or 5m",
  ],
  [
    "an unknown way with people",
    "map: {people: blur}",
    "2:15 map.people: is a text of length 4, must be one of remove, slice",
  ],
  [
    "squares of a plan that are too coarse",
    "plan: {cell_m: 3}",
    "2:16 plan.cell_m: is too large, must be a number from 0.05 to 2 (metres)",
  ],
  [
    "rooms by name",
    "plan: {rooms: names}",
    "2:15 plan.rooms: is a text of length 5, must be one of none, types",
  ],
  ["a fine path", "path: fine", "2:7 path: is a text of length 4, must be one of none, coarse"],
];

test.each(cases)("%s", (_, body, line) => {
  expect(configError(() => parsePolicy(`version: 1\n${body}`, "p.yaml"))).toBe(`p.yaml:${line}`);
});
