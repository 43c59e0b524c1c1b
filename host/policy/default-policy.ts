/** The policy that holds without a file, and the starter file that says the same in full. */
import type { Policy } from "./policy.ts";
import { policySchema } from "./schema.ts";

/** The safest useful policy: single frames, cube centres of 5 cm, nothing else kept. */
export function defaultPolicy(): Policy {
  return { ...policySchema.parse({ version: 1 }), source: { file: "built-in defaults" } };
}

/** What `mapveil policy init` prints: every key, explained, at its default. */
export const DEFAULT_POLICY_YAML = `# What may leave this robot. What is not named here stays.
# Every key but version may be left out; the values below are the defaults.
# "mapveil policy explain" says in plain words what a policy means.

# Version of this file format.
version: 1

# What may leave at most:
#   nothing  no frame leaves
#   plan     a coarse plan in 2D, gathered from many frames
#   map      a map gathered from many frames, with people removed
#   frames   single frames, downsampled
#   full     frames that may also keep ring, point time and pose, if named below
level: frames

# Edge in metres of the cubes that points are reduced to, 0.01 to 10.
leaf_m: 0.05

# centre    a cube with points in it leaves as its place in the grid, nothing finer
# centroid  the mean of its points leaves as well. Finer, and closer to raw data.
point: centre
# Bits of the centroid inside its cube, an axis, 1 to 6. Only with point: centroid.
# centroid_bits: 3

# drop     no pose leaves; the frame has its own origin
# session  positions relative to the first pose, moved and turned by a secret amount
# keep     the pose as the robot knows it. Only with level: full.
pose: drop

# drop, or a duration such as 15m, 1h or 1d (1s to 365d): times are floored to it.
time: drop

# Points that do not leave because of where they are. No limits by default.
# The map is where the pose of a frame says; for a frame without one it is the sensor.
crop:
  # Nearest and farthest distance from the sensor in metres, within 0 and 100000.
  # range_m: [0.3, 100]
  # Lowest and highest z of the map in metres, within -100000 and 100000.
  # height_m: [-3, 5]
  # Up to 64 boxes that move with the sensor. remove: points inside do not leave;
  # keep: points outside of every kept box do not leave. A box may be turned by
  # yaw_deg (about z, -360 to 360) or by quaternion: [x, y, z, w].
  # - { mode: remove, centre_m: [0, 0, 0], size_m: [1, 1, 1], yaw_deg: 0 }
  boxes: []

# Areas of the map that the owner keeps out of every upload. Their outlines and names
# stay on the robot. They protect only as far as frames come with a pose in this map.
no_go:
  # Every area is grown by this many metres, 0 to 100.
  dilate_m: 0.3
  # Up to 64 polygons in the map, 1024 corners together; height_m is optional.
  # - { name: bedroom, polygon_m: [[0, 0], [4, 0], [4, 3], [0, 3]], height_m: [-1, 3] }
  areas: []

# The allow-list: what is not named here does not exist in the output.
keep:
  # Bits kept of an attribute, 1 to 8: intensity, and with level: full ring and time.
  # For example { intensity: 4 }
  attributes: {}
  # Strings that may leave: sensor_model, label, frame_id, topic. Numbers, names and addresses
  # in them leave as marks, as [mac], whatever this file says.
  strings: []

# How a map is gathered from many frames, for level map and for a plan made of a lidar.
# The owner's permission may lower the level to these two at any time. A map never keeps
# pose, times, attributes or centroids, whatever the rest of this file says.
map:
  # Edge in metres of the cubes of the map, 0.05 to 1; never finer than leaf_m above.
  leaf_m: 0.1
  # Nothing leaves before so much time has passed over it, 0s to 1h (ms, s, m, h): what
  # moves on meanwhile is known to move.
  hold_back: 10s
  # remove  what moved does not leave. Somebody who sits still all the while may stay.
  # slice   only what is higher than slice_m leaves: walls and ceilings, nobody below.
  people: remove
  # Height in the map in metres, within -100000 and 100000. Level plan of a 3D lidar takes
  # what is higher as well.
  slice_m: 2

# How a plan is reduced: one that was made of a map, or the robot's own house plan.
plan:
  # Edge in metres of its squares, 0.05 to 2.
  cell_m: 0.2
  # Things that stand free and are smaller than this do not leave, in metres, 0 to 5.
  clutter_m: 0.7
  # none   no rooms leave
  # types  rooms leave as kitchen, hall and the like, never by the names people gave them
  rooms: none

# none    no path of the robot leaves
# coarse  squares of 1 m in which the robot was, in no order and without times
path: none

# How far artefacts grow so that their size says little about the scene:
#   classes       maps, plans and paths to a size that most homes share, or its doubles;
#                 single frames to the next power of two from 4 KiB
#   power_of_two  all to the next power of two from 4 KiB: larger, and says less of small ones
#   padme         by at most 12 %; smaller, and it says much more
padding: classes
`;
