/** Rules between the fields of a policy, checked on the raw file so that one run shows all. */
import { VERTEX_COUNT_MAX } from "../../assembly/abi.ts";
import type { Fault } from "../config/index.ts";
import { LEVELS } from "./fields.ts";

/** The fields as they may or may not stand in the file; nothing is known of their types. */
type Raw = Readonly<Record<string, unknown>>;

/** The value under `key` if `value` is a mapping that has it. */
function get(value: unknown, key: string): unknown {
  return typeof value === "object" && value !== null && Object.hasOwn(value, key)
    ? (value as Raw)[key]
    : undefined;
}

function listUnder(value: unknown, key: string): readonly unknown[] {
  const found = get(value, key);
  return Array.isArray(found) ? found : [];
}

/** Only level full may let out what ties a frame to a place or to one sensor. */
function fullOnly(raw: unknown): Fault[] {
  const level = get(raw, "level") ?? "frames";
  if (level === "full" || !(LEVELS as readonly unknown[]).includes(level)) return [];
  const faults: Fault[] = [];
  const only = `only allowed with level: full, the level is ${level}`;
  if (get(raw, "pose") === "keep") {
    const instead = level === "plan" || level === "map" ? "drop" : "drop or session";
    faults.push({ path: ["pose"], what: `is keep, ${only}; use ${instead}` });
  }
  for (const name of ["ring", "time"]) {
    if (get(get(get(raw, "keep"), "attributes"), name) !== undefined) {
      faults.push({ path: ["keep", "attributes", name], what: `is named, ${only}` });
    }
  }
  return faults;
}

/** A map and a plan are cells of many frames: nothing of a single one can be asked for. */
function framesOnly(raw: unknown): Fault[] {
  const level = get(raw, "level");
  if (level !== "plan" && level !== "map") return [];
  const faults: Fault[] = [];
  const never = `a ${level} never keeps`;
  if (get(raw, "pose") === "session") {
    faults.push({ path: ["pose"], what: `is session, ${never} a pose; use drop` });
  }
  if (get(raw, "point") === "centroid") {
    faults.push({ path: ["point"], what: `is centroid, ${never} the mean of points; use centre` });
  }
  const time = get(raw, "time");
  if (time !== undefined && time !== "drop") {
    faults.push({ path: ["time"], what: `is not drop, ${never} a capture time; use drop` });
  }
  if (get(get(get(raw, "keep"), "attributes"), "intensity") !== undefined) {
    const path = ["keep", "attributes", "intensity"];
    faults.push({ path, what: `is named, ${never} attributes of points; leave it out` });
  }
  return faults;
}

function centroidOnly(raw: unknown): Fault[] {
  const bits = get(raw, "centroid_bits");
  if (bits === undefined || get(raw, "point") === "centroid") return [];
  const what = "is only allowed with point: centroid";
  return [{ path: ["centroid_bits"], what }];
}

function oneRotation(raw: unknown): Fault[] {
  return listUnder(get(raw, "crop"), "boxes").flatMap((box, i) =>
    get(box, "yaw_deg") !== undefined && get(box, "quaternion") !== undefined
      ? [{ path: ["crop", "boxes", i], what: "has yaw_deg and quaternion, must have one of them" }]
      : [],
  );
}

function vertexBudget(raw: unknown): Fault[] {
  let count = 0;
  for (const area of listUnder(get(raw, "no_go"), "areas")) {
    count += listUnder(area, "polygon_m").length;
  }
  const what = `have ${count} corners together, must have at most ${VERTEX_COUNT_MAX}`;
  return count > VERTEX_COUNT_MAX ? [{ path: ["no_go", "areas"], what }] : [];
}

/** Every rule between fields that the content of a file breaks, whatever else is wrong with it. */
export function brokenRules(raw: unknown): Fault[] {
  return [
    ...centroidOnly(raw),
    ...fullOnly(raw),
    ...framesOnly(raw),
    ...oneRotation(raw),
    ...vertexBudget(raw),
  ];
}
