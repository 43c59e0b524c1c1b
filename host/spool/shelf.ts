/** What waits, in memory: found by id, by class and by age without asking the disk. */
import { DATA_CLASSES, type DataClass } from "../permission/vocabulary.ts";
import type { Entry } from "./entry-record.ts";
import type { SpooledArtefact } from "./types.ts";

export class Shelf {
  readonly #byId = new Map<string, Entry>();
  /** A Map keeps the order of its insertions, which is that of the serials. */
  readonly #byClass = new Map(DATA_CLASSES.map((c) => [c, new Map<number, Entry>()]));
  #bytes = 0;

  get size(): number {
    return this.#byId.size;
  }

  /** Sealed bytes. */
  get bytes(): number {
    return this.#bytes;
  }

  find(id: string): Entry | undefined {
    return this.#byId.get(id);
  }

  /** Entries must come in the order of their serials. */
  add(entry: Entry): void {
    this.#byId.set(entry.artefact.id, entry);
    this.#byClass.get(entry.artefact.dataClass)!.set(entry.artefact.serial, entry);
    this.#bytes += entry.artefact.sealedBytes;
  }

  remove(entry: Entry): void {
    this.#byId.delete(entry.artefact.id);
    this.#byClass.get(entry.artefact.dataClass)!.delete(entry.artefact.serial);
    this.#bytes -= entry.artefact.sealedBytes;
  }

  entries(): Iterable<Entry> {
    return this.#byId.values();
  }

  /** Entries of a class, the oldest first. */
  ofClass(dataClass: DataClass): Iterable<Entry> {
    return this.#byClass.get(dataClass)!.values();
  }

  /** Artefacts in the order of upload. */
  *inUploadOrder(): Generator<SpooledArtefact> {
    for (const entries of this.#byClass.values()) {
      for (const { artefact } of entries.values()) yield artefact;
    }
  }

  /** Entries in the order of eviction, from the last class up to and with `highest`. */
  *inEvictionOrder(highest: DataClass): Generator<Entry> {
    for (const dataClass of [...DATA_CLASSES].reverse()) {
      yield* this.ofClass(dataClass);
      if (dataClass === highest) return;
    }
  }

  /** The oldest entry of each class that has any. */
  *oldestOfClasses(): Generator<Entry> {
    for (const entries of this.#byClass.values()) {
      for (const entry of entries.values()) {
        yield entry;
        break;
      }
    }
  }
}
