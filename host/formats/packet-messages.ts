/** The ROS messages that carry what a lidar sent over the network, undecoded. */
import type { VendorName } from "./frame-source.ts";
import { readNebulaPackets, readPandarScan, readUdpFrame } from "./hesai-messages.ts";
import type { MessageCursor } from "./message-cursor.ts";

/** One packet of a message. */
export interface MessagePacket {
  readonly payload: Uint8Array;
  /** Nanoseconds since the Unix epoch; undefined if the message does not say. */
  readonly stampNs: bigint | undefined;
}

export interface PacketMessage {
  /** Undefined if several makers' packets come in it. */
  readonly vendor: VendorName | undefined;
  /** `setFrameId` hears the sensor's frame before the first packet, if the message has one. */
  readonly read: (
    cursor: MessageCursor,
    setFrameId: (frameId: string) => void,
  ) => Iterable<MessagePacket>;
}

/** By the message's short type. */
export const PACKET_MESSAGES: Readonly<Record<string, PacketMessage>> = {
  "ouster_ros/PacketMsg": { vendor: "ouster", read: readOusterPacket },
  "ouster_sensor_msgs/PacketMsg": { vendor: "ouster", read: readOusterPacket },
  "pandar_msgs/PandarScan": { vendor: "hesai", read: readPandarScan },
  "hesai_lidar/PandarScan": { vendor: "hesai", read: readPandarScan },
  "hesai_ros_driver/UdpFrame": { vendor: "hesai", read: readUdpFrame },
  "nebula_msgs/NebulaPackets": { vendor: undefined, read: readNebulaPackets },
};

/** uint8[] buf. */
function* readOusterPacket(cursor: MessageCursor): Generator<MessagePacket> {
  yield { payload: cursor.borrowBytes(cursor.u32("buf"), "buf"), stampNs: undefined };
}
