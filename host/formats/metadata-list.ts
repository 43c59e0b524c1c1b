/**
 * Collects what a file says beside its points, each name and value once. Values are kept of those names
 * alone that the caller asked for: of all others only that they were there.
 */
import { basename } from "node:path";
import type { MetadataField, MetadataName } from "../core/frame.ts";

/** Names whose values are read: those that a policy lets pass, or "all" to inspect a recording. */
export type MetadataReads = "all" | readonly MetadataName[];

/** Hears what a file or a packet says of itself. */
export type Tell = (name: MetadataName, value: string | undefined) => void;

/** A value is cut at this many characters: enough to name it, too few to fill the memory. */
const VALUE_CHARS_MAX = 4096;
const FIELDS_MAX = 1024;

export class MetadataList {
  readonly #reads: MetadataReads;
  readonly #seen = new Map<string, MetadataField>();

  constructor(reads: MetadataReads) {
    this.#reads = reads;
  }

  /** A list that already names the file itself. `reads` as OpenOptions and PlanOptions have it. */
  static ofFile(path: string, reads: MetadataReads = []): MetadataList {
    const list = new MetadataList(reads);
    list.add("file_name", basename(path));
    return list;
  }

  /** Adds one; empty values say nothing and are left out. */
  add(name: MetadataName, value: string | undefined): void {
    if (value === undefined || value === "") return;
    const kept = this.#isRead(name) ? ownCopy(value.slice(0, VALUE_CHARS_MAX)) : "";
    const key = `${name} ${kept}`;
    if (this.#seen.has(key) || this.#seen.size >= FIELDS_MAX) return;
    this.#seen.set(key, { name, value: kept });
  }

  /** Adds one, as `add`: for those who only tell. */
  readonly tell: Tell = (name, value) => this.add(name, value);

  /** Another list that begins with the fields of this one. */
  copy(): MetadataList {
    const list = new MetadataList(this.#reads);
    for (const [key, field] of this.#seen) list.#seen.set(key, field);
    return list;
  }

  get size(): number {
    return this.#seen.size;
  }

  /** The fields in the order in which they were met; values that are not read are "". */
  list(): MetadataField[] {
    forgetLastMatch();
    return [...this.#seen.values()];
  }

  #isRead(name: MetadataName): boolean {
    return this.#reads === "all" || this.#reads.includes(name);
  }
}

/** Engines remember the text of the last match that was found (RegExp.input): another one replaces it. */
export function forgetLastMatch(): void {
  /^/.test("");
}

/** The same text in memory of its own: engines let a part of a text hold on to the whole. */
export function ownCopy(text: string): string {
  return Buffer.from(text).toString();
}

/** Nanoseconds since the Unix epoch as ISO 8601 with nanoseconds, UTC. */
export function isoTime(stampNs: bigint): string {
  const seconds = stampNs / 1_000_000_000n;
  const fraction = (stampNs % 1_000_000_000n).toString().padStart(9, "0");
  // Dates beyond the year 9999 have no usual text form: the bare number is given instead.
  if (seconds < 0n || seconds > 253_402_300_799n) return stampNs.toString();
  const whole = new Date(Number(seconds) * 1000).toISOString().slice(0, 19);
  return `${whole}.${fraction}Z`;
}
