/** Strings that a policy lets pass leave without the values in them; names of rooms do not leave at all. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { MetadataField } from "../../host/core/frame.ts";
import { openPlan } from "../../host/formats/index.ts";
import { openVeil } from "../../host/veil/open.ts";
import { PassingStrings } from "../../host/veil/passing-strings.ts";
import { PlanSealer } from "../../host/veil/plan-sealer.ts";
import { temporaryFolder, VALETUDO_Z10, writeInput } from "../formats/samples.ts";
import { emptyRoom } from "../plan/support.ts";
import { knownMap, levelPose, scanOf } from "./maps.ts";
import { frameOf, policyOf, RECIPIENT, sanitizerOf, seededRandom } from "./support.ts";

const STRINGS = ["label", "topic", "frame_id", "sensor_model"] as const;
const KEEP = `keep: {strings: [${STRINGS.join(", ")}]}`;

/** What people and robots put into such strings, and what of it must not leave. */
const PLANTED: readonly (readonly [given: string, secret: string, left: string])[] = [
  ["home of 00:1b:44:11:3a:b7", "00:1b:44:11:3a:b7", "home of [mac]"],
  ["/robot_00417a/points", "00417a", "/robot_[serial]/points"],
  ["os-992101000280.local", "992101000280", "[host]"],
  ["OS1-64 sn=122150000150", "122150000150", "OS1-64 sn=[serial]"],
  ["call 13800138000", "13800138000", "call [phone]"],
  ["Wi-Fi密码：hunter2a", "hunter2a", "Wi-Fi密码：[secret]"],
  ["１９２．１６８．１．１７", "１９２．１６８．１．１７", "[ip]"],
  ["imei:490154203237518", "490154203237518", "imei:[imei]"],
];

const metadataOf = (value: string): MetadataField[] => STRINGS.map((name) => ({ name, value }));
const expected = (left: string) => Object.fromEntries(STRINGS.map((name) => [name, left]));
const asciiOnly = (left: string) => /^[\x20-\x7e]*$/.test(left);

/** The strings of an artefact, none of which has the secret in it. */
async function stringsOf(veil: Uint8Array, secret: string): Promise<Record<string, string>> {
  const [tile] = await openVeil(veil, RECIPIENT);
  expect(JSON.stringify(tile!.strings)).not.toContain(secret);
  const { linkage: _, ...strings } = tile!.strings;
  return strings;
}

test("of frames, whatever the policy names", async () => {
  const sanitizer = await sanitizerOf({ policy: policyOf(KEEP) });
  for (const [given, secret, left] of PLANTED) {
    const { veil, report } = sanitizer.sanitize(frameOf(1, { metadata: metadataOf(given) }));
    const strings = await stringsOf(veil, secret);
    if (asciiOnly(left)) expect(strings).toEqual(expected(left));
    expect(Object.values(report.redacted)).toEqual([STRINGS.length]);
  }
  const harmless = frameOf(1, { metadata: metadataOf("Upstairs 2") });
  const { veil, report } = sanitizer.sanitize(harmless);
  expect(await stringsOf(veil, "nothing")).toEqual(expected("Upstairs 2"));
  expect(report.redacted).toEqual({});
});

test("of maps and of plans", async () => {
  const ring = Array.from({ length: 120 }, (_, i) => {
    const angle = (i * 2 * Math.PI) / 120;
    return [2 * Math.cos(angle), 2 * Math.sin(angle), 0];
  }).flat();
  const yaml = `level: map\nmap: {hold_back: 0s}\n${KEEP}`;
  const { maker } = await knownMap(yaml);
  const sealer = new PlanSealer({
    ...{ policy: policyOf(KEEP), recipient: RECIPIENT.publicKey, random: seededRandom(3) },
  });
  for (const [given, secret, left] of PLANTED) {
    maker.begin({ policy: policyOf(yaml) });
    for (let i = 1n; i <= 5n; i++) {
      const scan = scanOf(ring, i * 100_000_000n, levelPose(0, 0, 0.5));
      maker.add({ ...scan, metadata: metadataOf(given) });
    }
    const map = maker.release()!;
    const plan = emptyRoom(60, 60, { metadata: metadataOf(given) });
    const sealed = sealer.seal(plan, { plan: true, path: false }).plan!;
    for (const { veil, report } of [map, sealed]) {
      const strings = await stringsOf(veil, secret);
      if (asciiOnly(left)) expect(strings).toEqual(expected(left));
      expect(Object.values(report.redacted)).toEqual([STRINGS.length]);
    }
  }
});

test("names of rooms are types before a plan is in memory, and nothing else of them leaves", async () => {
  const names = ["Anna's kitchen", "王小明的卧室", "bath 13800138000", "hunter2a"];
  const map = JSON.parse(readFileSync(VALETUDO_Z10, "utf8"));
  let named = 0;
  for (const { type, metaData } of map.layers) {
    if (type === "segment") metaData.name = names[named++ % names.length];
  }
  expect(named).toBeGreaterThanOrEqual(names.length);
  const path = writeInput(temporaryFolder(), "canaries.json", JSON.stringify(map));
  const plan = await openPlan(path, { reads: STRINGS });
  expect(plan.rooms.slice(0, 4).map(({ type }) => type)).toEqual([
    ...["kitchen", "bedroom", "bathroom", "other"],
  ]);
  const inMemory = JSON.stringify(plan, (_, value) => (ArrayBuffer.isView(value) ? null : value));
  const policy = policyOf(`plan: {rooms: types}\n${KEEP}`);
  const sealer = new PlanSealer({ policy, recipient: RECIPIENT.publicKey });
  const { plan: sealed } = sealer.seal(plan, { plan: true, path: false });
  const [tile] = await openVeil(sealed!.veil, RECIPIENT);
  const out = JSON.stringify([tile!.strings, sealed!.report]);
  for (const canary of ["Anna", "王小明", "13800138000", "hunter2a"]) {
    expect(inMemory).not.toContain(canary);
    expect(out).not.toContain(canary);
  }
});

test("strings without values are handed on as they are, and cost no list", () => {
  const strings = new PassingStrings();
  const metadata = metadataOf("Upstairs 2");
  for (let i = 0; i < 3; i++) {
    expect(strings.redact(metadata, STRINGS).metadata).toBe(metadata);
  }
  // What the policy does not name never reaches the core's output, and is not looked at.
  const secret = metadataOf("aa:bb:cc:dd:ee:ff");
  expect(strings.redact(secret, []).metadata).toBe(secret);
  expect(strings.redact(secret, ["label"]).redacted).toEqual({ mac: 1 });
});
