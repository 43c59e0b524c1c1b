/** Lists of packets in ROS messages: a header, then each packet with its time of capture. */
import type { MessageCursor } from "./message-cursor.ts";
import { readHeader, readTime } from "./ros-messages.ts";

/** One packet of a message. */
export interface MessagePacket {
  readonly payload: Uint8Array;
  /** Nanoseconds since the Unix epoch; undefined if the message does not say. */
  readonly stampNs: bigint | undefined;
}

/** `setFrameId` hears the sensor's frame before the first packet, if the message has one. */
export type ReadPackets = (
  cursor: MessageCursor,
  setFrameId: (frameId: string) => void,
) => Iterable<MessagePacket>;

/** std_msgs/Header header, Packet[] packets: time stamp, then what `readPayload` reads. */
export function packetsOf(readPayload: (cursor: MessageCursor) => Uint8Array): ReadPackets {
  return function* (cursor, setFrameId) {
    setFrameId(readHeader(cursor).frameId);
    const count = cursor.u32("packets");
    for (let packet = 0; packet < count; packet++) {
      const stampNs = readTime(cursor, "packets.stamp");
      yield { stampNs, payload: readPayload(cursor) };
    }
  };
}
