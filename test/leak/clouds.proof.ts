/**
 * Surveyed clouds and recordings whose other messages tell of a robot and its people: nothing of that is
 * found in what `mapveil sanitize` writes and says, nor in the memory of who reads them unasked.
 */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import sodium from "libsodium-wrappers";
import { beforeAll, describe, expect, test } from "vitest";
import { recordHaystacks, recordsOf } from "../../host/canary/records.ts";
import { type Haystack, needlesOf, searchLeaks } from "../../host/canary/search.ts";
import { readSecretKey } from "../../host/keys/index.ts";
import { openVeil } from "../../host/veil/open.ts";
import { run } from "../cli/support.ts";
import { XYZI } from "../formats/clouds.ts";
import { resealPages } from "../formats/e57-builders.ts";
import { attemptFrames, changedBytes, generator } from "../formats/fuzz-support.ts";
import { laz } from "../formats/laz-builder.ts";
import { bag, type Encoding, mcap, pointCloud2 } from "../formats/ros-builders.ts";
import { identityMessages, START } from "../formats/ros-identity-messages.ts";
import { DATA, RAW_BAG, readAll, temporaryFolder, writeInput } from "../formats/samples.ts";
import { identifiersOf, tileHaystacks } from "./recordings.ts";
import { builtE57, builtLas, E57_KNOWN, LAS_KNOWN, roomOf } from "./surveyed-clouds.ts";

const folder = temporaryFolder();

interface Input {
  readonly path: string;
  readonly known: readonly string[];
  readonly options: readonly string[];
}

const ROS_KNOWN = [
  ...["48.1371540, 11.5761240", "H0815-4711", "SN-99-1234", "BAT-553311", "/dev/ttyACM7"],
  ...["lidar of anna", "anna-laptop.local", "Camera of Anna", "/home/anna/ws/src/driver.cpp"],
];

async function builtRecording(encoding: Encoding): Promise<Buffer> {
  const rows = roomOf(4000).map((place, i) => [...place.map((mm) => mm / 1000), i % 256]);
  const cloud = {
    topic: "/lidar_of_anna/points",
    type: "sensor_msgs/PointCloud2",
    timeNs: START,
    data: pointCloud2(XYZI, rows, { encoding, stampNs: START, frameId: "lidar_of_anna" }),
  };
  const messages = [...identityMessages(encoding), cloud];
  return encoding === "ros1" ? bag(messages) : mcap(messages);
}

let inputs: readonly Input[] = [];

beforeAll(async () => {
  await sodium.ready;
  await run(folder, "keygen", "-o", "home.key");
  const ros = { known: ROS_KNOWN, options: ["--pose-topic", "none"] };
  inputs = [
    {
      path: join(DATA, "guardian/diagnostics_first.mcap"),
      known: ["H1312769", "H1316887", "NTXGEN"],
      options: [],
    },
    { path: writeInput(folder, "anna.e57", builtE57()), known: E57_KNOWN, options: [] },
    { path: writeInput(folder, "anna.laz", laz(builtLas(0))), known: LAS_KNOWN, options: [] },
    { path: writeInput(folder, "anna.las", builtLas(6)), known: LAS_KNOWN, options: [] },
    { path: writeInput(folder, "anna.mcap", await builtRecording("cdr")), ...ros },
    { path: writeInput(folder, "anna.bag", await builtRecording("ros1")), ...ros },
  ];
});

/** The artefact, all that it opens to, and what the command said. */
async function haystacksOf(veilPath: string, said: string): Promise<Haystack[]> {
  const key = await readSecretKey(join(folder, "home.key"));
  const veil = readFileSync(veilPath);
  const haystacks: Haystack[] = [
    { name: "artefact", bytes: veil, isCiphertext: true },
    { name: "what it said", bytes: Buffer.from(said) },
  ];
  for (const [i, record] of recordsOf(veil, key).entries()) {
    haystacks.push(...recordHaystacks(`frame ${i}`, record));
  }
  for (const [i, tile] of (await openVeil(veil, key)).entries()) {
    expect(tile.voxels).toBeGreaterThan(10);
    haystacks.push(...(await tileHaystacks(`frame ${i}`, tile)));
  }
  return haystacks;
}

