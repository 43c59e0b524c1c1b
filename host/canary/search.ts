/**
 * Searches bytes for identifiers in every form in which programs usually write them. It proves that
 * a value is there; that it is nowhere in any form it cannot prove.
 */
import type { Identifier, Needle } from "./identifier.ts";
import { NeedleIndex, PREFIX_BYTES } from "./needle-index.ts";
import { integerForms, realForms } from "./number-forms.ts";
import { unpackedStreams } from "./packed-streams.ts";
import { partsOf, textForms } from "./text-forms.ts";

export interface Haystack {
  readonly name: string;
  readonly bytes: Uint8Array;
  /**
   * Looks random, as sealed bytes do: then short needles occur by chance (one of 4 bytes in every
   * 30,000 files of 128 KiB), and those below NEEDLE_BYTES_CIPHERTEXT are not searched.
   */
  readonly isCiphertext?: boolean;
}

export interface Hit {
  readonly identifier: string;
  readonly value: Identifier["value"];
  /** Such as "utf-16le" or "u32be". */
  readonly encoding: string;
  /** Its name; of a compressed stream in it, with the format and the place of the stream. */
  readonly haystack: string;
  /** Byte offset of the first place. */
  readonly offset: number;
}

const NEEDLE_BYTES_CIPHERTEXT = 6;
/** Streams in streams that are unpacked. */
const DEPTH_MAX = 3;

/**
 * Every form of a value that is searched, each once. Shorter ones than four bytes are left out: they
 * say nothing, they are everywhere.
 */
export function needlesOf(value: Identifier["value"], isMadeUp = false): Needle[] {
  const needles = [...ownForms(value), ...(isMadeUp ? partsOf(String(value)) : [])];
  const seen = new Set<string>();
  return needles.filter(({ bytes }) => {
    const key = Buffer.from(bytes).toString("latin1");
    if (bytes.length < PREFIX_BYTES || seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

/** Shorter decimals are, as hexadecimal or in a URL, what other numbers and texts are too. */
const DECIMAL_TEXT_MIN = 8;

function ownForms(value: Identifier["value"]): Needle[] {
  if (typeof value === "string") return textForms(value);
  const isWhole = typeof value === "bigint" || Number.isSafeInteger(value);
  const text = String(value);
  return [
    ...(isWhole ? integerForms(BigInt(value)) : realForms(value as number)),
    ...(text.length >= DECIMAL_TEXT_MIN ? textForms(text) : []),
  ];
}

interface Searched extends Needle {
  readonly identifier: Identifier;
}

/** Tells pieces that only one value has from those that many share, as "https:/", which say nothing. */
function distinctive(needles: readonly Searched[]): (needle: Searched) => boolean {
  const key = ({ bytes }: Needle) => Buffer.from(bytes).toString("latin1");
  const owners = new Map<string, Identifier["value"] | null>();
  for (const needle of needles) {
    if (!needle.isPart) continue;
    const { value } = needle.identifier;
    const owner = owners.get(key(needle));
    owners.set(key(needle), owner === undefined || owner === value ? value : null);
  }
  return (needle) => !needle.isPart || owners.get(key(needle)) !== null;
}

/** Many identifiers, searched in one haystack after the other. */
export class LeakSearch {
  readonly #needles: readonly Searched[];
  readonly #index: NeedleIndex;

  /** Identifiers that have no form of at least four bytes, such as the number 7, are not searched. */
  constructor(identifiers: readonly Identifier[]) {
    const all = identifiers.flatMap((identifier) =>
      needlesOf(identifier.value, identifier.isMadeUp).map((needle) => ({ ...needle, identifier })),
    );
    this.#needles = all.filter(distinctive(all));
    this.#index = new NeedleIndex(this.#needles.map(({ bytes }) => bytes));
  }

  /** Forms that are searched. */
  get needles(): number {
    return this.#needles.length;
  }

  /** The first place of each form that is in the haystack or in a compressed stream inside of it. */
  search(haystack: Haystack): Hit[] {
    return this.#search(haystack, 0);
  }

  #search({ name, bytes, isCiphertext = false }: Haystack, depth: number): Hit[] {
    const first = new Map<number, number>();
    this.#index.scan(bytes, (needle, offset) => {
      if (first.has(needle)) return;
      const { bytes: form, isPart } = this.#needles[needle]!;
      if (isCiphertext && (isPart || form.length < NEEDLE_BYTES_CIPHERTEXT)) return;
      first.set(needle, offset);
    });
    const hits = [...first].map(([needle, offset]): Hit => {
      const { encoding, identifier } = this.#needles[needle]!;
      const { name: called, value } = identifier;
      return { identifier: called, value, encoding, haystack: name, offset };
    });
    if (depth >= DEPTH_MAX) return hits;
    for (const { format, offset, bytes: unpacked } of unpackedStreams(bytes)) {
      const inside = { name: `${name} (${format} at ${offset})`, bytes: unpacked, isCiphertext };
      hits.push(...this.#search(inside, depth + 1));
    }
    return hits;
  }
}

/**
 * Searches every identifier in every haystack.
 * @returns the first place of each form that was found, nothing if all is well
 */
export function searchLeaks(
  identifiers: readonly Identifier[],
  haystacks: readonly Haystack[],
): Hit[] {
  const search = new LeakSearch(identifiers);
  return haystacks.flatMap((haystack) => search.search(haystack));
}
