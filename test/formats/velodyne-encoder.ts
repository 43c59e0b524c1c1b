/** Writes Velodyne packets for the readers to read. */
import { type CapturedUdp, capture } from "./capture-builder.ts";
import { MessageWriter } from "./ros-builders.ts";

export interface PacketOptions {
  readonly product?: number;
  readonly mode?: number;
  /** Microseconds since the full hour. */
  readonly us?: number;
  /** Azimuth of a block in hundredths of a degree. */
  readonly azimuth?: (block: number) => number;
  /** Distance units of a value. */
  readonly distance?: (block: number, value: number) => number;
  /** Second byte of a block's mark. */
  readonly mark?: (block: number) => number;
}

/** A data packet; by default a VLP-16 that measures 2 m everywhere. */
export function velodynePacket(options: PacketOptions = {}): Buffer {
  const packet = Buffer.alloc(1206);
  for (let block = 0; block < 12; block++) {
    packet[block * 100] = 0xff;
    packet[block * 100 + 1] = options.mark?.(block) ?? 0xee;
    packet.writeUInt16LE(options.azimuth?.(block) ?? 40 * block, block * 100 + 2);
    for (let value = 0; value < 32; value++) {
      const at = block * 100 + 4 + 3 * value;
      packet.writeUInt16LE(options.distance?.(block, value) ?? 1000, at);
      packet[at + 2] = value;
    }
  }
  packet.writeUInt32LE(options.us ?? 0, 1200);
  packet[1204] = options.mode ?? 0x37;
  packet[1205] = options.product ?? 0x22;
  return packet;
}

export function positionPacket(sentence: string): Buffer {
  const packet = Buffer.alloc(512);
  packet.write(sentence, 206, "latin1");
  return packet;
}

/** Packets of turns one after another, 1.3 ms and 4.8 degrees each, as a VLP-16 sends them at 10 Hz. */
export function velodyneTurns(
  packets: number,
  timeNs: bigint,
  options: PacketOptions & Pick<CapturedUdp, "source"> = {},
): CapturedUdp[] {
  return Array.from({ length: packets }, (_, i) => ({
    timeNs: timeNs + BigInt(i) * 1_333_000n,
    ...(options.source && { source: options.source }),
    payload: velodynePacket({
      us: i * 1333,
      azimuth: (block) => (480 * i + 40 * block) % 36000,
      ...options,
    }),
  }));
}

export const velodyneCapture = capture;

/** velodyne_msgs/VelodyneScan, or nebula_msgs/NebulaPackets if `nebula`. */
export function velodyneScan(
  packets: readonly Buffer[],
  stampNs: bigint,
  encoding: "cdr" | "ros1" = "cdr",
  nebula = false,
): Buffer {
  const writer = new MessageWriter(encoding)
    .header(stampNs, "velodyne")
    .value("u32", packets.length);
  for (const packet of packets) {
    writer.value("i32", Number(stampNs / 1_000_000_000n));
    writer.value("u32", Number(stampNs % 1_000_000_000n));
    if (nebula) writer.value("u32", packet.length);
    writer.bytes(packet);
  }
  return writer.finish();
}
