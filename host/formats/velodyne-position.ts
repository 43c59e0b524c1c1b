/**
 * Velodyne's position packets (512 bytes, port 8308): time since the full hour, state of the pulse per
 * second, and the last sentence of the GPS receiver. Layout: VLP-16 manual (63-9243), section "Position
 * Packet Format".
 */
import type { Tell } from "./metadata-list.ts";
import { readNmea } from "./nmea.ts";

const POSITION_PACKET_BYTES = 512;
const SENTENCE_OFFSET = 206;
const DOLLAR = 0x24;

/** True for the size of one with the begin of a sentence; those without say nothing. */
export function isPositionPacket(payload: Uint8Array): boolean {
  return payload.length === POSITION_PACKET_BYTES && payload[SENTENCE_OFFSET] === DOLLAR;
}

/** Tells the sentence, and the place and time in it. */
export function tellPosition(payload: Uint8Array, tell: Tell): void {
  const text = Buffer.from(payload.subarray(SENTENCE_OFFSET)).toString("latin1");
  const sentence = text.split("\0", 1)[0]!.trim();
  tell("raw_text", sentence);
  const { position, time } = readNmea(sentence);
  tell("geo_position", position);
  tell("wall_clock", time);
}
