/**
 * The ledger of the owner's decisions: entries are added, never changed, each chained to the one
 * before and signed by the robot. Verified whole when it opens. What does not verify is damage:
 * nothing is allowed and nothing is added from then on, and the history up to it can be read.
 *
 * Not to be told from the files: that the whole folder of the robot's state (key, ledger and head)
 * was set back to an older copy of itself, and that all of the ledger and its head were deleted,
 * which reads as a first start, with everything off. Who can write the folder as the robot's user
 * also has the key that signs. The receiver's own record of epochs shows both.
 */
import { MapveilError } from "../core/errors.ts";
import type { RobotKeys } from "../keys/index.ts";
import type { Log } from "../telemetry/log.ts";
import {
  entryHash,
  isSignedEntry,
  NO_HASH,
  SIGNATURE_BYTES,
  sameBytes,
  signEntry,
} from "./ledger-chain.ts";
import { type LedgerEntry, type NewEntry, parseEntry } from "./ledger-entry.ts";
import { type LedgerHead, readHead, writeHead } from "./ledger-head.ts";
import { hasStore, LedgerStore, type OpenStore } from "./ledger-store.ts";
import { PermissionError } from "./permission-error.ts";
import type { LedgerDamage, LedgerEvent } from "./types.ts";

/** Entries of a ledger at most, a few megabytes; withdrawals have room beyond it. */
const LEDGER_ENTRIES_MAX = 10_000;

export interface VerifiedEntry {
  readonly event: LedgerEvent;
  readonly entry: LedgerEntry;
}

interface Verified {
  readonly entries: VerifiedEntry[];
  readonly damage: LedgerDamage | undefined;
}

const damageAt = (epoch: number, reason: string): LedgerDamage => ({
  epoch: BigInt(epoch),
  reason,
});

/** One record, or what is wrong with it. */
function verifyRecord(
  record: Uint8Array,
  epoch: number,
  previousHash: Uint8Array,
  publicKey: Uint8Array,
): VerifiedEntry | string {
  if (record.length <= SIGNATURE_BYTES) return "is cut off";
  const signature = record.slice(0, SIGNATURE_BYTES);
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(
      record.subarray(SIGNATURE_BYTES),
    );
  } catch {
    return "is no text";
  }
  const hash = entryHash(previousHash, text);
  if (!isSignedEntry(publicKey, hash, signature)) {
    return "was not signed by this robot behind the entry before it";
  }
  const entry = parseEntry(text, epoch);
  if (typeof entry === "string") return entry;
  return { entry, event: { epoch: BigInt(epoch), entry: text, previousHash, hash, signature } };
}

/** Every record up to the first that does not verify. */
function verifyRecords(records: OpenStore["records"], publicKey: Uint8Array): Verified {
  const entries: VerifiedEntry[] = [];
  const requests = new Set<string>();
  for (const { epoch, record } of records) {
    const expected = entries.length + 1;
    if (epoch !== expected) {
      return { entries, damage: damageAt(expected, `Entry ${expected} of the ledger is missing.`) };
    }
    const previousHash = entries.at(-1)?.event.hash ?? NO_HASH;
    const found = verifyRecord(record, epoch, previousHash, publicKey);
    if (typeof found === "string") {
      return { entries, damage: damageAt(epoch, `Entry ${epoch} of the ledger ${found}.`) };
    }
    const request = found.entry.request_id;
    if (request !== undefined && requests.has(request)) {
      const reason = `Entry ${epoch} of the ledger repeats a request.`;
      return { entries, damage: damageAt(epoch, reason) };
    }
    if (request !== undefined) requests.add(request);
    entries.push(found);
  }
  return { entries, damage: undefined };
}

/** What the head says against the entries, if anything. */
function compareWithHead(
  entries: readonly VerifiedEntry[],
  head: LedgerHead | "missing" | "damaged",
): LedgerDamage | undefined {
  if (head === "damaged") {
    return damageAt(0, "The file ledger.head was changed or is not of this robot.");
  }
  if (head === "missing") {
    if (entries.length === 0) return undefined;
    return damageAt(0, "The file ledger.head is missing, it cannot be told whether entries are.");
  }
  if (head.epoch > entries.length) {
    const first = entries.length + 1;
    return damageAt(first, `Entries ${first} to ${head.epoch} of the ledger are missing.`);
  }
  const hash = head.epoch === 0 ? NO_HASH : entries[head.epoch - 1]!.event.hash;
  if (sameBytes(hash, head.hash)) return undefined;
  return damageAt(head.epoch, `Entry ${head.epoch} of the ledger is not the one that was written.`);
}

export class Ledger {
  readonly #stateDir: string;
  readonly #keys: RobotKeys;
  readonly #log: Log;
  readonly #store: LedgerStore | undefined;
  readonly #entries: VerifiedEntry[];
  #damage: LedgerDamage | undefined;
  /** The writing of the head that was begun last. */
  #heading: Promise<void> = Promise.resolve();

  private constructor(
    options: { stateDir: string; keys: RobotKeys; log: Log },
    store: LedgerStore | undefined,
    { entries, damage }: Verified,
  ) {
    this.#stateDir = options.stateDir;
    this.#keys = options.keys;
    this.#log = options.log;
    this.#store = store;
    this.#entries = entries;
    this.#damage = damage;
  }

