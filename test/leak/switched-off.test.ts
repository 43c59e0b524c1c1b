/**
 * Every stripping rule is needed: with one line of it changed, the same search finds what the rule
 * keeps back. So the search is no formality, and no rule is.
 */
import { describe, expect, test } from "vitest";
import * as abi from "../../assembly/abi.ts";
import type { Identifier } from "../../host/canary/identifier.ts";
import { recordHaystacks } from "../../host/canary/records.ts";
import { type Hit, searchLeaks } from "../../host/canary/search.ts";
import { Seeded } from "../core/clouds.ts";
import { type Change, compileCore } from "../core/compile.ts";
import {
  bytesOf,
  type FrameSettings,
  type PolicySettings,
  RawCore,
  XYZ,
} from "../core/raw-core.ts";

/** Compiled without optimisation: the rules are the same, the compiler is faster. */
const FAST = ["--optimizeLevel", "0"];

const STAMP_NS = 1_679_653_308_704_927_652n;
/** In cells of a metre, the lowest point is at a corner of the octree: the header shows it as it is. */
const POSE = {
  translation: [431_236.25, -512_343.75, 3],
  quaternion: [0, 0, 0, 1],
} as const;
const STRINGS = [abi.META_FRAME_ID, abi.META_TOPIC, abi.META_SENSOR_MODEL, abi.META_LABEL];
const EVERY_STRING = STRINGS.reduce((bits, id) => bits | (1n << BigInt(id)), 0n);

const serialOf = (id: number) => `SN-${id}-9921370${id + 10}`;

/** One value for every field there is, and the robot's time and place. */
const IDENTIFIERS: readonly Identifier[] = [
  ...Array.from({ length: abi.META_COUNT }, (_, id) => ({
    name: `field ${id}`,
    value: serialOf(id),
  })),
  { name: "long text", value: "122201000998" },
  { name: "control characters", value: "rack\t07\tslot\t12" },
  { name: "repeated label", value: "second-label-2" },
  { name: "old plaintext", value: "yesterday's map" },
  { name: "time", value: STAMP_NS },
  { name: "place", value: 431_236n },
  { name: "place", value: -512_344n },
];

interface Scene {
  readonly policy: PolicySettings;
  readonly frame?: FrameSettings;
  readonly metadata?: readonly (readonly [id: number, value: string])[];
}

/** Every field but the host's own words of how well a release can be linked, which are meant to pass. */
const ALL_FIELDS = Array.from(
  { length: abi.META_COUNT },
  (_, id) => [id, serialOf(id)] as const,
).filter(([id]) => id !== abi.META_LINKAGE);
const FRAME = { pose: POSE, stampNs: STAMP_NS };

/** What a robot with everything to hide hands to the core. */
const SCENES: Readonly<Record<string, Scene>> = {
  default: { policy: { leaf: 1 }, frame: FRAME, metadata: ALL_FIELDS },
  session: { policy: { leaf: 1, pose: abi.POSE_SESSION }, frame: FRAME, metadata: ALL_FIELDS },
  "coarse time": { policy: { leaf: 1, timeNs: 3_600_000_000_000n }, frame: FRAME },
  "unruly strings": {
    policy: { leaf: 1, fields: EVERY_STRING },
    metadata: [
      [abi.META_TOPIC, `${"x".repeat(80)}122201000998`],
      [abi.META_FRAME_ID, "rack\t07\tslot\t12"],
      [abi.META_LABEL, "fine"],
      [abi.META_LABEL, "second-label-2"],
    ],
  },
};

function records(fields: Scene["metadata"] = []): Uint8Array {
  return Buffer.concat(
    fields.flatMap(([id, value]) => [
      new Uint8Array(Uint16Array.of(id, Buffer.byteLength(value)).buffer),
      Buffer.from(value),
    ]),
  );
}

/** Runs a scene and searches its record, header and padding included. */
function leaksOf(core: RawCore, { policy, frame = {}, metadata }: Scene): Hit[] {
  const plain = core.region(abi.REGION_PLAIN);
  for (let at = 1000; at < 4000; at += 100) plain.set(Buffer.from("yesterday's map"), at);
  core.beginSession([531.25, -77.5, 12], [0.3, 0.8]);
  const points = bytesOf([0.1, 0.1, 0.1, 2.1, 0.2, 0.3, 5.5, 3.5, 1.5]);
  const record = core.tileOf(points, policy, XYZ, frame, records(metadata));
  return searchLeaks(IDENTIFIERS, recordHaystacks("record", record));
}

const METADATA = "assembly/strip/metadata.ts";
const TEXT = "assembly/strip/text.ts";
const POSE_FILE = "assembly/strip/pose.ts";

