/**
 * RoboSense packets against an encoder of its own: every point and stamp, where frames end, what the
 * lidars say of themselves, and which are not read.
 */
import { describe, expect, it } from "vitest";
import { openFrames } from "../../host/formats/index.ts";
import { type CapturedUdp, capture, HOST_MAC, SENSOR_MAC } from "./capture-builder.ts";
import {
  deviceM1,
  deviceRs16,
  packetE1,
  packetM1,
  packetRs16,
  type RobosenseReturn,
} from "./robosense-encoder.ts";
import { mcap, rslidarMessage } from "./ros-builders.ts";
import {
  errorOf,
  metadataOf,
  positionsOf,
  readAll,
  temporaryFolder,
  valuesOf,
  writeInput,
} from "./samples.ts";

const folder = temporaryFolder();
const CLOCK_NS = BigInt(Date.UTC(2024, 4, 17, 8, 30)) * 1_000_000n + 250_000_000n;
const CAPTURED_NS = CLOCK_NS + 5_000_000n;
const SENTENCE = "$GPRMC,083059.00,A,5231.27512,N,01324.19244,E,0.021,,170524,,,A*74";
const FACTS = {
  address: [192, 168, 1, 200],
  host: [192, 168, 1, 102],
  mac: "40a5ef1b2c3d",
  serial: "0a1b2c3d4e5f",
};

const distanceOf = (n: number) => (n % 6 === 5 ? 0 : 400 + 3 * n);
const alongAngles = (from: number, count: number): RobosenseReturn[] =>
  Array.from({ length: count }, (_, i) => ({
    distance: distanceOf(from + i),
    direction: [(from + i) * 7 - 1200, 5900 - (from + i) * 11],
    intensity: (from + i) % 256,
  }));
const alongVectors = (from: number, count: number): RobosenseReturn[] =>
  Array.from({ length: count }, (_, i) => ({
    distance: distanceOf(from + i),
    direction: [30_000 - i, 4 * i - 200, 100 - 2 * (from + i)],
    intensity: (from + i) % 256,
  }));

function pointAt({ distance, direction }: RobosenseReturn): number[] {
  const metres = distance / 200;
  if (direction.length === 3) return direction.map((part) => (part / 32_768) * metres);
  const [pitch, yaw] = direction.map((angle) => (angle / 100 / 180) * Math.PI) as [number, number];
  return [
    metres * Math.cos(pitch) * Math.cos(yaw),
    metres * Math.cos(pitch) * Math.sin(yaw),
    metres * Math.sin(pitch),
  ];
}

type Kind = readonly [string, number, typeof packetM1, typeof alongAngles];
const M1: Kind = ["M1", 125, packetM1, alongAngles];
const E1: Kind = ["E1", 96, packetE1, alongVectors];

/** Two frames of six and five packets, 5 ms apart, and a piece of the third. */
function packetsOf([, count, encode, returnsOf]: Kind, clock = CLOCK_NS) {
  const returns = Array.from({ length: 12 }, (_, n) => returnsOf(n * count, count));
  const packets = returns.map((part, n): CapturedUdp => {
    const payload = encode(
      part,
      n < 6 ? n + 30 : 1 + ((n - 6) % 5),
      clock + BigInt(n) * 5_000_000n,
    );
    return { payload, timeNs: CAPTURED_NS + BigInt(n) * 5_000_000n, port: 6699 };
  });
  return { packets, returns };
}

