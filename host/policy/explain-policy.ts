/** A policy in plain words: what leaves, what never leaves, and who can read it. */
import { durationInWords } from "../config/index.ts";
import { keptNames } from "./compile-policy.ts";
import {
  ATTRIBUTES,
  type Attribute,
  isGathered,
  type Level,
  NEVER_LEAVES,
  STRING_NAMES,
} from "./fields.ts";
import { centroidBits, mapLeafM, type Policy, planCellM } from "./policy.ts";
import { wrap } from "./wrap.ts";

/** One heading of an explanation; `items` are whole sentences or names. */
export interface ExplainedSection {
  readonly key:
    | "leaves"
    | "points"
    | "people"
    | "cropped"
    | "time"
    | "pose"
    | "plan"
    | "size"
    | "never"
    | "open";
  readonly title: string;
  readonly items: readonly string[];
}

/** The explanation as data, for `--json`. `schema` grows when a field changes its meaning. */
export interface PolicyExplanation {
  readonly schema: 2;
  readonly file: string;
  readonly level: Level;
  readonly kept: readonly string[];
  readonly sections: readonly ExplainedSection[];
}

const WIDTH = 80;

const LEVEL_WORDS: Readonly<Record<Level, string>> = {
  nothing: "Nothing. Every frame is refused; local use goes on.",
  plan: "A plan gathered from many frames: walls and open floor seen from above, no heights.",
  map: "A map gathered from many frames. No single frame leaves.",
  frames: "Single lidar frames, reduced as said below. A person in view is still in them.",
  full: "Single lidar frames, reduced as said below, with all that is named here.",
};

const ATTRIBUTE_WORDS: Readonly<Record<Attribute, string>> = {
  intensity: "intensity (how strongly a surface reflects)",
  ring: "ring (the beam that measured the point)",
  time: "time (when within the frame the point was measured)",
};