/** A rule that is switched off, the scene in which that shows, and what is then found. */
const RULES: readonly (readonly [string, string, readonly Change[], readonly string[]])[] = [
  [
    "the policy's list of strings",
    "default",
    [
      {
        file: METADATA,
        from: "return (((load<u64>(POLICY_PTR, POLICY_FIELDS) & PASSABLE) >> <u64>id) & 1) != 0;",
        to: "return true;",
      },
    ],
    STRINGS.map((id) => `field ${id}`),
  ],
  [
    "the fields that never pass",
    "default",
    [
      {
        file: METADATA,
        from: "if (id >= <u32>META_NEVER) return false;",
        to: "if (id >= <u32>META_NEVER) return true;",
      },
    ],
    [abi.META_SERIAL_NUMBER, abi.META_MAC_ADDRESS, abi.META_FILE_NAME].map((id) => `field ${id}`),
  ],
  [
    "the length of strings",
    "unruly strings",
    [{ file: METADATA, from: "bytes <= <u32>META_STRING_MAX", to: "bytes <= 1000" }],
    ["long text"],
  ],
  [
    "control characters",
    "unruly strings",
    [{ file: TEXT, from: "first >= 0x20 &&", to: "first >= 0x01 &&" }],
    ["control characters"],
  ],
  [
    "each field once",
    "unruly strings",
    [{ file: METADATA, from: "passes(id) && !repeated &&", to: "passes(id) &&" }],
    ["repeated label"],
  ],
  [
    "dropping the time",
    "default",
    [
      {
        file: METADATA,
        from: "const granularity = load<u64>(POLICY_PTR, POLICY_TIME_NS);",
        to: "const granularity = max<u64>(1, load<u64>(POLICY_PTR, POLICY_TIME_NS));",
      },
    ],
    ["time"],
  ],
  [
    "flooring the time",
    "coarse time",
    [
      {
        file: "assembly/strip/time.ts",
        from: "return stampNs - rest;",
        to: "return stampNs;",
      },
    ],
    ["time"],
  ],
  [
    "dropping the pose",
    "default",
    [{ file: POSE_FILE, from: "if (mode == POSE_DROP) return 0;", to: "" }],
    ["place"],
  ],
  [
    "re-basing the pose",
    "session",
    [
      {
        file: POSE_FILE,
        from: "multiply(SCRATCH, FIRST_INVERSE, POSE);\n    multiply(POSE, SECRET, SCRATCH);",
        to: "",
      },
    ],
    ["place"],
  ],
  [
    "zeros as padding",
    "default",
    [
      {
        file: "assembly/tile/encode.ts",
        from: "memory.fill(PLAIN_PTR + bytes, 0, padded - bytes);",
        to: "",
      },
    ],
    ["old plaintext"],
  ],
];

describe("the rules as they are", () => {
  test.each(Object.keys(SCENES))("nothing leaks in the scene: %s", async (scene) => {
    for (const build of ["baseline", "simd"] as const) {
      expect(leaksOf(RawCore.load(build), SCENES[scene]!)).toEqual([]);
    }
  });

  test("an unoptimised core gives what the optimised one gives", async () => {
    const plain = RawCore.of(await compileCore("baseline", FAST));
    const points = bytesOf(Array.from(new Seeded(1301).bytes(3000), (byte) => byte / 10));
    const policy = { leaf: 0.5, point: abi.POINT_CENTROID };
    const tile = RawCore.load("baseline").tileOf(points, policy);
    expect(Buffer.compare(plain.tileOf(points, policy), tile)).toBe(0);
  });

  test("a policy that names more than the four strings does not even begin", () => {
    const core = RawCore.load("simd");
    const status = core.voxelise(bytesOf([1, 1, 1]), { fields: 2n ** 64n - 1n });
    expect(status).toBe(abi.E_ARG);
  });
});

describe("one rule switched off", () => {
  test.each(RULES)("without %s there is a leak", async (_, scene, changes, found) => {
    const core = RawCore.of(await compileCore("baseline", FAST, changes));
    const names = new Set(leaksOf(core, SCENES[scene]!).map(({ identifier }) => identifier));
    expect([...names]).toEqual(expect.arrayContaining([...found]));
  });

  test("without every list of fields, a policy that names all lets all pass", async () => {
    const all = { file: METADATA, from: "& ~PASSABLE ? E_ARG : 0;", to: "== 12345 ? E_ARG : 0;" };
    const never = {
      file: METADATA,
      from: "if (id >= <u32>META_NEVER) return false;",
      to: "",
    };
    const mask = {
      file: METADATA,
      from: "return (((load<u64>(POLICY_PTR, POLICY_FIELDS) & PASSABLE)",
      to: "return ((load<u64>(POLICY_PTR, POLICY_FIELDS)",
    };
    const greedy: Scene = { policy: { fields: 2n ** 64n - 1n }, metadata: ALL_FIELDS };
    const core = RawCore.of(await compileCore("baseline", FAST, [all, never, mask]));
    const names = new Set(leaksOf(core, greedy).map(({ identifier }) => identifier));
    for (const [id] of ALL_FIELDS) expect(names).toContain(`field ${id}`);
    // Two of the three lists suffice to hold every field back.
    const guarded = RawCore.of(await compileCore("baseline", FAST, [all, never]));
    const left = new Set(leaksOf(guarded, greedy).map(({ identifier }) => identifier));
    expect([...left].sort()).toEqual(STRINGS.map((id) => `field ${id}`).sort());
  });
});
