/**
 * Every bundled recording and one of every built format, cut at seeded offsets and with seeded bytes
 * changed: reading gives frames that the core can take, or a MapveilError, and soon.
 */
import { readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { pcd, ply, XYZI } from "./clouds.ts";
import { attemptFrames, changedBytes, generator } from "./fuzz-support.ts";
import { lz4Frame, zstdFrame } from "./packers.ts";
import { bag, mcap, pointCloud2, stampedPose } from "./ros-builders.ts";
import {
  AT128,
  DATA,
  OS0,
  OS1,
  RAW_BAG,
  SAME_PORTS,
  temporaryFolder,
  VLP16,
  writeInput,
  XT32,
} from "./samples.ts";

const CUTS = 60;
const MUTATIONS = 300;
const folder = temporaryFolder();

const attempt = (name: string, content: Uint8Array, metadataPath?: string) =>
  attemptFrames(writeInput(folder, name, content), metadataPath);

const rows = Array.from({ length: 60 }, (_, i) => [i, -i / 2, i / 7, i % 3]);
const built = new Map<string, Buffer>();
const BUILT = ["pcd", "pcd", "ply", "ply", "ply", "mcap", "mcap", "mcap", "bag", "bag"].map(
  (extension, i) => `built${i}.${extension}`,
);

beforeAll(async () => {
  const timeNs = 1_700_000_000_000_000_000n;
  const messages = (encoding: "cdr" | "ros1") => {
    const data = pointCloud2(XYZI, rows, { encoding, stampNs: timeNs });
    const pose = stampedPose(timeNs, [1, 2, 3, 0, 0, 0, 1], encoding);
    return [
      { topic: "/points", type: "sensor_msgs/PointCloud2", timeNs, data },
      { topic: "/pose", type: "geometry_msgs/PoseStamped", timeNs, data: pose },
      { topic: "/points", type: "sensor_msgs/PointCloud2", timeNs: timeNs + 1n, data },
    ];
  };
  const lz4 = { name: "lz4", compress: lz4Frame };
  const contents = [
    pcd(XYZI, rows, "ascii"),
    pcd(XYZI, rows, "binary_compressed"),
    ply(XYZI, rows, "ascii"),
    ply(XYZI, rows, "binary_little_endian"),
    ply(XYZI, rows, "binary_big_endian"),
    await mcap(messages("cdr")),
    await mcap(messages("cdr"), { compression: lz4 }),
    await mcap(messages("cdr"), { compression: { name: "zstd", compress: zstdFrame } }),
    bag(messages("ros1")),
    bag(messages("ros1"), { compression: { name: "lz4", compress: (b) => lz4Frame(b) } }),
  ];
  for (const [i, name] of BUILT.entries()) built.set(name, contents[i]!);
});

const OUSTER = join(DATA, "ouster");
const RECORDED: [string, string | undefined][] = [
  [AT128, undefined],
  [VLP16, undefined],
  [XT32, undefined],
  [RAW_BAG, undefined],
  [OS0, OS0.replace(".pcap", ".json")],
  [OS1, join(OUSTER, "OS-1-128_v2.3.0_1024x10.json")],
  [SAME_PORTS, join(OUSTER, "same_ports.1.json")],
  [SAME_PORTS, join(OUSTER, "same_ports.2.json")],
];

const inputs: [string, () => Buffer, string | undefined][] = [
  ...RECORDED.map(([path, json]): [string, () => Buffer, string | undefined] => [
    basename(path),
    () => readFileSync(path),
    json,
  ]),
  ...BUILT.map((name): [string, () => Buffer, string | undefined] => [
    name,
    () => built.get(name)!,
    undefined,
  ]),
];

describe.each(inputs)("%s", (name, load, metadataPath) => {
  it("is read when whole", async () => {
    expect(await attempt(name, load(), metadataPath)).toBe("read");
  });

  it(`gives frames or an error when cut at ${CUTS} offsets`, { timeout: 120_000 }, async () => {
    const content = load();
    const random = generator(content.length);
    for (let i = 0; i < CUTS; i++) {
      // Half of the cuts fall into the first kilobyte, where the headers are.
      const reach = i % 2 === 0 ? content.length : Math.min(1024, content.length);
      const end = Math.floor(random() * reach);
      const outcome = await attempt(name, content.subarray(0, end), metadataPath);
      expect(["read", "BAD_INPUT"]).toContain(outcome);
    }
  });

  it(`gives frames or an error after ${MUTATIONS} changes`, { timeout: 120_000 }, async () => {
    const content = load();
    const random = generator(content.length + 1);
    for (let i = 0; i < MUTATIONS; i++) {
      // Large recordings are cut after their first frames: what matters stands in front.
      const copy = changedBytes(content.subarray(0, 200_000), random);
      const outcome = await attempt(name, copy, metadataPath);
      expect(["read", "BAD_INPUT", "TOO_LARGE"]).toContain(outcome);
    }
  });
});

describe("garbage", () => {
  const magic: Readonly<Record<string, string>> = {
    pcd: "# .PCD v0.7\n",
    ply: "ply\n",
    bin: "",
    mcap: "\x89MCAP0\r\n",
    bag: "#ROSBAG V2.0\n",
    pcap: "\xd4\xc3\xb2\xa1",
  };
  it.each(Object.keys(magic))(
    "behind the magic of .%s ends in an error or frames",
    async (kind) => {
      const random = generator(7);
      for (let i = 0; i < 200; i++) {
        const noise = Buffer.from(Array.from({ length: 3000 }, () => Math.floor(random() * 256)));
        const content = Buffer.concat([Buffer.from(magic[kind]!, "latin1"), noise]);
        await attempt(`noise.${kind}`, content, RECORDED[5]![1]);
      }
    },
  );
});