describe("surveyed clouds and recordings with other messages", () => {
  test.each([
    ["the built-in one", "level: frames"],
    ["one that keeps intensities", "level: frames\nkeep: { attributes: { intensity: 8 } }"],
  ])("leave none of it in what is sealed and said, under a policy: %s", async (_, yaml) => {
    writeInput(folder, "policy.yaml", `version: 1\n${yaml}\n`);
    for (const { path, known, options } of inputs) {
      const frames = await readAll(path, path.endsWith(".las") ? {} : { poseTopic: "none" });
      const told = frames.flatMap(({ metadata }) => metadata.map(({ value }) => value)).join("\n");
      for (const value of known) expect(told).toContain(value);
      // The path of the input is what the caller typed.
      const identifiers = identifiersOf({ name: path, path, known }, frames).filter(
        ({ name }) => !/^file.name$/.test(name),
      );
      const searched = identifiers.filter(({ value }) => needlesOf(value).length > 0);
      expect(searched.length).toBeGreaterThan(10);
      const ran = await run(
        folder,
        ...["sanitize", path, "-o", "out.veil", "--to", "home.key.pub", "--policy", "policy.yaml"],
        ...["--force", "--json", ...options],
      );
      expect(ran).toMatchObject({ exit: 0, err: "" });
      const haystacks = await haystacksOf(join(folder, "out.veil"), ran.out);
      if (/\.(?:las|laz|e57)$/.test(path)) {
        const map = ["map", path, "-o", "map.veil", "--to", "home.key.pub", "--in-map-frame"];
        const refused = await run(folder, ...map, "--json");
        expect(refused.exit).toBe(2);
        haystacks.push({ name: "what map said", bytes: Buffer.from(refused.out + refused.err) });
      }
      expect(searchLeaks(searched, haystacks), path).toEqual([]);
      const isFound = searchLeaks(searched, [{ name: path, bytes: readFileSync(path) }]);
      expect(isFound.length).toBeGreaterThan(2);
    }
  });

  test("leave no value in the memory of who reads them unasked", () => {
    const script = fileURLToPath(new URL("read-and-dump.ts", import.meta.url));
    const ouster = { path: RAW_BAG, known: ["840-102144-D", "169.254.29.215"] };
    // The last one is where a text would be remembered that was matched last.
    const read = [ouster, ...inputs];
    const dumpOf = (reads: string) => {
      const out = join(folder, `${reads}.heapsnapshot`);
      const paths = read.map(({ path }) => path);
      const argv = ["--import", "tsx", script, reads, out, ...paths];
      expect(spawnSync(process.execPath, argv).stderr.toString()).toBe("");
      return readFileSync(out, "utf8");
    };
    // A snapshot is JSON.
    const known = read.flatMap((one) =>
      one.known.map((value) => JSON.stringify(value).slice(1, -1)),
    );
    const [all, none] = [dumpOf("all"), dumpOf("none")];
    expect(known.filter((value) => !all.includes(value))).toEqual([]);
    expect(known.filter((value) => none.includes(value))).toEqual([]);
  });
});

test("LAS, LAZ and E57 with damage give frames or an error that names the file, soon", async () => {
  const random = generator(1502);
  const plain = builtLas(0);
  const sources = [
    { name: "built.las", content: builtLas(6), changes: 270 },
    { name: "narrow.las", content: plain, changes: 120 },
    { name: "built.laz", content: laz(plain), changes: 60 },
    { name: "chunks.laz", content: laz(plain, 500), changes: 60 },
    { name: "built.e57", content: builtE57(), changes: 300 },
  ];
  for (const { name, content, changes } of sources) {
    const outcomes = new Map<string, number>();
    for (let i = 0; i < changes; i++) {
      const isCut = i % 4 === 0;
      const damaged: Buffer = isCut
        ? content.subarray(0, Math.floor(random() * content.length))
        : changedBytes(content.subarray(0, content.length), random);
      // Checksums are made right again, so that damage behind them is met.
      if (name.endsWith("e57") && i % 2 === 1) resealPages(damaged);
      const outcome = await attemptFrames(writeInput(folder, name, damaged));
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    }
    expect(outcomes.get("read")).toBeGreaterThan(5);
    expect(outcomes.get("BAD_INPUT")).toBeGreaterThan(changes / 5);
  }
});
