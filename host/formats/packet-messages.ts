/** The ROS messages that carry what a lidar sent over the network, undecoded. */
import type { VendorName } from "./frame-source.ts";
import { readPandarScan, readUdpFrame } from "./hesai-messages.ts";
import type { MessageCursor } from "./message-cursor.ts";
import { type MessagePacket, packetsOf, type ReadPackets } from "./message-packets.ts";
import { readRobosenseScan, readRslidarPacket } from "./robosense-messages.ts";
import { DATA_PACKET_BYTES } from "./velodyne-packet.ts";

export interface PacketMessage {
  /** Undefined if several makers' packets come in it. */
  readonly vendor: VendorName | undefined;
  readonly read: ReadPackets;
}

/** std_msgs/Header header, VelodynePacket[] packets: time stamp, uint8[1206] data. */
const readVelodyneScan = packetsOf((cursor) =>
  cursor.borrowBytes(DATA_PACKET_BYTES, "packets.data"),
);

/** std_msgs/Header header, NebulaPacket[] packets: time stamp, uint8[] data. */
const readNebulaPackets = packetsOf((cursor) =>
  cursor.borrowBytes(cursor.u32("packets.data"), "packets.data"),
);

/** By the message's short type. */
export const PACKET_MESSAGES: Readonly<Record<string, PacketMessage>> = {
  "ouster_ros/PacketMsg": { vendor: "ouster", read: readOusterPacket },
  "ouster_sensor_msgs/PacketMsg": { vendor: "ouster", read: readOusterPacket },
  "velodyne_msgs/VelodyneScan": { vendor: "velodyne", read: readVelodyneScan },
  "pandar_msgs/PandarScan": { vendor: "hesai", read: readPandarScan },
  "hesai_lidar/PandarScan": { vendor: "hesai", read: readPandarScan },
  "hesai_ros_driver/UdpFrame": { vendor: "hesai", read: readUdpFrame },
  "rslidar_msg/RslidarPacket": { vendor: "robosense", read: readRslidarPacket },
  "robosense_msgs/RobosenseScan": { vendor: "robosense", read: readRobosenseScan },
  "nebula_msgs/NebulaPackets": { vendor: undefined, read: readNebulaPackets },
};

/** uint8[] buf. */
function* readOusterPacket(cursor: MessageCursor): Generator<MessagePacket> {
  yield { payload: cursor.borrowBytes(cursor.u32("buf"), "buf"), stampNs: undefined };
}
