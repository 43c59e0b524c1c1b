/** One recording of each kind with lidars' packets, with the identity that each of them tells. */
import { capture, HOST_MAC, SENSOR_MAC } from "./capture-builder.ts";
import { gpsPacket } from "./hesai-encoder.ts";
import { CAPTURED_NS, calibrationOf, DUAL, modelNamed, packetsOf } from "./hesai-turns.ts";
import { type EncodedPoint, packet1, packet2, pushedState, searchAnswer } from "./livox-encoder.ts";
import { deviceM1, deviceRs16, packetM1 } from "./robosense-encoder.ts";
import { bag, livoxMessage, mcap, packetMessage } from "./ros-builders.ts";
import { velodyneRecordings } from "./velodyne-recordings.ts";

export interface PacketRecording {
  readonly name: string;
  readonly content: Buffer;
  /** The unit's beam angles, as a file. */
  readonly calibration?: string;
  /** What is told of the unit, the network and the place. */
  readonly known: readonly string[];
}

const FRAME_ID = "kitchen_robot_7/lidar_top";
const TOPIC = "/home_mueller/lidar/packets";
const SERIAL = "47MDL9T0020193";
const RS_SERIAL = "0a1b2c3d4e5f";
const ENVELOPE = [HOST_MAC, SENSOR_MAC, "10.73.19.201", "10.73.19.44"];
const SENTENCE = "$GPRMC,083059.00,A,5231.27512,N,01324.19244,E,0.021,,170524,,,A*74";

/** Points on the walls of a room of six by four metres, in millimetres. */
function wallPoints(from: number, count: number): EncodedPoint[][] {
  return Array.from({ length: count }, (_, i) => {
    const angle = ((from + i) * 2 * Math.PI) / 997;
    const [x, y] = [Math.cos(angle), Math.sin(angle)];
    const metres = Math.min(3 / Math.abs(x || 1e-9), 2 / Math.abs(y || 1e-9));
    const place = [x * metres * 1000, y * metres * 1000, ((from + i) % 40) * 50].map(Math.round);
    return [{ place: place as [number, number, number], reflectivity: (from + i) % 256 }];
  });
}

function livoxCapture(): Buffer {
  const at = (payload: Uint8Array, ms: number) => ({
    payload,
    timeNs: CAPTURED_NS + BigInt(ms) * 1_000_000n,
  });
  const state = pushedState([
    [0x8000, Buffer.from(`${SERIAL}\0\0`, "latin1")],
    [0x8005, Buffer.from("3c8d205a71e7", "hex")],
    [0x0004, Buffer.from([192, 168, 31, 93, 255, 255, 255, 0, 192, 168, 31, 1])],
  ]);
  const points = Array.from({ length: 30 }, (_, n) => {
    const clockNs = CAPTURED_NS + BigInt(n) * 7_000_000n;
    return at(
      packet2({ type: 1, firings: wallPoints(96 * n, 96), clockNs, interval: 4800 }),
      7 * n,
    );
  });
  return capture([at(searchAnswer(SERIAL, [192, 168, 31, 93], 9), 0), at(state, 0), ...points]);
}

/** The walls of the room again, as an M1 sees those ahead of it. */
function robosenseCapture(): Buffer {
  const facts = {
    address: [192, 168, 1, 200],
    host: [192, 168, 1, 102],
    mac: "40a5ef1b2c3d",
    serial: RS_SERIAL,
  };
  const packets = Array.from({ length: 24 }, (_, n) => {
    const returns = Array.from({ length: 125 }, (_, i) => {
      const yaw = ((125 * n + i) % 2400) * 5 - 6000;
      const metres = 3 / Math.cos((yaw / 100 / 180) * Math.PI);
      return { distance: Math.round(metres * 200), direction: [(i % 25) * 40, yaw], intensity: i };
    });
    const timeNs = CAPTURED_NS + BigInt(n) * 8_000_000n;
    return { payload: packetM1(returns, 1 + (n % 12), timeNs), timeNs };
  });
  const sentence = { ...facts, sentence: SENTENCE };
  const devices = [deviceM1(facts), deviceRs16(sentence)];
  return capture([...devices.map((payload) => ({ payload, timeNs: CAPTURED_NS })), ...packets]);
}

