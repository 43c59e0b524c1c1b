/** Hesai packets in ROS messages, as the drivers of Hesai, of Autoware (nebula) and of Apollo record them. */
import type { MessageCursor } from "./message-cursor.ts";
import type { MessagePacket } from "./packet-messages.ts";
import { readHeader, readTime } from "./ros-messages.ts";

/** The fixed room for a packet in a PandarPacket. */
const PANDAR_BYTES = 1500;

type ReadPackets = (
  cursor: MessageCursor,
  setFrameId: (frameId: string) => void,
) => Generator<MessagePacket>;

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

/** std_msgs/Header header, NebulaPacket[] packets: time stamp, uint8[] data. Of any maker. */
export const readNebulaPackets: ReadPackets = packetsOf((cursor) =>
  cursor.borrowBytes(cursor.u32("packets.data"), "packets.data"),
);

function packetsOf(readPayload: (cursor: MessageCursor) => Uint8Array): ReadPackets {
  return function* (cursor, setFrameId) {
    setFrameId(readHeader(cursor).frameId);
    const count = cursor.u32("packets");
    for (let packet = 0; packet < count; packet++) {
      const stampNs = readTime(cursor, "packets.stamp");
      yield { stampNs, payload: readPayload(cursor) };
    }
  };
}
