/**
 * What RoboSense's lidars say of themselves once a second (DIFOP packets; user manuals, "Device
 * information output protocol"): serial number, addresses, versions, the GPS receiver's sentence.
 */
import type { Tell } from "./metadata-list.ts";
import { readNmea } from "./nmea.ts";

const MARK = [0xa5, 0xff, 0x00, 0x5a, 0x11, 0x11, 0x55, 0x55];

/** Lidars without turning heads send 256 bytes, the others 1248. */
const SHORT = { bytes: 256, versionAt: 28, serialAt: 38, sentenceAt: undefined };
const LONG = { bytes: 1248, versionAt: 40, serialAt: 292, sentenceAt: 382 };

const LIDAR_ADDRESS_AT = 10;
const HOST_ADDRESS_AT = 14;
const MAC_AT = 18;
const MAC_BYTES = 6;
const VERSION_BYTES = 5;
const SERIAL_BYTES = 6;
const SENTENCE_BYTES = 86;

export function isRobosenseDevice(packet: Uint8Array): boolean {
  const isKnown = packet.length === SHORT.bytes || packet.length === LONG.bytes;
  return isKnown && MARK.every((byte, at) => packet[at] === byte);
}

/** Tells what the packet names, if it is one. */
export function tellRobosenseDevice(packet: Uint8Array, tell: Tell): void {
  if (!isRobosenseDevice(packet)) return;
  const { versionAt, serialAt, sentenceAt } = packet.length === SHORT.bytes ? SHORT : LONG;
  tell("ip_address", packet.subarray(LIDAR_ADDRESS_AT, LIDAR_ADDRESS_AT + 4).join("."));
  tell("ip_address", packet.subarray(HOST_ADDRESS_AT, HOST_ADDRESS_AT + 4).join("."));
  tell("mac_address", hexOf(packet, MAC_AT, MAC_BYTES).join(":"));
  for (const at of [versionAt, versionAt + VERSION_BYTES]) {
    tell("firmware", hexOf(packet, at, VERSION_BYTES).join(""));
  }
  tell("serial_number", hexOf(packet, serialAt, SERIAL_BYTES).join(""));
  if (sentenceAt === undefined) return;
  const bytes = packet.subarray(sentenceAt, sentenceAt + SENTENCE_BYTES);
  const sentence = Buffer.from(bytes).toString("latin1").split("\0", 1)[0]!.trim();
  if (!sentence.startsWith("$")) return;
  const { position, time } = readNmea(sentence);
  tell("geo_position", position);
  tell("wall_clock", time);
  tell("raw_text", sentence);
}

function hexOf(packet: Uint8Array, at: number, count: number): string[] {
  return Array.from(packet.subarray(at, at + count), (byte) => byte.toString(16).padStart(2, "0"));
}
