/**
 * The GPS packet that Hesai's lidars send beside the points when a receiver is wired to them (user
 * manuals, "GPS data packet"): 512 bytes with the receiver's own sentence, so with the place.
 */
import type { Tell } from "./metadata-list.ts";
import { readNmea } from "./nmea.ts";

const PACKET_BYTES = 512;
/** Mark, date and time in digits, microseconds; then the sentence as the receiver wrote it. */
const SENTENCE_AT = 18;
const SENTENCE_BYTES = 84;

/** Tells the place, the time and the sentence if `packet` is one. */
export function tellHesaiGps(packet: Uint8Array, tell: Tell): void {
  if (!isHesaiGps(packet)) return;
  const bytes = packet.subarray(SENTENCE_AT, SENTENCE_AT + SENTENCE_BYTES);
  const sentence = Buffer.from(bytes).toString("latin1").split("\0", 1)[0]!.trim();
  const { position, time } = readNmea(sentence);
  tell("geo_position", position);
  tell("wall_clock", time);
  tell("raw_text", sentence);
}

export function isHesaiGps(packet: Uint8Array): boolean {
  return packet.length === PACKET_BYTES && packet[0] === 0xff && packet[1] === 0xee;
}