function plural(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** A length in the unit that reads best. */
function metres(m: number): string {
  const [value, unit] = m < 0.01 ? [m * 1000, "mm"] : m < 1 ? [m * 100, "cm"] : [m, "m"];
  return `${Number(value.toPrecision(4))} ${unit}`;
}

function leaves(policy: Policy): string[] {
  const items = [LEVEL_WORDS[policy.level]];
  if (policy.level === "nothing") return items;
  for (const name of ATTRIBUTES) {
    const bits = policy.keep.attributes[name];
    if (bits === undefined) continue;
    items.push(`Of every cube: ${ATTRIBUTE_WORDS[name]}, in ${2 ** bits} steps.`);
  }
  for (const name of STRING_NAMES) {
    if (policy.keep.strings.includes(name))
      items.push(`The text of ${name}, values in it redacted.`);
  }
  return items;
}

/** How points become a map, and the map a plan. */
function gathered(policy: Policy): string[] {
  const cube = metres(mapLeafM(policy));
  const items = [
    `The frames are put together on the robot as ${cube} cubes that are full or empty; ` +
      "single frames, points and their order are lost.",
  ];
  if (policy.level === "plan") {
    const square = metres(planCellM(policy));
    items.push(`What leaves are ${square} squares, each a wall or thing, open floor, or unknown.`);
  }
  return items;
}

function people(policy: Policy): string[] {
  const { hold_back, people: mode, slice_m } = policy.map;
  const items =
    hold_back === "0s"
      ? ["A map holds what was measured up to the moment in which it is made."]
      : [`Nothing leaves before ${durationInWords(hold_back)} have passed over it.`];
  const slice =
    `Only what is higher than ${slice_m} m in the map leaves, so that nobody is in it who stands ` +
    "or sits below, and no furniture.";
  if (mode === "slice") return [...items, slice];
  items.push(
    "People and pets that move are removed, and what was seen for a moment only. Somebody who " +
      "does not move all the while is not told from furniture.",
  );
  if (policy.level === "plan") {
    items.push(`${slice} Of a lidar that measures in one plane, what stood there for long leaves.`);
  } else items.push("To keep those out as well, set people: slice.");
  return items;
}

/** What holds for the robot's own plan and path, which have permissions of their own. */
function planAndPath(policy: Policy): string[] {
  const { cell_m, clutter_m, rooms } = policy.plan;
  const plan =
    `A house plan of the robot's own leaves as ${metres(cell_m)} squares, turned and moved by a ` +
    `secret amount${clutter_m > 0 ? `, without things that stand free and are smaller than ${metres(clutter_m)}` : ""}.`;
  return [
    plan,
    rooms === "none"
      ? "Its rooms and their names stay on the robot."
      : "Its rooms leave by their type, such as kitchen; the names that people gave them stay.",
    policy.path === "none"
      ? "No path of the robot leaves."
      : "Where the robot was leaves as 1 m squares, in no order and without times.",
  ];
}

function points(policy: Policy): string[] {
  if (isGathered(policy.level)) return gathered(policy);
  const cube = metres(policy.leaf_m);
  if (policy.point === "centre") {
    return [`One point per ${cube} cube; positions inside the cube are lost.`];
  }
  const steps = 2 ** centroidBits(policy);
  return [
    `One point per ${cube} cube: the mean of the points in it, ` +
      `in steps of ${metres(policy.leaf_m / steps)}; the single points are lost.`,
  ];
}

function cropped(policy: Policy): string[] {
  const { range_m, height_m, boxes } = policy.crop;
  const { areas, dilate_m } = policy.no_go;
  const items: string[] = [];
  if (range_m) {
    items.push(`Points nearer than ${range_m[0]} m or farther than ${range_m[1]} m are dropped.`);
  }
  if (height_m) {
    items.push(`Points below ${height_m[0]} m or above ${height_m[1]} m in the map are dropped.`);
  }
  const keep = boxes.filter((box) => box.mode === "keep").length;
  const remove = boxes.length - keep;
  if (remove > 0)
    items.push(`Points inside ${plural(remove, "box", "boxes")} around the sensor are dropped.`);
  if (keep > 0)
    items.push(`Points outside ${plural(keep, "box", "boxes")} around the sensor are dropped.`);
  for (const area of areas) {
    const heights = area.height_m
      ? `between ${area.height_m[0]} m and ${area.height_m[1]} m`
      : "at any height";
    items.push(`No-go area ${area.name}: no point in it ${heights}, grown by ${dilate_m} m.`);
  }
  if (areas.length > 0 && isGathered(policy.level)) {
    items.push(
      "Around every no-go area a rectangle that is larger by chance is left out, so that the hole " +
        "tells little of the area. Frames without a pose are refused.",
    );
  }
  if (areas.length > 0) {
    items.push(
      "The names and outlines of no-go areas stay on the robot. They lie in the map, so they " +
        "protect only as far as frames come with a pose in it.",
    );
  }
  return items.length > 0 ? items : ["Nothing; points at any place leave."];
}

const POSE_WORDS: Readonly<Record<Policy["pose"], string>> = {
  drop: "No pose leaves. The frame has its own origin and the directions of the sensor.",
  session:
    "Positions are relative to the first pose of the session, moved and turned by a secret " +
    "amount. Frames of one session fit together; where they are stays on the robot.",
  keep: "The pose leaves as the robot knows it.",
};

const PADDING_WORDS: Readonly<Record<Policy["padding"], string>> = {
  classes:
    "Maps, plans and paths are padded to a size that most homes share, or twice that and so on; single " +
    "frames to a power of two from 4 KiB.",
  power_of_two:
    "Artefacts are padded to a power of two from 4 KiB, so that their size says little.",
  padme: "Artefacts are padded by at most 12 %; their size says roughly how much is in them.",
};

const GATHERED_POSE =
  "No pose leaves. The map is turned about the vertical and moved by a secret amount, another one " +
  "for every map.";

const LABEL_WORDS =
  "Every map and plan says in itself how often homes were recognised by such ones when that was " +
  "measured.";

function time(policy: Policy): string {
  if (policy.time === "drop") return "No capture time leaves.";
  return `Capture times leave, floored to ${durationInWords(policy.time)}.`;
}

/** The names that no policy can keep; with pose: keep, coordinates do tell the map's origin. */
function identifiers(policy: Policy): string[] {
  const { map_origin, ...others } = NEVER_LEAVES;
  const originLeaves = policy.level !== "nothing" && policy.pose === "keep";
  return originLeaves ? Object.values(others) : [map_origin, ...Object.values(others)];
}

function never(policy: Policy): string[] {
  const nothing = policy.level === "nothing";
  const attributes = ATTRIBUTES.filter((n) => nothing || policy.keep.attributes[n] === undefined);
  const strings = STRING_NAMES.filter((n) => nothing || !policy.keep.strings.includes(n));
  return [
    "raw points and their order",
    ...attributes.map((name) => `attribute ${ATTRIBUTE_WORDS[name]}`),
    ...strings.map((name) => `text of ${name}`),
    ...identifiers(policy),
  ];
}

function sections(policy: Policy): ExplainedSection[] {
  const isMap = isGathered(policy.level);
  const leaving: ExplainedSection[] = [
    { key: "points", title: "How a point is reduced", items: points(policy) },
    ...(isMap ? [{ key: "people", title: "People", items: people(policy) } as const] : []),
    { key: "cropped", title: "What is cropped", items: cropped(policy) },
    { key: "time", title: "Time", items: [time(policy)] },
    { key: "pose", title: "Pose", items: [isMap ? GATHERED_POSE : POSE_WORDS[policy.pose]] },
    { key: "plan", title: "The robot's own plan and path", items: planAndPath(policy) },
    { key: "size", title: "Size", items: [PADDING_WORDS[policy.padding]] },
  ];
  const open = [
    "Whoever holds the recipient's secret key. This robot and the servers between cannot.",
    "They can still recognise a home by its shape: what leaves is pseudonymised, and reduced does " +
      "not mean unrecognisable.",
    ...(isMap ? [LABEL_WORDS] : []),
  ];
  return [
    { key: "leaves", title: "What leaves", items: leaves(policy) },
    ...(policy.level === "nothing" ? [] : leaving),
    { key: "never", title: "What never leaves", items: never(policy) },
    ...(policy.level === "nothing"
      ? []
      : [{ key: "open", title: "Who can open it", items: open } as const]),
  ];
}

/** What a policy means, as data; the sentences are those of explainPolicy. */
export function explainPolicyJson(policy: Policy): PolicyExplanation {
  return {
    schema: 2,
    file: policy.source.file,
    level: policy.level,
    kept: keptNames(policy),
    sections: sections(policy),
  };
}

/** What a policy means, in plain words for the owner of the robot, wrapped at 80 columns. */
export function explainPolicy(policy: Policy): string {
  const lines = wrap(`Policy ${policy.source.file}, level ${policy.level}`, "", WIDTH);
  for (const { title, items } of sections(policy)) {
    lines.push("", title);
    for (const item of items) lines.push(...wrap(item, "  - ", WIDTH));
  }
  return `${lines.join("\n")}\n`;
}
