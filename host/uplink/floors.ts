/**
 * Tells the receiver of withdrawals, so that it refuses what is still on some way to it.
 *
 * A floor is told under the pseudonym of the moment at which it was raised, and under those of writes
 * of its class that were under way then: nothing else below it can be on its way. It is never told
 * again under a later pseudonym, because the same floors under two names would link them.
 */
import { DATA_CLASSES, type DataClass } from "../permission/vocabulary.ts";
import type { IngestLink, SourceName, UplinkParts } from "./types.ts";
import { recipientName, wireClass } from "./wire-names.ts";

interface Owed {
  readonly name: SourceName;
  readonly floors: Map<DataClass, bigint>;
}

export class Floors {
  readonly #parts: UplinkParts;
  /** Floors that were seen; what there is at the start of an epoch was told before, or never will be. */
  readonly #seen = new Map<DataClass, bigint>();
  /** By pseudonym, in the order in which they came to be owed. */
  readonly #owed = new Map<string, Owed>();
  /** What the receiver has confirmed, by pseudonym and class. */
  readonly #told = new Map<string, bigint>();
  #hasLooked = false;

  constructor(parts: UplinkParts) {
    this.#parts = parts;
  }

  /** The pseudonym under which something has to be told next, if any. */
  next(): SourceName | undefined {
    this.#look();
    for (const { name } of this.#owed.values()) return name;
    return undefined;
  }

  /** A write of this class was under way under that pseudonym when the class was withdrawn. */
  owe(name: SourceName, dataClass: DataClass): void {
    const floor = this.#parts.gate.epochFloor(dataClass);
    if (floor <= (this.#told.get(`${name.source} ${dataClass}`) ?? 0n)) return;
    const owed = this.#owed.get(name.source) ?? { name, floors: new Map() };
    owed.floors.set(dataClass, floor);
    this.#owed.set(name.source, owed);
  }

  /** Announces over `link` what is owed under its pseudonym. Throws the call's RpcError. */
  async announce(link: IngestLink, name: SourceName, signal: AbortSignal): Promise<void> {
    const { options, log } = this.#parts;
    const owed = this.#owed.get(name.source);
    for (const [dataClass, epochFloor] of [...(owed?.floors ?? [])]) {
      await link.client.raiseEpochFloor(
        {
          parent: recipientName(name.recipient),
          source: name.source,
          dataClass: wireClass(dataClass),
          epochFloor,
        },
        { timeoutMs: options.stallTimeoutMs, signal },
      );
      this.#told.set(`${name.source} ${dataClass}`, epochFloor);
      // It may have risen again meanwhile.
      if (owed?.floors.get(dataClass) === epochFloor) owed.floors.delete(dataClass);
      log.info("epoch_floor_announced", { dataClass, epoch: epochFloor });
    }
    if (owed?.floors.size === 0) this.#owed.delete(name.source);
  }

  #look(): void {
    const { gate, names, clock } = this.#parts;
    const { sinceMs } = names.sourceAt(clock.wallMs());
    for (const dataClass of DATA_CLASSES) {
      const floor = gate.epochFloor(dataClass);
      if (floor <= (this.#seen.get(dataClass) ?? 0n)) continue;
      this.#seen.set(dataClass, floor);
      const raisedMs = gate.floorRaisedMs(dataClass);
      if (this.#hasLooked || raisedMs >= sinceMs) this.owe(names.sourceAt(raisedMs), dataClass);
    }
    this.#hasLooked = true;
  }
}
