/** What players write: u32 what, then the i32 status of a call, or u32 length and bytes of a region. */
import { createHash } from "node:crypto";

/** In the order of player.c. */
export const CALLS = [
  "play",
  "seed",
  "session_begin",
  "frame_begin",
  "frame_push",
  "frame_finish",
  "frame_voxels",
  "tile_encode",
  "seal_key",
  "seal_begin",
  "seal_message",
  "open_begin",
  "open_message",
  "open_tag",
  "tile_decode",
  "wipe",
  "selftest",
  "map_begin",
  "map_add",
  "map_release",
] as const;
export type CallName = (typeof CALLS)[number];

/** What a region's bytes are told by: this and REGION_*. */
export const DUMP = 256;

export interface Answer {
  /** Index of a call, or DUMP + region. */
  readonly what: number;
  /** The status, or the length of the bytes. */
  readonly value: number;
  readonly bytes: Buffer;
}

export function* answers(output: Buffer): Generator<Answer> {
  for (let at = 0; at + 8 <= output.length; ) {
    const what = output.readUInt32LE(at);
    const value = output.readInt32LE(at + 4);
    at += 8;
    const bytes = output.subarray(at, what < DUMP ? at : at + value);
    at += bytes.length;
    yield { what, value, bytes };
  }
}

/** The answers of each play; the first are those to the calls before any. */
export function byPlay(output: Buffer): Answer[][] {
  const plays: Answer[][] = [[]];
  for (const answer of answers(output)) {
    if (answer.what === 0) plays.push([]);
    plays.at(-1)!.push(answer);
  }
  return plays;
}

/** One hash over the answers of a play. */
export function hashOf(play: readonly Answer[]): string {
  const hash = createHash("sha256");
  for (const { what, value, bytes } of play) hash.update(`${what} ${value} `).update(bytes);
  return hash.digest("hex").slice(0, 32);
}

/** An answer in words. */
function wordsOf(answer: Answer | undefined): string {
  if (answer === undefined) return "nothing";
  const { what, value } = answer;
  return what < DUMP ? `${CALLS[what]} gave ${value}` : `region ${what - DUMP}, ${value} bytes`;
}

/** Where two outputs differ first, in words; undefined if they do not. */
export function difference(expected: Buffer, actual: Buffer): string | undefined {
  if (expected.equals(actual)) return undefined;
  const theirs = answers(actual);
  let play = -1;
  for (const one of answers(expected)) {
    const other = theirs.next().value as Answer | undefined;
    if (one.what === 0) play++;
    const isSame = other?.what === one.what && other.value === one.value;
    if (isSame && one.bytes.equals(other.bytes)) continue;
    const at = isSame
      ? `, from byte ${one.bytes.findIndex((b, i) => b !== other.bytes[i])} on`
      : "";
    return `play ${play}: ${wordsOf(one)}${at}, here ${wordsOf(other)}`;
  }
  return "it goes on behind the end";
}
