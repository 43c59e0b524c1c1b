/** RoboSense packets in ROS messages, as the maker's driver and Autoware's (nebula) record them. */
import { packetsOf, type ReadPackets } from "./message-packets.ts";
import { readHeader } from "./ros-messages.ts";

/** The fixed room for a packet in a RobosensePacket. */
const PACKET_BYTES = 1248;

/** std_msgs/Header header, uint8 is_difop, uint8 is_frame_begin, uint8[] data. */
export const readRslidarPacket: ReadPackets = function* (cursor, setFrameId) {
  const { stampNs, frameId } = readHeader(cursor);
  setFrameId(frameId);
  cursor.u8("is_difop");
  cursor.u8("is_frame_begin");
  yield { stampNs, payload: cursor.borrowBytes(cursor.u32("data"), "data") };
};

/** std_msgs/Header header, RobosensePacket[] packets: time stamp, uint8[1248] data. */
export const readRobosenseScan: ReadPackets = packetsOf((cursor) =>
  cursor.borrowBytes(PACKET_BYTES, "packets.data"),
);
