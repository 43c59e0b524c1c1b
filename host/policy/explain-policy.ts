/** A policy in plain words: what leaves, what never leaves, and who can read it. */
import { durationInWords } from "../config/index.ts";
import { keptNames } from "./compile-policy.ts";
import {
  ATTRIBUTES,
  type Attribute,
  AVAILABLE_LEVELS,
  type Level,
  NEVER_LEAVES,
  STRING_NAMES,
} from "./fields.ts";
import { centroidBits, type Policy } from "./policy.ts";
import { wrap } from "./wrap.ts";

/** One heading of an explanation; `items` are whole sentences or names. */
export interface ExplainedSection {
  readonly key: "leaves" | "points" | "cropped" | "time" | "pose" | "size" | "never" | "open";
  readonly title: string;
  readonly items: readonly string[];
}

/** The explanation as data, for `--json`. `schema` grows when a field changes its meaning. */
export interface PolicyExplanation {
  readonly schema: 1;
  readonly file: string;
  readonly level: Level;
  /** Whether this version can sanitise for the level. */
  readonly available: boolean;
  readonly kept: readonly string[];
  readonly sections: readonly ExplainedSection[];
}

const WIDTH = 80;

const LEVEL_WORDS: Readonly<Record<Level, string>> = {
  nothing: "Nothing. Every frame is refused; local use goes on.",
  plan: "A coarse plan of the floor, in 2D.",
  map: "A map gathered from many frames, with people removed.",
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
  if (!AVAILABLE_LEVELS.includes(policy.level)) {
    items.push("This level is not available in this version: no frame can be sanitised for it.");
  }
  if (policy.level === "nothing") return items;
  for (const name of ATTRIBUTES) {
    const bits = policy.keep.attributes[name];
    if (bits === undefined) continue;
    items.push(`Of every cube: ${ATTRIBUTE_WORDS[name]}, in ${2 ** bits} steps.`);
  }
  for (const name of STRING_NAMES) {
    if (policy.keep.strings.includes(name)) items.push(`The text of ${name}.`);
  }
  return items;
}

function points(policy: Policy): string[] {
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
  power_of_two:
    "Artefacts are padded to a power of two from 4 KiB, so that their size says little.",
  padme: "Artefacts are padded by at most 12 %; their size says roughly how much is in them.",
};

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
  const leaving: ExplainedSection[] = [
    { key: "points", title: "How a point is reduced", items: points(policy) },
    { key: "cropped", title: "What is cropped", items: cropped(policy) },
    { key: "time", title: "Time", items: [time(policy)] },
    { key: "pose", title: "Pose", items: [POSE_WORDS[policy.pose]] },
    { key: "size", title: "Size", items: [PADDING_WORDS[policy.padding]] },
  ];
  const open = [
    "Whoever holds the recipient's secret key. This robot and the servers between cannot.",
    "They can still recognise a home by its shape: reduced does not mean unrecognisable.",
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
    schema: 1,
    file: policy.source.file,
    level: policy.level,
    available: AVAILABLE_LEVELS.includes(policy.level),
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
