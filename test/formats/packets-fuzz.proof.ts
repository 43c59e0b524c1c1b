/** Recordings of lidars' packets, cut and changed: frames that the core can take, or a MapveilError. */
import { existsSync, readdirSync, readlinkSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import type { MapveilError } from "../../host/core/errors.ts";
import { attemptFrames, changedBytes, generator } from "./fuzz-support.ts";
import { type PacketRecording, packetRecordings } from "./packet-recordings.ts";
import { readAll, temporaryFolder, writeInput } from "./samples.ts";

const CUTS = 60;
const CHANGES = 300;
const NAMES = [
  "hesai-xt32.pcap",
  "hesai-p40-dual.pcap",
  "hesai-qt128.pcap",
  "pandar-scan.mcap",
  "nebula-packets.mcap",
  "livox-mid360.pcap",
  "livox-avia.pcap",
  "robosense-m1.pcap",
  "livox-custom.mcap",
  "livox-custom.bag",
  "velodyne-vlp16-gps.pcap",
  "velodyne-hdl32.pcap",
  "velodyne-vlp16.db3",
  "velodyne.pcapng",
  "rosbag2.db3",
  "rosbag2-zstd.db3",
];
const folder = temporaryFolder();
const recordings = new Map<string, PacketRecording>();

beforeAll(async () => {
  for (const recording of await packetRecordings()) recordings.set(recording.name, recording);
  expect([...recordings.keys()]).toEqual(NAMES);
});

describe.each(NAMES)("%s", (name) => {
  const attempt = (content: Uint8Array) => {
    const { calibration } = recordings.get(name)!;
    if (calibration !== undefined) {
      writeInput(folder, name.replace(".pcap", ".csv"), calibration);
    }
    return attemptFrames(writeInput(folder, name, content));
  };

  it("is read when whole", async () => {
    expect(await attempt(recordings.get(name)!.content)).toBe("read");
  });

  it(`gives frames or an error when cut at ${CUTS} offsets`, async () => {
    const { content } = recordings.get(name)!;
    const random = generator(content.length);
    for (let i = 0; i < CUTS; i++) {
      const reach = i % 2 === 0 ? content.length : Math.min(1024, content.length);
      const outcome = await attempt(content.subarray(0, Math.floor(random() * reach)));
      expect(["read", "BAD_INPUT"]).toContain(outcome);
    }
  });

  it(`gives frames or an error after ${CHANGES} changes`, async () => {
    const { content } = recordings.get(name)!;
    const random = generator(content.length + 1);
    const outcomes = new Set<string>();
    for (let i = 0; i < CHANGES; i++) outcomes.add(await attempt(changedBytes(content, random)));
    for (const outcome of outcomes) expect(["read", "BAD_INPUT", "TOO_LARGE"]).toContain(outcome);
    expect(outcomes).toContain("read");
  });
});

describe("angle corrections", () => {
  it(`are read or refused after ${CHANGES} changes`, async () => {
    const { content, calibration } = recordings.get("hesai-xt32.pcap")!;
    const random = generator(5);
    const path = writeInput(folder, "angles.pcap", content.subarray(0, 20_000));
    for (let i = 0; i < CHANGES; i++) {
      const changed = changedBytes(Buffer.from(calibration!), random);
      const metadataPath = writeInput(folder, "changed.csv", changed);
      const outcome = await readAll(path, { metadataPath }).then(
        () => "read",
        (error: MapveilError) => error.code,
      );
      expect(["read", "BAD_INPUT"]).toContain(outcome);
    }
  });
});

it.skipIf(!existsSync("/proc/self/fd"))("none of them leaves a file open", () => {
  const open = readdirSync("/proc/self/fd").map((name) => {
    try {
      return readlinkSync(`/proc/self/fd/${name}`);
    } catch {
      return "";
    }
  });
  expect(open.length).toBeGreaterThan(3);
  expect(open.filter((path) => path.startsWith(folder) || path.includes("mapveil-"))).toEqual([]);
});
