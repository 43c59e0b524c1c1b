import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { LEVELS } from "../../host/policy/fields.ts";
import {
  DEFAULT_POLICY_YAML,
  defaultPolicy,
  explainPolicy,
  explainPolicyJson,
  narrowPolicy,
  parsePolicy,
  policySchemaJson,
} from "../../host/policy/index.ts";

const FULL = parsePolicy(
  `version: 1
level: full
point: centroid
pose: session
time: 15m
crop:
  range_m: [0.5, 100]
  height_m: [-3, 5]
  boxes:
    - { mode: remove, centre_m: [0, 0, 0], size_m: [1, 1, 1] }
    - { mode: keep, centre_m: [0, 0, 0], size_m: [9, 9, 9] }
    - { mode: keep, centre_m: [9, 0, 0], size_m: [9, 9, 9] }
no_go: { areas: [{ name: bedroom, polygon_m: [[0, 0], [1, 0], [0, 1]], height_m: [0, 2] }] }
keep: { attributes: { intensity: 4, ring: 5, time: 6 }, strings: [sensor_model, label, frame_id, topic] }
padding: padme
`,
  "full.yaml",
);

function items(policy: typeof FULL, key: string): string {
  const section = explainPolicyJson(policy).sections.find((s) => s.key === key);
  return section === undefined ? "" : section.items.join("\n");
}

