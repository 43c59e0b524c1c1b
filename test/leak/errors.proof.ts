/**
 * Errors hold no values: inputs of every kind are broken in thousands of ways with canaries in the
 * places of names, ids, times and coordinates, and no error says one of them.
 */
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { basename, dirname, extname, join } from "node:path";
import { gunzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { RECEIVER_STARTER_YAML } from "../../host/cli/receiver-starter.ts";
import { SIDECAR_STARTER_YAML } from "../../host/cli/sidecar-starter.ts";
import { parseSettings } from "../../host/config/parse-settings.ts";
import { MapveilError } from "../../host/core/errors.ts";
import { openFrames, openPlan } from "../../host/formats/index.ts";
import { readOusterMetadata } from "../../host/formats/ouster-metadata.ts";
import { readPoses } from "../../host/formats/poses-file.ts";
import { formatKey, parseKey } from "../../host/keys/key-text.ts";
import { compilePolicy, DEFAULT_POLICY_YAML, parsePolicy } from "../../host/policy/index.ts";
import { RECEIVER_FILE } from "../../host/receiver/config.ts";
import { toRpcError } from "../../host/rpc/index.ts";
import { SIDECAR_FILE } from "../../host/sidecar/config.ts";
import { pcd, ply, XYZI } from "../formats/clouds.ts";
import { resealPages } from "../formats/e57-builders.ts";
import { generator } from "../formats/fuzz-support.ts";
import { laz } from "../formats/laz-builder.ts";
import { packetRecordings } from "../formats/packet-recordings.ts";
import { DATA, temporaryFolder } from "../formats/samples.ts";
import { plantBytes, plantWords, printed, tracesIn } from "./planting.ts";
import { builtE57, builtLas } from "./surveyed-clouds.ts";

const folder = temporaryFolder();
const SIZE_MAX = 600_000;
const TEXTS = new Set([".yaml", ".json", ".clf", ".log", ".txt", ".pgm"]);
/** Files that take long to read are tried less often. */
const TRIES = process.env.MAPVEIL_LONG === "1" ? 300 : 24;
const SETTINGS_TRIES = 400;

interface Sample {
  readonly name: string;
  readonly content: Buffer;
}

/** Canaries go into what is packed, and not over the packing. */
function unpacked(name: string, content: Buffer): Sample {
  return name.endsWith(".gz")
    ? { name: name.slice(0, -".gz".length), content: gunzipSync(content) }
    : { name, content };
}

/** What robots and sensors recorded, and what the builders of the tests make. */
async function samples(): Promise<Sample[]> {
  const files = readdirSync(DATA, { recursive: true })
    .map((name) => join(DATA, String(name)))
    .filter((path) => statSync(path).isFile() && statSync(path).size < SIZE_MAX)
    .filter((path) => !/LICENSE|SOURCES|manifest|wycheproof|metadata\.yaml/.test(path));
  const rows = [
    [1, 2, 3, 4],
    [5, 6, 7, 8],
  ];
  const built: Sample[] = [
    { name: "binary.pcd", content: Buffer.from(pcd(XYZI, rows, "binary")) },
    { name: "ascii.pcd", content: Buffer.from(pcd(XYZI, rows, "ascii")) },
    { name: "ascii.ply", content: Buffer.from(ply(XYZI, rows, "ascii")) },
    { name: "built.las", content: builtLas(6, 300) },
    { name: "built.laz", content: laz(builtLas(0, 300), 100) },
    { name: "built.e57", content: builtE57(300) },
    ...(await packetRecordings()),
  ];
  return [
    ...files.map((path) => unpacked(basename(path), readFileSync(path))),
    ...built.filter(({ content }) => content.length < SIZE_MAX),
  ];
}

/** What the readers of a file's kind say of it. */
async function errorsOf(path: string): Promise<unknown[]> {
  const errors: unknown[] = [];
  const tried = [
    async () => {
      const source = await openFrames(path, { reads: "all" });
      try {
        for await (const frame of source.frames()) void frame.count;
      } finally {
        await source.close();
      }
    },
    () => openPlan(path),
    ...(extname(path) === ".json" ? [() => readOusterMetadata(path, () => {})] : []),
    ...(extname(path) === ".txt" ? [() => readPoses(path)] : []),
  ];
  for (const attempt of tried) await attempt().catch((error: unknown) => errors.push(error));
  return errors;
}

/** Nothing in the error but the path, which the caller gave; nothing of that over gRPC either. */
function expectSilent(error: unknown, path: string): void {
  expect(error).toBeInstanceOf(MapveilError);
  const text = printed(error);
  if (tracesIn(text).length > 0) throw new Error(`the error repeats its input: ${text}`);
  const sent = toRpcError(error);
  expect(printed(sent).split(dirname(path)).join("")).toBe(printed(sent));
  expect(tracesIn(printed(sent))).toEqual([]);
}

describe("errors of readers repeat nothing of", async () => {
  const all = await samples();
  test.each(all.map((sample) => [sample.name, sample] as const))("%s", async (name, sample) => {
    const random = generator(name.length * 7919 + sample.content.length);
    const isText = TEXTS.has(extname(name));
    let errors = 0;
    const isSlow = sample.content.length > 100_000 || name.endsWith(".laz");
    const tries = isSlow ? Math.ceil(TRIES / 6) : TRIES;
    for (let i = 0; i < tries; i++) {
      const content = isText
        ? Buffer.from(plantWords(sample.content.toString("latin1"), random), "latin1")
        : plantBytes(sample.content, random);
      // Checksums are made right again, so that what is planted behind them is met.
      if (name.endsWith(".e57") && i % 2 === 1) resealPages(content);
      const path = join(folder, name);
      writeFileSync(path, content);
      for (const error of await errorsOf(path)) {
        expectSilent(error, path);
        errors++;
      }
    }
    expect(errors).toBeGreaterThan(0);
  });
});

const POLICY = DEFAULT_POLICY_YAML;

describe("errors of settings repeat nothing of", () => {
  test.each<[string, string, (text: string) => unknown]>([
    ["a policy", POLICY, (text) => compilePolicy(parsePolicy(text, "p.yaml"))],
    [
      "a policy with areas",
      "version: 1\nlevel: map\ncrop:\n  boxes: [{mode: keep, centre_m: [0, 0, 0], size_m: [1, 1, 1]}]\n" +
        "no_go:\n  areas: [{name: Bad, polygon_m: [[0, 0], [1, 0], [1, 1]]}]\n",
      (text) => compilePolicy(parsePolicy(text, "p.yaml")),
    ],
    ["a sidecar", SIDECAR_STARTER_YAML, (text) => parseSettings(SIDECAR_FILE, text, "s.yaml")],
    ["a receiver", RECEIVER_STARTER_YAML, (text) => parseSettings(RECEIVER_FILE, text, "r.yaml")],
  ])("%s", (_, text, parse) => {
    const plain = text.replaceAll(/^#\s.*\n|^\n/gm, "").replaceAll(/#.*$/gm, "");
    const random = generator(plain.length);
    let errors = 0;
    for (let i = 0; i < SETTINGS_TRIES; i++) {
      try {
        parse(plantWords(plain, random));
      } catch (error) {
        errors++;
        expectSilent(error, "/nowhere/p.yaml");
      }
    }
    expect(errors).toBeGreaterThan(SETTINGS_TRIES / 3);
  });

  test("keys", () => {
    const random = generator(5);
    const line = formatKey("public", new Uint8Array(32).fill(9));
    let errors = 0;
    for (let i = 0; i < SETTINGS_TRIES; i++) {
      const text = plantBytes(Buffer.from(line), random).toString("latin1");
      try {
        parseKey("public", text, "k.pub");
      } catch (error) {
        errors++;
        expectSilent(error, "/nowhere/k.pub");
      }
    }
    expect(errors).toBeGreaterThan(SETTINGS_TRIES / 2);
  });
});

test("a message that repeats its input would be found", () => {
  const leaky = new MapveilError("BAD_INPUT", 'field "KaNaRiE9" is 77314829.375.', {});
  expect(tracesIn(printed(leaky))).toEqual(["kanari", "7731482"]);
  const hex = new MapveilError("BAD_INPUT", "begins with 4b614e61.", {}, new Error("KaNaRiE9"));
  expect(tracesIn(printed(hex))).toEqual(["4b614e61"]);
});