const livoxPoints = () =>
  wallPoints(0, 500).map(([point], n) => ({
    offsetNs: 200_000 * n,
    place: point!.place.map((value) => value / 1000),
    reflectivity: point!.reflectivity,
    line: n % 4,
  }));

/** Of every maker, from captures of the network and from messages. */
export async function packetRecordings(): Promise<PacketRecording[]> {
  const xt32 = modelNamed("PandarXT-32");
  const single = packetsOf({ model: xt32, turns: 1.6 }).packets;
  const gps = { payload: gpsPacket(SENTENCE), timeNs: CAPTURED_NS, port: 10_110 };
  const scan = (type: "pandar_msgs/PandarScan" | "nebula_msgs/NebulaPackets") => [
    { topic: TOPIC, type, timeNs: CAPTURED_NS, data: packetMessage(type, single, FRAME_ID) },
  ];
  const qt128 = modelNamed("QT128");
  const livox = { stampNs: CAPTURED_NS, frameId: FRAME_ID, lidarId: 3 };
  const custom = (encoding: "cdr" | "ros1", type: string) => [
    {
      topic: TOPIC,
      type,
      timeNs: CAPTURED_NS,
      data: livoxMessage(livoxPoints(), { encoding, ...livox }),
    },
  ];
  const avia = Array.from({ length: 12 }, (_, n) => ({
    payload: packet1({
      type: 2,
      firings: wallPoints(96 * n, 96),
      clockType: 1,
      clock: CAPTURED_NS + BigInt(n) * 20_000_000n,
    }),
    timeNs: CAPTURED_NS,
  }));
  return [
    {
      name: "hesai-xt32.pcap",
      content: capture([gps, ...single]),
      calibration: calibrationOf(xt32),
      known: [...ENVELOPE, SENTENCE, "52.5212520, 13.4032073"],
    },
    {
      name: "hesai-p40-dual.pcap",
      content: capture(
        packetsOf({ model: modelNamed("Pandar40P"), turns: 1.5, mode: DUAL }).packets,
      ),
      known: ENVELOPE,
    },
    {
      name: "hesai-qt128.pcap",
      content: capture(packetsOf({ model: qt128, turns: 1.1 }).packets),
      calibration: calibrationOf(qt128),
      known: ENVELOPE,
    },
    {
      name: "pandar-scan.mcap",
      content: await mcap(scan("pandar_msgs/PandarScan")),
      known: [FRAME_ID, TOPIC],
    },
    {
      name: "nebula-packets.mcap",
      content: await mcap(scan("nebula_msgs/NebulaPackets")),
      known: [FRAME_ID, TOPIC],
    },
    {
      name: "livox-mid360.pcap",
      content: livoxCapture(),
      known: [...ENVELOPE, SERIAL, "3c:8d:20:5a:71:e7", "192.168.31.93"],
    },
    { name: "livox-avia.pcap", content: capture(avia), known: ENVELOPE },
    {
      name: "robosense-m1.pcap",
      content: robosenseCapture(),
      known: [...ENVELOPE, RS_SERIAL, "40:a5:ef:1b:2c:3d", "192.168.1.200", SENTENCE],
    },
    {
      name: "livox-custom.mcap",
      content: await mcap(custom("cdr", "livox_ros_driver2/msg/CustomMsg")),
      known: [FRAME_ID, TOPIC],
    },
    {
      name: "livox-custom.bag",
      content: bag(custom("ros1", "livox_ros_driver/CustomMsg")),
      known: [FRAME_ID, TOPIC],
    },
    ...velodyneRecordings(),
  ];
}
