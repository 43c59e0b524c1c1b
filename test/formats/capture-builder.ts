/** Writes UDP payloads into captures of the network, as tcpdump does. */

export interface CapturedUdp {
  readonly payload: Uint8Array;
  readonly timeNs: bigint;
  readonly source?: readonly [number, number, number, number];
  readonly sourceMac?: string;
  readonly port?: number;
}

export const SENSOR_MAC = "3c:8d:20:5a:71:e6";
export const HOST_MAC = "9c:b6:d0:1e:44:a7";
export const SENSOR_ADDRESS = [10, 73, 19, 201] as const;
export const HOST_ADDRESS = [10, 73, 19, 44] as const;

/** A classic pcap file with microseconds. */
export function capture(packets: readonly CapturedUdp[]): Buffer {
  const head = Buffer.alloc(24);
  head.writeUInt32LE(0xa1b2c3d4, 0);
  head.writeUInt16LE(2, 4);
  head.writeUInt16LE(4, 6);
  head.writeUInt32LE(65_535, 16);
  head.writeUInt32LE(1, 20);
  const records = packets.flatMap((packet) => {
    const frame = ethernet(packet);
    const record = Buffer.alloc(16);
    record.writeUInt32LE(Number(packet.timeNs / 1_000_000_000n), 0);
    record.writeUInt32LE(Number((packet.timeNs % 1_000_000_000n) / 1000n), 4);
    record.writeUInt32LE(frame.length, 8);
    record.writeUInt32LE(frame.length, 12);
    return [record, frame];
  });
  return Buffer.concat([head, ...records]);
}

/** The frame around a payload: Ethernet, IPv4, UDP. */
export function ethernet(packet: CapturedUdp): Buffer {
  const { payload, source = SENSOR_ADDRESS, sourceMac = SENSOR_MAC, port = 2368 } = packet;
  const macs = [HOST_MAC, sourceMac].map((mac) => Buffer.from(mac.replaceAll(":", ""), "hex"));
  const ip = Buffer.alloc(20);
  ip[0] = 0x45;
  ip.writeUInt16BE(28 + payload.length, 2);
  ip[8] = 64;
  ip[9] = 17;
  ip.set([...source, ...HOST_ADDRESS], 12);
  const udp = Buffer.alloc(8);
  udp.writeUInt16BE(10_000, 0);
  udp.writeUInt16BE(port, 2);
  udp.writeUInt16BE(8 + payload.length, 4);
  return Buffer.concat([...macs, Buffer.from([8, 0]), ip, udp, payload]);
}
