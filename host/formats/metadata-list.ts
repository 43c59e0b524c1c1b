/** Collects what a file says beside its points, each name and value once. */
import { basename } from "node:path";
import type { MetadataField, MetadataName } from "../core/frame.ts";

/** A value is cut at this many characters: enough to name it, too few to fill the memory. */
const VALUE_CHARS_MAX = 4096;
const FIELDS_MAX = 1024;

export class MetadataList {
  readonly #seen = new Map<string, MetadataField>();

  /** Starts with the fields of `base`. */
  constructor(base: Iterable<MetadataField> = []) {
    for (const field of base) this.add(field.name, field.value);
  }

  /** A list that already names the file itself. */
  static ofFile(path: string): MetadataList {
    return new MetadataList([{ name: "file_name", value: basename(path) }]);
  }

  /** Adds one; empty values say nothing and are left out. */
  add(name: MetadataName, value: string | undefined): void {
    if (value === undefined || value === "" || this.#seen.size >= FIELDS_MAX) return;
    const kept = value.length > VALUE_CHARS_MAX ? value.slice(0, VALUE_CHARS_MAX) : value;
    const key = `${name} ${kept}`;
    if (!this.#seen.has(key)) this.#seen.set(key, { name, value: kept });
  }

  get size(): number {
    return this.#seen.size;
  }

  /** The fields in the order in which they were met. */
  list(): MetadataField[] {
    return [...this.#seen.values()];
  }
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
