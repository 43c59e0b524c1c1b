/**
 * Strings that the policy lets pass are words of people and machines: values in them are redacted before
 * the core is told of them, under every policy.
 */
import { META_STRING_MAX } from "../../assembly/abi.ts";
import type { MetadataField } from "../core/frame.ts";
import type { Policy } from "../policy/index.ts";
import { type Redacted, redact, type TextKind } from "../text/index.ts";

/** How many values of each kind were redacted. */
export type RedactedCounts = Readonly<Partial<Record<TextKind, number>>>;

const NONE: RedactedCounts = Object.freeze({});

/** Counts of both together. */
export function addCounts(some: RedactedCounts, more: RedactedCounts): RedactedCounts {
  const sums: Partial<Record<TextKind, number>> = { ...some };
  for (const [kind, count] of Object.entries(more) as [TextKind, number][]) {
    sums[kind] = (sums[kind] ?? 0) + count;
  }
  return sums;
}

/** A robot says the same few strings with every frame; a peer that varies them finds the cache emptied. */
const CACHED_MAX = 256;

/** Redacts the strings of frames; those that it met before cost a look-up, and allocate nothing. */
export class PassingStrings {
  readonly #known = new Map<string, Redacted>();

  /**
   * The metadata as the core may see it: the same list where nothing was redacted. Strings that the
   * policy does not name are left to the core, which strips them, and so are those that are too long.
   */
  redact(
    metadata: readonly MetadataField[],
    named: Policy["keep"]["strings"],
  ): { readonly metadata: readonly MetadataField[]; readonly redacted: RedactedCounts } {
    let changed: MetadataField[] | undefined;
    let counts: Partial<Record<TextKind, number>> | undefined;
    for (let i = 0; named.length > 0 && i < metadata.length; i++) {
      const { name, value } = metadata[i]!;
      if (value.length > META_STRING_MAX || !(named as readonly string[]).includes(name)) continue;
      const { text, found } = this.#redacted(value);
      if (found.length === 0) continue;
      changed ??= [...metadata];
      changed[i] = { name, value: text };
      counts ??= {};
      for (const { kind } of found) counts[kind] = (counts[kind] ?? 0) + 1;
    }
    return { metadata: changed ?? metadata, redacted: counts ?? NONE };
  }

  /** Forgets what it met. */
  clear(): void {
    this.#known.clear();
  }

  #redacted(value: string): Redacted {
    const known = this.#known.get(value);
    if (known !== undefined) return known;
    if (this.#known.size >= CACHED_MAX) this.#known.clear();
    const redacted = redact(value);
    this.#known.set(value, redacted);
    return redacted;
  }
}
