/** Hesai packets in ROS messages, as the drivers of Hesai and of Apollo record them. */
import { packetsOf, type ReadPackets } from "./message-packets.ts";

/** The fixed room for a packet in a PandarPacket. */
const PANDAR_BYTES = 1500;

/** std_msgs/Header header, PandarPacket[] packets: time stamp, uint8[1500] data, uint32 size. */
export const readPandarScan: ReadPackets = packetsOf((cursor) => {
  const room = cursor.borrowBytes(PANDAR_BYTES, "packets.data");
  const size = cursor.u32("packets.size");
  if (size <= room.length) return room.subarray(0, size);
  throw cursor.fail("packets.size", `is more than the ${PANDAR_BYTES} bytes there are.`);
});

/** std_msgs/Header header, UdpPacket[] packets: time stamp, uint8[] data, uint32 size. */
export const readUdpFrame: ReadPackets = packetsOf((cursor) => {
  const data = cursor.borrowBytes(cursor.u32("packets.data"), "packets.data");
  return data.subarray(0, cursor.u32("packets.size"));
});
