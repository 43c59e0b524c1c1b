/** Tells the receiver of withdrawals, so that it refuses what is still on some way to it. */
import { DATA_CLASSES, type DataClass } from "../permission/vocabulary.ts";
import type { IngestLink, UplinkParts } from "./types.ts";
import { recipientName, wireClass } from "./wire-names.ts";

export class Floors {
  readonly #parts: UplinkParts;
  /** To this link for this source: a new one of either starts without any. */
  #announced = new Map<DataClass, bigint>();
  #link: IngestLink | undefined;
  #source = "";

  constructor(parts: UplinkParts) {
    this.#parts = parts;
  }

  /** Announces to `link` what it does not know for `source`. Throws the call's RpcError. */
  async announce(link: IngestLink, source: string, signal: AbortSignal): Promise<void> {
    const { gate, recipient, options, log } = this.#parts;
    if (link !== this.#link || source !== this.#source) this.#announced = new Map();
    this.#link = link;
    this.#source = source;
    for (const dataClass of DATA_CLASSES) {
      const epochFloor = gate.epochFloor(dataClass);
      if (epochFloor <= (this.#announced.get(dataClass) ?? 0n)) continue;
      await link.client.raiseEpochFloor(
        {
          parent: recipientName(recipient),
          source,
          dataClass: wireClass(dataClass),
          epochFloor,
        },
        { timeoutMs: options.stallTimeoutMs, signal },
      );
      this.#announced.set(dataClass, epochFloor);
      log.info("epoch_floor_announced", { dataClass, epoch: epochFloor });
    }
  }
}