  /**
   * Opens and verifies the ledger below `stateDir`, or begins it. Damage is no error: see `damage`.
   * Rejects with IO or NO_SPACE if its files cannot be read or made.
   */
  static async open(options: { stateDir: string; keys: RobotKeys; log: Log }): Promise<Ledger> {
    const { stateDir, keys, log } = options;
    const head = await readHead(stateDir, keys.signingPublicKey);
    const opened = await Ledger.#openStore(stateDir, head);
    if (!("store" in opened))
      return new Ledger(options, undefined, { entries: [], damage: opened });
    const { entries, damage } = verifyRecords(opened.records, keys.signingPublicKey);
    const found = damage ?? compareWithHead(entries, head);
    const ledger = new Ledger(options, opened.store, { entries, damage: found });
    if (found !== undefined) {
      log.error("ledger_damaged", { epoch: found.epoch });
      return ledger;
    }
    if (head === "missing" || (head as LedgerHead).epoch < entries.length) {
      await writeHead(stateDir, keys, ledger.#head).catch(async (error) => {
        await ledger.close();
        throw error;
      });
    }
    await ledger.#holdReserve();
    return ledger;
  }

  static async #openStore(
    stateDir: string,
    head: LedgerHead | "missing" | "damaged",
  ): Promise<OpenStore | LedgerDamage> {
    const wasBegun = head === "damaged" || (head !== "missing" && head.epoch > 0);
    // Left as it is for whoever looks into it: opening would begin a new one.
    if (wasBegun && !(await hasStore(stateDir))) {
      return damageAt(1, "The ledger is missing, and its head says that it had entries.");
    }
    try {
      return await LedgerStore.open(stateDir);
    } catch (error) {
      if ((error as MapveilError).code !== "INTEGRITY") throw error;
      return damageAt(0, (error as MapveilError).message);
    }
  }

  /** Where the ledger stops to be what was written; undefined if it is whole. */
  get damage(): LedgerDamage | undefined {
    return this.#damage;
  }

  /** Throws LEDGER_DAMAGED unless entries can be added. */
  assertWhole(): void {
    if (this.#damage === undefined) return;
    const message = `Permissions cannot be changed: the ledger is damaged. ${this.#damage.reason}`;
    throw new PermissionError("LEDGER_DAMAGED", message);
  }

  /** Every entry that verifies, the first one first. */
  get entries(): readonly VerifiedEntry[] {
    return this.#entries;
  }

  /**
   * Signs and adds an entry; on the disk when this returns. Throws LEDGER_DAMAGED, LEDGER_FULL for
   * a grant beyond the limit, NO_SPACE or IO if it cannot be written: nothing was added then.
   */
  append(content: NewEntry): LedgerEntry {
    this.assertWhole();
    if (content.action === "grant" && this.#entries.length >= LEDGER_ENTRIES_MAX) {
      const message = `The ledger has ${this.#entries.length} entries, and that is all it may have.`;
      throw new PermissionError("LEDGER_FULL", message);
    }
    const epoch = this.#entries.length + 1;
    const text = JSON.stringify({ epoch, ...content });
    const entry = parseEntry(text, epoch);
    if (typeof entry === "string") {
      throw new MapveilError("INTERNAL", `A new entry of the ledger ${entry}.`);
    }
    const event = signEntry(this.#keys, epoch, this.#head.hash, text);
    const record = Buffer.concat([event.signature, Buffer.from(text, "utf8")]);
    this.#write(epoch, record, content.action === "withdraw");
    this.#entries.push({ entry, event });
    this.#advanceHead();
    return entry;
  }

  /** Resolves when the head has caught up with the entries, or could not for now. */
  headWritten(): Promise<void> {
    return this.#heading;
  }

  async close(): Promise<void> {
    await this.#heading;
    await this.#store?.close();
  }

  get #head(): LedgerHead {
    const last = this.#entries.at(-1);
    return { epoch: this.#entries.length, hash: last?.event.hash ?? NO_HASH };
  }

  #write(epoch: number, record: Uint8Array, mayUseReserve: boolean): void {
    try {
      this.#store!.append(epoch, record, mayUseReserve);
    } catch (error) {
      const { code, message } = error as MapveilError;
      // Whatever another process decided is not known here.
      if (code === "UNAVAILABLE") this.#damage = damageAt(epoch, message);
      throw error;
    }
  }

  /** The entry itself is safe already; a head that stays behind is caught up later. */
  #advanceHead(): void {
    const head = this.#head;
    this.#heading = this.#heading
      .then(() => writeHead(this.#stateDir, this.#keys, head))
      .catch((error: MapveilError) => this.#log.warn("ledger_head_failed", { code: error.code }))
      .then(() => this.#holdReserve());
  }

  /** Without it all works as well, until the disk is full. */
  async #holdReserve(): Promise<void> {
    await this.#store?.holdReserve().catch((error: MapveilError) => {
      this.#log.warn("ledger_reserve_failed", { code: error.code });
    });
  }
}
