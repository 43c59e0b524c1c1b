/** Recordings with Velodyne's packets and of rosbag2, with the identity that each of them tells. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { HOST_MAC, SENSOR_MAC } from "./capture-builder.ts";
import { XYZI } from "./clouds.ts";
import type { PacketRecording } from "./packet-recordings.ts";
import { CAPTURER, pcapng } from "./pcapng-builder.ts";
import { type Message, pointCloud2, stampedPose, stringMessage } from "./ros-builders.ts";
import { db3, type Rosbag2Options } from "./rosbag2-builders.ts";
import { DATA } from "./samples.ts";
import { velodyneTurns } from "./velodyne-encoder.ts";

const SENTENCE = "$GPRMC,081802.00,A,3649.7478558,N,00224.4542928,W,0.034,212.5,210116,0.0,E,A*2E";
const OWNER = "Annegret Wohlleben, +49 171 5550134";
const FRAME_ID = "kitchen_robot_7/lidar_top";
const TOPIC = "/home_mueller/lidar/points";

/** A room of clouds, an owner's note and poses, as a robot records them. */
function homeMessages(): Message[] {
  const start = 1_718_273_645_918_273_645n;
  const rows = Array.from({ length: 600 }, (_, i) => [3 * Math.cos(i), 2 * Math.sin(i), i % 3, 9]);
  return Array.from({ length: 3 }, (_, i) => {
    const timeNs = start + BigInt(i) * 100_000_000n;
    const data = pointCloud2(XYZI, rows, { stampNs: timeNs, frameId: FRAME_ID });
    const pose = stampedPose(timeNs, [1, 2, 3, 0, 0, 0, 1]);
    return [
      { topic: "/note", type: "std_msgs/String", timeNs, data: stringMessage(OWNER) },
      { topic: TOPIC, type: "sensor_msgs/PointCloud2", timeNs, data },
      { topic: "/pose", type: "geometry_msgs/PoseStamped", timeNs, data: pose },
    ];
  }).flat();
}

function homeDb3(options: Rosbag2Options): Buffer {
  const folder = mkdtempSync(join(tmpdir(), "recordings-"));
  try {
    return db3(folder, homeMessages(), options);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

export function velodyneRecordings(): PacketRecording[] {
  const bundled = (path: string) => readFileSync(join(DATA, path));
  const home = [FRAME_ID, TOPIC, OWNER];
  return [
    {
      name: "velodyne-vlp16-gps.pcap",
      content: bundled("velodyne/vlp16_gps_first120.pcap"),
      known: ["60:76:88:10:2f:6f", "10.0.0.100", SENTENCE, "36.8291309, -2.4075715"],
    },
    {
      name: "velodyne-hdl32.pcap",
      content: bundled("velodyne/hdl32_first120.pcap"),
      known: ["60:76:88:20:11:a2", "192.168.17.162"],
    },
    {
      name: "velodyne-vlp16.db3",
      content: bundled("nebula/vlp16_raw_1673400471837873222.db3"),
      known: ["/velodyne_packets", "2023-01-11T01:27:51.737763166Z"],
    },
    {
      name: "velodyne.pcapng",
      content: pcapng(velodyneTurns(100, 1_718_273_645_918_273_645n)),
      known: [...Object.values(CAPTURER), SENSOR_MAC, HOST_MAC, "10.73.19.201", "10.73.19.2"],
    },
    { name: "rosbag2.db3", content: homeDb3({}), known: home },
    { name: "rosbag2-zstd.db3", content: homeDb3({ packed: true }), known: home },
  ];
}