describe("packets of RoboSense lidars", () => {
  it.each([M1, E1])("of %s give every return at its place", async (...kind) => {
    const [name, count] = kind;
    const { packets, returns } = packetsOf(kind);
    const frames = await readAll(writeInput(folder, `${name}.pcap`, capture(packets)));
    expect(frames.map((frame) => frame.count)).toEqual([6 * count, 6 * count]);
    expect(frames.map(({ stampNs }) => stampNs)).toEqual([CLOCK_NS, CLOCK_NS + 30_000_000n]);
    const expected = returns.flat().map(pointAt);
    const off = frames
      .flatMap((frame) => positionsOf(frame))
      .map((point, i) => Math.max(...point.map((v, a) => Math.abs(v - expected[i]![a]!))));
    expect(off).toHaveLength(expected.length);
    expect(Math.max(...off)).toBeLessThan(2e-6);
    expect(frames.flatMap((frame) => valuesOf(frame, frame.layout.intensity))).toEqual(
      returns.flat().map(({ intensity }) => expect.closeTo(intensity / 255, 9)),
    );
    const last = name === "M1" ? 8 * 24 : 3 * 95;
    const times = valuesOf(frames[0]!, frames[0]!.layout.time);
    expect(times.at(-1)).toBeCloseTo((25_000 + last) / 100_000, 4);
  });

  it("take the capture's time where the lidar's clock was never set, or counts leap seconds", async () => {
    for (const clock of [77_000_000_000n, CLOCK_NS + 37_000_000_000n]) {
      const { packets } = packetsOf(M1, clock);
      const frames = await readAll(writeInput(folder, "unset.pcap", capture(packets)));
      expect(frames[0]!.stampNs).toBe(CAPTURED_NS);
    }
  });

  it("come from messages of the driver as well", async () => {
    const { packets } = packetsOf(M1);
    const direct = await readAll(writeInput(folder, "direct.pcap", capture(packets)));
    const messages = packets.map((packet) => ({
      topic: "/rslidar_packets",
      type: "rslidar_msg/msg/RslidarPacket",
      timeNs: packet.timeNs,
      data: rslidarMessage(packet, "rslidar"),
    }));
    const frames = await readAll(writeInput(folder, "rs.mcap", await mcap(messages)));
    expect(frames.map((f) => positionsOf(f))).toEqual(direct.map((f) => positionsOf(f)));
  });

  it("tell serial number, addresses and place, of which nothing is kept by default", async () => {
    const devices = [deviceM1(FACTS), deviceRs16({ ...FACTS, sentence: SENTENCE })];
    const told = devices.map((payload) => ({ payload, timeNs: CAPTURED_NS, port: 7788 }));
    const path = writeInput(folder, "told.pcap", capture([...told, ...packetsOf(M1).packets]));
    for (const frame of await readAll(path)) {
      expect(metadataOf(frame, "serial_number")).toEqual(["0a1b2c3d4e5f"]);
      const macs = ["40:a5:ef:1b:2c:3d", HOST_MAC, SENSOR_MAC];
      expect(metadataOf(frame, "mac_address").sort()).toEqual(macs.sort());
      const addresses = ["192.168.1.200", "192.168.1.102", "10.73.19.201", "10.73.19.44"];
      expect(metadataOf(frame, "ip_address")).toEqual(addresses);
      expect(metadataOf(frame, "firmware")).toEqual(["0102030405", "0607080900"]);
      expect(metadataOf(frame, "geo_position")).toEqual(["52.5212520, 13.4032073"]);
      expect(metadataOf(frame, "sensor_model")).toEqual(["RS-LiDAR-M1"]);
    }
    for await (const { metadata } of (await openFrames(path)).frames()) {
      expect(metadata.map(({ value }) => value).join("")).toBe("");
      expect(metadata.map(({ name }) => name)).toContain("serial_number");
    }
  });

  it("of lidars that are not read are refused by kind", async () => {
    const payloads = [deviceRs16(FACTS), packetRs16(), packetRs16()];
    const packets = payloads.map((payload) => ({ payload, timeNs: CAPTURED_NS }));
    const error = await errorOf(writeInput(folder, "rs16.pcap", capture(packets)));
    expect(error.code).toBe("BAD_INPUT");
    expect(error.message).toContain("1 of device information, 2 of a lidar with a turning head");
    expect(error.message).not.toContain(FACTS.serial);
  });
});
