/** The local store's index: LMDB, with every change on the disk before it counts. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { type Database, open, type RootDatabase } from "lmdb";
import { MapveilError } from "../core/errors.ts";
import {
  decodeFloor,
  decodeRecord,
  decodeTotals,
  encodeFloor,
  encodeRecord,
  type IndexRecord,
  idOf,
  NO_TOTALS,
  type Totals,
} from "./local-records.ts";
import { diskRefusal } from "./reasons.ts";
import type { Floor, FloorKey, StoredArtefact } from "./store.ts";

/** Of the layout of keys and records. */
const VERSION = 1;

const floorId = ({ recipient, source, dataClass }: FloorKey) =>
  `${recipient}/${source}/${dataClass}`;

interface Waiting {
  run(): void;
  settle(failure?: unknown): void;
}

/**
 * Reading is immediate. Writing goes through `change`; the methods that say so may be called in
 * there only.
 */
export class LocalIndex {
  readonly #root: RootDatabase;
  readonly #records: Database<unknown, string>;
  /** [recipient, order] to the artefact's part of the name. */
  readonly #order: Database<string, [string, number]>;
  readonly #floors: Database<unknown, string>;
  readonly #totals: Database<unknown, string>;
  #waiting: Waiting[] = [];

  /** Whether there is an index in a folder. */
  static isIn(folder: string): boolean {
    return existsSync(join(folder, "index", "data.mdb"));
  }

  /** Opens the index in `folder`/index, or makes it. Throws INTEGRITY for one of another version. */
  constructor(folder: string) {
    // Each commit is forced to the disk before it returns; the meta page is opened with O_DSYNC.
    this.#root = open({ path: join(folder, "index"), overlappingSync: false, maxDbs: 8 });
    const table = { encoding: "json" } as const;
    // One commit makes a new index: a kill never leaves a half of it.
    const tables = this.#root.transactionSync(() => {
      const facts = this.#root.openDB<unknown, string>("facts", table);
      if (facts.get("version") === undefined) facts.putSync("version", VERSION);
      return {
        version: facts.get("version"),
        records: this.#root.openDB<unknown, string>("records", table),
        order: this.#root.openDB<string, [string, number]>("order", table),
        floors: this.#root.openDB<unknown, string>("floors", table),
        totals: this.#root.openDB<unknown, string>("totals", table),
      };
    });
    this.#records = tables.records;
    this.#order = tables.order;
    this.#floors = tables.floors;
    this.#totals = tables.totals;
    const { version } = tables;
    if (version !== VERSION) {
      const message = `${folder}: the index has version ${String(version)}, this receiver knows ${VERSION}; use the receiver that made it.`;
      throw new MapveilError("INTEGRITY", message, { file: folder });
    }
  }

  get(id: string): IndexRecord | undefined {
    const value = this.#records.get(id);
    return value === undefined ? undefined : decodeRecord(id, value);
  }

  /** Every record that there was at the beginning of the walk. */
  *records(): Iterable<{ id: string; record: IndexRecord }> {
    for (const { key, value } of this.#records.getRange()) {
      yield { id: key, record: decodeRecord(key, value) };
    }
  }

  list(recipient: string, afterOrder: number, limit: number): StoredArtefact[] {
    const start: [string, number] = [recipient, afterOrder + 1];
    const end: [string, number] = [recipient, Number.MAX_SAFE_INTEGER];
    const ids = [...this.#order.getRange({ start, end, limit })];
    return ids.flatMap(({ value: artefact }) => {
      const record = this.get(idOf({ recipient, artefact }));
      return record?.state === "stored" ? [record.artefact] : [];
    });
  }

  floor(key: FloorKey): Floor | undefined {
    const value = this.#floors.get(floorId(key));
    return value === undefined ? undefined : decodeFloor(value);
  }

  totals(recipient: string): Totals {
    const value = this.#totals.get(recipient);
    return value === undefined ? NO_TOTALS : decodeTotals(value);
  }

  allTotals(): Totals[] {
    return [...this.#totals.getRange()].map(({ value }) => decodeTotals(value));
  }

  /**
   * Runs `action` in a transaction and resolves when it is on the disk. Actions of one turn of the
   * event loop share a commit, so an action must check everything before its first change: what it
   * throws rejects its own promise only. Commits are synchronous because the asynchronous ones of
   * this binding end the process on a full disk by rejections that nobody can catch.
   */
  change<T>(action: () => T): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      let outcome: { value: T } | { thrown: unknown };
      if (this.#waiting.length === 0) setImmediate(() => this.#commit());
      this.#waiting.push({
        run: () => {
          try {
            outcome = { value: action() };
          } catch (thrown) {
            outcome = { thrown };
          }
        },
        settle: (failure) => {
          if (failure !== undefined) reject(diskRefusal(failure));
          else if ("thrown" in outcome) reject(outcome.thrown);
          else resolve(outcome.value);
        },
      });
    });
  }

  #commit(): void {
    const batch = this.#waiting;
    this.#waiting = [];
    let failure: unknown;
    try {
      this.#root.transactionSync(() => {
        for (const { run } of batch) run();
      });
    } catch (error) {
      failure = error ?? new Error("the commit failed");
    }
    for (const { settle } of batch) settle(failure);
  }

  /** Within `change`. */
  put(id: string, record: Exclude<IndexRecord, { state: "stored" }>): void {
    this.#records.put(id, encodeRecord(record));
  }

  /** Within `change`. */
  forget(id: string): void {
    this.#records.remove(id);
  }

  /** Within `change`: gives an artefact its place and counts it. */
  putStored(artefact: Omit<StoredArtefact, "order">): StoredArtefact {
    const { recipient } = artefact;
    const totals = this.totals(recipient);
    const stored = { ...artefact, order: totals.stored + 1 };
    this.#records.put(idOf(stored), encodeRecord({ state: "stored", artefact: stored }));
    this.#order.put([recipient, stored.order], stored.artefact);
    this.#totals.put(recipient, {
      ...totals,
      stored: stored.order,
      kept: totals.kept + 1,
      keptBytes: totals.keptBytes + stored.sizeBytes,
    });
    return stored;
  }

  /** Within `change`: takes an artefact off the list, as deleted for ever or as lost. */
  takeOff(artefact: StoredArtefact, became: "deleted" | "lost"): void {
    const { recipient, order, sizeBytes } = artefact;
    const totals = this.totals(recipient);
    if (became === "deleted") this.#records.put(idOf(artefact), { state: "deleted" });
    else this.#records.remove(idOf(artefact));
    this.#order.remove([recipient, order]);
    this.#totals.put(recipient, {
      ...totals,
      kept: totals.kept - 1,
      keptBytes: totals.keptBytes - sizeBytes,
      [became]: totals[became] + 1,
    });
  }

  /** Within `change`. */
  putFloor(key: FloorKey, floor: Floor): void {
    if (this.floor(key) === undefined) {
      const totals = this.totals(key.recipient);
      this.#totals.put(key.recipient, { ...totals, floors: totals.floors + 1 });
    }
    this.#floors.put(floorId(key), encodeFloor(floor));
  }

  /** Waits for the changes under way. */
  async close(): Promise<void> {
    if (this.#waiting.length > 0) await this.change(() => {}).catch(() => {});
    await this.#root.close();
  }
}
