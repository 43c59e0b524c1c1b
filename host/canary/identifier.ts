/** What must not be found, and one form of it. */

/** Text, a whole number, or a real one (a coordinate, a time in seconds). */
export interface Identifier {
  readonly name: string;
  readonly value: string | bigint | number;
  /** Made up for a search, so that its pieces are no words of anybody: they are searched as well. */
  readonly isMadeUp?: boolean;
}

/** One form of an identifier, as programs write it. */
export interface Needle {
  /** Such as "utf-16le" or "u32be". */
  readonly encoding: string;
  readonly bytes: Uint8Array;
  /** A piece of the value: whoever cuts it over several fields leaves this one whole. */
  readonly isPart?: true;
}

/** Names a form of a text. */
export function textNeedle(encoding: string, text: string): Needle {
  return { encoding, bytes: Buffer.from(text, "utf8") };
}

/** Bytes in both orders. */
export function bothEnds(encoding: string, big: Uint8Array): Needle[] {
  return [
    { encoding: `${encoding}be`, bytes: big },
    { encoding: `${encoding}le`, bytes: big.toReversed() },
  ];
}
