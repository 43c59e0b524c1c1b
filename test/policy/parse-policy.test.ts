import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import {
  DEFAULT_POLICY_YAML,
  defaultPolicy,
  loadPolicy,
  POLICY_FILE_BYTES_MAX,
  parsePolicy,
  policySchemaJson,
} from "../../host/policy/index.ts";
import { configError } from "./struct.ts";

/** The error lines for a file `p.yaml` with `body` behind its version line. */
function faults(body: string): string[] {
  return configError(() => parsePolicy(`version: 1\n${body}`, "p.yaml")).split("\n");
}

const NAMES =
  "version, level, leaf_m, point, centroid_bits, pose, time, crop, no_go, keep, map, plan, path, padding";

describe("a valid policy", () => {
  test("the starter file says exactly what the defaults are", () => {
    const { source: _, ...written } = parsePolicy(DEFAULT_POLICY_YAML, "starter.yaml");
    const { source: __, ...defaults } = defaultPolicy();
    expect(written).toEqual(defaults);
    expect(written).toEqual({
      version: 1,
      level: "frames",
      leaf_m: 0.05,
      point: "centre",
      pose: "drop",
      time: "drop",
      crop: { boxes: [] },
      no_go: { dilate_m: 0.3, areas: [] },
      keep: { attributes: {}, strings: [] },
      map: { leaf_m: 0.1, hold_back: "10s", people: "remove", slice_m: 2 },
      plan: { cell_m: 0.2, clutter_m: 0.7, rooms: "none" },
      path: "none",
      padding: "classes",
    });
  });

  test("the starter file explains every key that exists", () => {
    const keys = JSON.stringify(policySchemaJson()).matchAll(
      /"([a-z_]+)":\{"(?:description|default)/g,
    );
    const names = [...keys].map((match) => match[1]!);
    expect(names.length).toBeGreaterThan(15);
    for (const name of names) expect(DEFAULT_POLICY_YAML).toContain(name);
    expect(DEFAULT_POLICY_YAML.split("\n").every((line) => line.length <= 100)).toBe(true);
  });

  test("a file with its version alone means the defaults", () => {
    const policy = parsePolicy("version: 1", "p.yaml");
    expect({ ...policy, source: null }).toEqual({ ...defaultPolicy(), source: null });
    expect(policy.source).toEqual({ file: "p.yaml" });
  });

  test("the line that names the level is remembered", () => {
    const policy = parsePolicy("version: 1\n\nlevel: map\n", "p.yaml");
    expect(policy.level).toBe("map");
    expect(policy.source).toEqual({ file: "p.yaml", level_line: 3 });
  });

  test("a byte order mark, Windows line ends and an alias are read as usual", async () => {
    const path = join(await mkdtemp(join(tmpdir(), "policy-")), "p.yaml");
    const area =
      "no_go: {areas: [{name: a, polygon_m: &p [[0,0],[1,0],[0,1]]}, {name: b, polygon_m: *p}]}";
    await writeFile(path, `\uFEFFversion: 1\r\n${area}\r\n`);
    const policy = await loadPolicy(path);
    expect(policy.no_go.areas[1]).toEqual({
      name: "b",
      polygon_m: [
        [0, 0],
        [1, 0],
        [0, 1],
      ],
    });
  });
});

describe("every fault names its line, its column, its field and what is allowed", () => {
  const cases: [fault: string, body: string, line: string][] = [
    [
      "a mistyped field",
      "levl: map",
      `2:1 levl: is an unknown field (did you mean level?), allowed: ${NAMES}`,
    ],
    ["an unknown field", "colour: red", `2:1 policy: has an unknown field, allowed: ${NAMES}`],
    [
      "a prototype key",
      "__proto__: {level: full}",
      `2:1 policy: has an unknown field, allowed: ${NAMES}`,
    ],
    [
      "an identifier that can never leave",
      "keep:\n  serial_number: yes",
      "3:3 keep.serial_number: is an unknown field, no policy can let it leave; allowed: attributes, strings",
    ],
    [
      "a mistyped level",
      "level: frame",
      "2:8 level: is a text of length 5 (did you mean frames?), must be one of nothing, plan, map, frames, full",
    ],
    [
      "a leaf beyond its range",
      "leaf_m: 0.0099",
      "2:9 leaf_m: is too small, must be a number from 0.01 to 10 (metres)",
    ],
    [
      "a leaf that is not finite",
      "leaf_m: .inf",
      "2:9 leaf_m: is Infinity, must be a number from 0.01 to 10 (metres)",
    ],
    [
      "a leaf that is no number",
      "leaf_m: .nan",
      "2:9 leaf_m: is NaN, must be a number from 0.01 to 10 (metres)",
    ],
    [
      "a leaf in quotes",
      'leaf_m: "5"',
      "2:9 leaf_m: is a text of length 1, must be a number from 0.01 to 10 (metres)",
    ],
    [
      "a value left out",
      "leaf_m:",
      "2:8 leaf_m: is empty, must be a number from 0.01 to 10 (metres)",
    ],
    [
      "half a bit",
      "point: centroid\ncentroid_bits: 2.5",
      "3:16 centroid_bits: is a number, must be a whole number of bits from 1 to 6",
    ],
    [
      "centroid bits for centres",
      "centroid_bits: 3",
      "2:16 centroid_bits: is only allowed with point: centroid",
    ],
    [
      "a pose below level full",
      "pose: keep",
      "2:7 pose: is keep, only allowed with level: full, the level is frames; use drop or session",
    ],
    [
      "ring below level full",
      "keep: {attributes: {ring: 4}}",
      "2:27 keep.attributes.ring: is named, only allowed with level: full, the level is frames",
    ],
    [
      "point time below level full",
      "level: map\nkeep: {attributes: {time: 4}}",
      "3:27 keep.attributes.time: is named, only allowed with level: full, the level is map",
    ],
    [
      "nine bits",
      "keep: {attributes: {intensity: 9}}",
      "2:32 keep.attributes.intensity: is too large, must be a whole number of bits from 1 to 8",
    ],
    [
      "a mistyped string name",
      "keep: {strings: [lable]}",
      "2:18 keep.strings[0]: is a text of length 5 (did you mean label?), must be one of sensor_model, label, frame_id, topic",
    ],
    [
      "a time without unit",
      "time: 60",
      "2:7 time: is a number, must be drop, or a duration with its unit such as 15m, 1h or 1d",
    ],
    [
      "a time of no length",
      "time: 0s",
      "2:7 time: is a text of length 2, must be drop, or a duration with its unit such as 15m, 1h or 1d",
    ],
    [
      "a time beyond a year",
      "time: 366d",
      "2:7 time: is a text of length 4, must be a duration from 1s to 365d",
    ],
    [
      "a range the wrong way round",
      "crop: {range_m: [5, 1]}",
      "2:17 crop.range_m: is out of order, the first number must be less than the second",
    ],
    [
      "a range that is empty as f32",
      "crop: {range_m: [5, 5.0000000001]}",
      "2:17 crop.range_m: is out of order, the first number must be less than the second",
    ],
    [
      "a negative range",
      "crop: {range_m: [-1, 5]}",
      "2:18 crop.range_m[0]: is too small, must be a number from 0 to 100000 (metres)",
    ],
    [
      "one height",
      "crop: {height_m: [1]}",
      "2:18 crop.height_m: is a list of 1, must be two numbers: lowest and highest z in metres",
    ],
    [
      "a flat box",
      "crop: {boxes: [{mode: keep, centre_m: [0,0,0], size_m: [1,0,1]}]}",
      "2:59 crop.boxes[0].size_m[1]: is too small, must be a number from 0.001 to 100000 (metres)",
    ],
    [
      "a box without centre",
      "crop: {boxes: [{mode: keep, size_m: [1,1,1]}]}",
      "2:16 crop.boxes[0].centre_m: is missing, must be three numbers: x, y and z in metres",
    ],
    [
      "a box turned twice",
      "crop: {boxes: [{mode: keep, centre_m: [0,0,0], size_m: [1,1,1], yaw_deg: 0, quaternion: [0,0,0,1]}]}",
      "2:16 crop.boxes[0]: has yaw_deg and quaternion, must have one of them",
    ],
    [
      "a quaternion that is not unit",
      "crop: {boxes: [{mode: keep, centre_m: [0,0,0], size_m: [1,1,1], quaternion: [0,0,0,0.9]}]}",
      "2:77 crop.boxes[0].quaternion: is not a unit quaternion, its length must be 1",
    ],
    [
      "65 boxes",
      `crop: {boxes: [${"{mode: keep, centre_m: [0,0,0], size_m: [1,1,1]},".repeat(65)}]}`,
      "2:15 crop.boxes: has 65 items, must have at most 64",
    ],
    [
      "65 areas",
      `no_go: {areas: [${"{name: a, polygon_m: [[0,0],[1,0],[0,1]]},".repeat(65)}]}`,
      "2:16 no_go.areas: has 65 items, must have at most 64",
    ],
    [
      "a line for a polygon",
      "no_go: {areas: [{name: a, polygon_m: [[0,0],[1,1]]}]}",
      "2:38 no_go.areas[0].polygon_m: has 2 corners, must have at least 3",
    ],
    [
      "a bow tie",
      "no_go: {areas: [{name: a, polygon_m: [[0,0],[1,1],[1,0],[0,1]]}]}",
      "2:38 no_go.areas[0].polygon_m: is not a simple polygon: its edge 0-1 meets its edge 2-3, it must not cross itself",
    ],
    [
      "a name with a control character",
      'no_go: {areas: [{name: "a\\u001b[2J", polygon_m: [[0,0],[1,0],[0,1]]}]}',
      "2:24 no_go.areas[0].name: is a text of length 5, must be 1 to 64 printable characters",
    ],
    [
      "a far corner",
      "no_go: {areas: [{name: a, polygon_m: [[0,0],[1e6,0],[0,1]]}]}",
      "2:46 no_go.areas[0].polygon_m[1][0]: is too large, must be a number from -100000 to 100000 (metres)",
    ],
    [
      "a negative growth",
      "no_go: {dilate_m: -0.1}",
      "2:19 no_go.dilate_m: is too small, must be a number from 0 to 100 (metres)",
    ],
    [
      "an unknown padding",
      "padding: none",
      "2:10 padding: is a text of length 4, must be one of classes, power_of_two, padme",
    ],
    ["a duplicate key", "level: map\nlevel: full", "3:1 policy: names a key twice, keep one"],
    ["an unknown tag", "level: !x map", "2:8 policy: is not valid YAML (tag resolve failed)"],
    ["a second document", "---\nversion: 1", "2:1 policy: is not valid YAML (multiple docs)"],
    ["a number as key", "1: 2", "2:1 policy: has a key that is not a plain name"],
    [
      "an unknown alias",
      "level: *x",
      "1:1 policy: uses aliases (*name) that are unknown or make over 100 copies",
    ],
  ];
  test.each(cases)("%s", (_, body, line) => {
    expect(faults(body)).toEqual([`p.yaml:${line}`]);
  });

  test("corners beyond the budget of all areas together", () => {
    const ring = (n: number) =>
      Array.from({ length: n }, (_, i) => {
        const angle = (2 * Math.PI * i) / n;
        return `[${Math.cos(angle)}, ${Math.sin(angle)}]`;
      }).join();
    const area = `- {name: a, polygon_m: [${ring(342)}]}\n`;
    expect(faults(`no_go:\n  areas:\n${`    ${area}`.repeat(3)}`)).toEqual([
      "p.yaml:4:5 no_go.areas: have 1026 corners together, must have at most 1024",
    ]);
    expect(
      parsePolicy(`version: 1\nno_go:\n  areas:\n${`    ${area}`.repeat(2)}`, "p").no_go.areas,
    ).toHaveLength(2);
  });

  test("a missing or wrong version and a file that is no mapping", () => {
    const version = "must be 1, the version of this file format";
    expect(configError(() => parsePolicy("{}", "p"))).toBe(`p:1:1 version: is missing, ${version}`);
    expect(configError(() => parsePolicy("version: 2", "p"))).toBe(
      `p:1:10 version: is a number, ${version}`,
    );
    const mapping = `must be a mapping with ${NAMES}`;
    expect(configError(() => parsePolicy("", "p"))).toBe(`p:1:1 policy: is empty, ${mapping}`);
    expect(configError(() => parsePolicy("- a", "p"))).toBe(
      `p:1:1 policy: is a list of 1, ${mapping}`,
    );
  });

  test("all faults come in one error, in the order of the file", () => {
    const lines = faults("padding: x\npose: keep\nkeep:\n  strings: [a, b]\nleaf_m: 0\n");
    expect(lines.map((line) => line.split(" ")[0])).toEqual([
      "p.yaml:2:10",
      "p.yaml:3:7",
      "p.yaml:5:13",
      "p.yaml:5:16",
      "p.yaml:6:9",
    ]);
  });

  test("details carry the file, line and field of the first fault", () => {
    const run = () => parsePolicy("version: 1\nleaf_m: 0", "p.yaml");
    expect(run).toThrow(
      expect.objectContaining({ details: { file: "p.yaml", line: 2, field: "leaf_m" } }),
    );
  });
});

describe("hostile text is refused quickly", () => {
  const cases: [what: string, text: string, line: string][] = [
    ["deep dashes", "- ".repeat(100_000), "1:9 policy: is nested too deeply"],
    ["deep brackets", "[".repeat(200_000), "1:17 policy: is nested too deeply"],
    ["deep braces", `a:\n${"{".repeat(200_000)}`, "2:17 policy: is nested too deeply"],
    ["question mark keys", "? ".repeat(100_000), "1:1 policy: uses a ? key, must use plain keys"],
    ["deep indentation", `a:\n${" ".repeat(65)}b:\n`, "2:1 policy: is nested too deeply"],
  ];
  test.each(cases)("%s", (_, text, line) => {
    expect(configError(() => parsePolicy(text, "p"))).toBe(`p:${line}`);
  });

  test("brackets that are closed on the way down do not hide how deep it goes", () => {
    const message = configError(() => parsePolicy(`a: ${"[[],".repeat(20)}`, "p"));
    expect(message).toMatch(/is nested too deeply$/);
  });

  test("an alias bomb", () => {
    const levels = "abcdefgh".split("").map((name, i, all) => {
      const items =
        i === 0
          ? "x"
          : Array(9)
              .fill(`*${all[i - 1]}`)
              .join();
      return `${name}: &${name} [${items}]`;
    });
    const message = configError(() => parsePolicy(levels.join("\n"), "p"));
    expect(message).toBe(
      "p:1:1 policy: uses aliases (*name) that are unknown or make over 100 copies",
    );
  });

  test("thousands of faults are cut to fifty", () => {
    const text = Array.from({ length: 5_000 }, (_, i) => `k${i}: 1`).join("\n");
    const lines = configError(() => parsePolicy(text, "p")).split("\n");
    expect(lines).toHaveLength(51);
    expect(lines[50]).toBe("p: there are more problems than these");
  });

  test("a text over 256 KiB, counted in bytes", () => {
    const fits = `version: 1\n#${"é".repeat((POLICY_FILE_BYTES_MAX - 12) / 2)}`;
    expect(Buffer.byteLength(fits)).toBe(POLICY_FILE_BYTES_MAX);
    expect(parsePolicy(fits, "p").level).toBe("frames");
    expect(configError(() => parsePolicy(`${fits}x`, "p"))).toBe(
      "p:1:1 policy: is longer than 256 KiB, that is not a policy file",
    );
  });
});

describe("loading a file", () => {
  test("a file that cannot be read is an IO error that names it", async () => {
    await expect(loadPolicy("/nonexistent/p.yaml")).rejects.toMatchObject({
      code: "IO",
      message:
        "/nonexistent/p.yaml: cannot read, there is no such file or folder; check the path (ENOENT).",
    });
    await expect(loadPolicy(tmpdir())).rejects.toMatchObject({ code: "IO" });
  });

  test("a file that is too long or not UTF-8 is refused", async () => {
    const path = join(await mkdtemp(join(tmpdir(), "policy-")), "p.yaml");
    await writeFile(path, `version: 1\n#${"x".repeat(POLICY_FILE_BYTES_MAX)}`);
    await expect(loadPolicy(path)).rejects.toMatchObject({ code: "CONFIG", message: /256 KiB/ });
    await writeFile(path, Buffer.from([0x76, 0xff]));
    await expect(loadPolicy(path)).rejects.toMatchObject({
      code: "CONFIG",
      message: `${path}:1:1 policy: is not UTF-8 text`,
    });
  });
});
