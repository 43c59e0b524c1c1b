/** One transaction in the making: what it adds and removes, and the books as they will be. */

import { MapveilError } from "../core/errors.ts";
import { type Books, copyBooks } from "./books.ts";
import type { Entry } from "./entry-record.ts";
import type { Shelf } from "./shelf.ts";
import type { EvictedReason, RefusedReason } from "./types.ts";

/** What became of an artefact that leaves the shelf. */
export type Fate =
  | { readonly uploaded: true }
  | { readonly refused: RefusedReason }
  | { readonly evicted: EvictedReason };

export interface AddedEntry {
  readonly entry: Entry;
  readonly veil: Uint8Array;
}

export class Draft {
  readonly books: Books;
  readonly added: AddedEntry[] = [];
  readonly removed = new Map<string, Entry>();
  readonly #shelf: Shelf;
  #bytes: number;
  #isChanged = false;

  constructor(shelf: Shelf, books: Books) {
    this.#shelf = shelf;
    this.books = copyBooks(books);
    this.#bytes = shelf.bytes;
  }

  /** Sealed bytes on the shelf after this transaction. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Sealed bytes that this transaction writes. */
  get addedBytes(): number {
    return this.added.reduce((sum, { veil }) => sum + veil.length, 0);
  }

  /** Whether there is anything to write. */
  get isChanged(): boolean {
    return this.#isChanged;
  }

  /** Makes the draft worth writing for the clocks in the books alone. */
  touch(): void {
    this.#isChanged = true;
  }

  /** An entry that is on the shelf and stays there so far. */
  find(id: string): Entry | undefined {
    return this.removed.has(id) ? undefined : this.#shelf.find(id);
  }

  add(entry: Entry, veil: Uint8Array): void {
    this.#isChanged = true;
    this.added.push({ entry, veil });
    this.books.captured++;
    this.books.spooled++;
    this.#bytes += veil.length;
  }

  /** Takes an entry off the shelf and counts its fate. */
  remove(entry: Entry, fate: Fate): void {
    this.removed.set(entry.artefact.id, entry);
    this.books.spooled--;
    this.#bytes -= entry.artefact.sealedBytes;
    this.#settle(fate);
  }

  /** Counts a captured frame that went into a map. */
  map(): void {
    this.#isChanged = true;
    this.books.captured++;
    this.books.mapped++;
  }

  /**
   * Counts what became of mapped scans: they are in a release, or their map is gone.
   * @throws MapveilError INTERNAL if not so many are in a map
   */
  unmap(fate: "mappedReleased" | "mappedLost", scans: number): void {
    const { mapped, mappedReleased, mappedLost } = this.books;
    if (scans > mapped - mappedReleased - mappedLost) {
      throw new MapveilError("INTERNAL", `Not so many scans are in a map as ${fate} counts.`);
    }
    this.#isChanged ||= scans > 0;
    this.books[fate] += scans;
  }

  /** Counts a captured frame that never comes on the shelf. */
  count(fate: Fate): void {
    this.books.captured++;
    this.#settle(fate);
  }

  #settle(fate: Fate): void {
    this.#isChanged = true;
    if ("uploaded" in fate) this.books.uploaded++;
    else if ("refused" in fate) this.books.refused[fate.refused]++;
    else this.books.evicted[fate.evicted]++;
  }
}