describe("the explanation", () => {
  test("says what leaves, and of the kept things nothing under never", () => {
    const leaves = items(FULL, "leaves");
    const never = items(FULL, "never");
    for (const name of [
      "intensity",
      "ring",
      "time",
      "sensor_model",
      "label",
      "frame_id",
      "topic",
    ]) {
      expect(leaves).toMatch(
        new RegExp(`(cube: ${name} \\(|text of ${name}, values in it redacted\\.)`),
      );
      expect(never).not.toMatch(new RegExp(`(attribute|text of) ${name}\\b`));
    }
    expect(leaves).toContain("intensity (how strongly a surface reflects), in 16 steps.");
  });

  test("names under never what the policy does not keep, and every identifier", () => {
    const never = items(defaultPolicy(), "never");
    for (const name of [
      "attribute intensity",
      "attribute ring",
      "attribute time",
      "text of label",
    ]) {
      expect(never).toContain(name);
    }
    for (const name of ["serial numbers", "MAC addresses", "IP addresses", "host names", "GPS"]) {
      expect(never).toContain(name);
      expect(items(FULL, "never")).toContain(name);
    }
  });

  test("does not promise that the origin of the map stays where the pose is kept", () => {
    const kept = parsePolicy("version: 1\nlevel: full\npose: keep", "p");
    expect(items(kept, "never")).not.toContain("origin of the map");
    expect(items(kept, "pose")).toBe("The pose leaves as the robot knows it.");
    expect(items(FULL, "never")).toContain("origin of the map");
    const nothing = { ...kept, level: "nothing" as const };
    expect(items(nothing, "never")).toContain("origin of the map");
  });

  test("says how a point is reduced", () => {
    expect(items(defaultPolicy(), "points")).toBe(
      "One point per 5 cm cube; positions inside the cube are lost.",
    );
    expect(items(FULL, "points")).toContain("in steps of 6.25 mm");
  });

  test("says what is cropped, when, where from and how large", () => {
    expect(items(FULL, "cropped").split("\n")).toEqual([
      "Points nearer than 0.5 m or farther than 100 m are dropped.",
      "Points below -3 m or above 5 m in the map are dropped.",
      "Points inside 1 box around the sensor are dropped.",
      "Points outside 2 boxes around the sensor are dropped.",
      "No-go area bedroom: no point in it between 0 m and 2 m, grown by 0.3 m.",
      "The names and outlines of no-go areas stay on the robot. They lie in the map, so they " +
        "protect only as far as frames come with a pose in it.",
    ]);
    expect(items(FULL, "time")).toBe("Capture times leave, floored to 15 minutes.");
    expect(items(FULL, "pose")).toContain("relative to the first pose");
    expect(items(FULL, "size")).toContain("12 %");
    expect(items(defaultPolicy(), "time")).toBe("No capture time leaves.");
    expect(items(defaultPolicy(), "open")).toContain("recipient's secret key");
  });

  test("of level nothing says that nothing leaves, whatever else the file names", () => {
    const policy = parsePolicy(
      "version: 1\nlevel: nothing\nkeep: {strings: [label]}\ntime: 1h",
      "p",
    );
    const explained = explainPolicyJson(policy);
    expect(explained.sections.map((section) => section.key)).toEqual(["leaves", "never"]);
    expect(explained.kept).toEqual([]);
    expect(items(policy, "leaves")).toBe("Nothing. Every frame is refused; local use goes on.");
    expect(items(policy, "never")).toContain("text of label");
  });

  test("of a map says how frames are put together, and what of people stays", () => {
    const map = parsePolicy("version: 1\nlevel: map", "p");
    expect(items(map, "leaves")).toBe("A map gathered from many frames. No single frame leaves.");
    expect(items(map, "points")).toContain("as 10 cm cubes that are full or empty");
    expect(items(map, "people")).toContain("Nothing leaves before 10 seconds have passed over it.");
    expect(items(map, "people")).toContain(
      "does not move all the while is not told from furniture",
    );
    expect(items(map, "pose")).toContain("turned about the vertical");
    expect(items(map, "open")).toContain("how often homes were recognised");
    expect(items(FULL, "open")).not.toContain("how often homes were recognised");
    const rest = parsePolicy("version: 1\nlevel: map\nmap: {people: slice, hold_back: 0s}", "p");
    expect(items(rest, "people")).toContain("Only what is higher than 2 m in the map leaves");
    expect(items(rest, "people")).not.toContain("have passed");
    const closed = `${"version: 1\nlevel: map\n"}no_go: {areas: [{name: a, polygon_m: [[0,0],[1,0],[0,1]]}]}`;
    expect(items(parsePolicy(closed, "p"), "cropped")).toContain("a rectangle that is larger");
    expect(items(FULL, "people")).toBe("");
  });

  test("of a plan says how large its squares are, and what is taken for it", () => {
    const policy = parsePolicy("version: 1\nlevel: plan\nplan: {cell_m: 0.25}", "p");
    expect(items(policy, "points")).toContain("25 cm squares");
    expect(items(policy, "people")).toContain("higher than 2 m");
  });

  test("says what of the robot's own plan and path leaves", () => {
    expect(items(defaultPolicy(), "plan").split("\n")).toEqual([
      "A house plan of the robot's own leaves as 20 cm squares, turned and moved by a secret " +
        "amount, without things that stand free and are smaller than 70 cm.",
      "Its rooms and their names stay on the robot.",
      "No path of the robot leaves.",
    ]);
    const open = parsePolicy(
      "version: 1\npath: coarse\nplan: {rooms: types, clutter_m: 0, cell_m: 1}",
      "p",
    );
    expect(items(open, "plan").split("\n")).toEqual([
      "A house plan of the robot's own leaves as 1 m squares, turned and moved by a secret amount.",
      "Its rooms leave by their type, such as kitchen; the names that people gave them stay.",
      "Where the robot was leaves as 1 m squares, in no order and without times.",
    ]);
  });

  test.each(LEVELS)("is the same as text and as data of level %s, in 80 columns", (level) => {
    const policy = narrowPolicy(FULL, level);
    const text = explainPolicy(policy);
    const flat = text.replaceAll(/\s+/g, " ");
    for (const section of explainPolicyJson(policy).sections) {
      expect(text).toContain(`\n${section.title}\n`);
      for (const item of section.items) expect(flat).toContain(item);
    }
    expect(text.split("\n").filter((line) => line.length > 80)).toEqual([]);
    expect(JSON.parse(JSON.stringify(explainPolicyJson(policy)))).toEqual(
      explainPolicyJson(policy),
    );
    expect(text).not.toMatch(/anonym/i);
  });

  test("no text of ours calls a map anonymous", () => {
    const texts = [explainPolicy(FULL), explainPolicy(defaultPolicy()), DEFAULT_POLICY_YAML];
    texts.push(JSON.stringify(policySchemaJson()));
    texts.push(readFileSync(new URL("../../host/policy/fields.ts", import.meta.url), "utf8"));
    for (const text of texts) expect(text).not.toMatch(/anonym/i);
  });
});

describe("the JSON Schema", () => {
  test("names every key, forbids others and carries ranges, defaults and descriptions", () => {
    const schema = policySchemaJson() as {
      properties: Record<string, Record<string, unknown>>;
      additionalProperties: boolean;
      required: string[];
    };
    expect(schema.additionalProperties).toBe(false);
    expect(schema.required).toEqual(["version"]);
    expect(schema.properties.leaf_m).toMatchObject({ minimum: 0.01, maximum: 10, default: 0.05 });
    for (const property of Object.values(schema.properties)) {
      expect(property.description).toEqual(expect.any(String));
    }
  });
});
