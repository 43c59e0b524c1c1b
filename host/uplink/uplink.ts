/** Brings what waits in the spool to the receiver, once, whole, and only while the gate allows it. */
import { MapveilError } from "../core/errors.ts";
import type { DataClass } from "../permission/vocabulary.ts";
import type { UplinkParts, UplinkState } from "./types.ts";

export class Uplink {
  readonly #parts: UplinkParts;

  constructor(parts: UplinkParts) {
    this.#parts = parts;
  }

  /** Begins to upload. USAGE if it was started before. */
  start(): void {
    throw new MapveilError("INTERNAL", `Not there yet: ${this.#parts.recipient}.`);
  }

  /**
   * Stops: lets what is on its way end within `graceMs`, then cancels it. What was not confirmed
   * stays in the spool. Resolves when no call is open any more.
   */
  stop(graceMs: number): Promise<void> {
    return Promise.reject(new MapveilError("INTERNAL", `Not there yet: ${graceMs}.`));
  }

  /**
   * The owner withdrew the class; the gate says so already. Resolves when no byte of the class can
   * be written any more; the receiver is told in the background until it knows.
   */
  withdraw(dataClass: DataClass): Promise<void> {
    return Promise.reject(new MapveilError("INTERNAL", `Not there yet: ${dataClass}.`));
  }

  state(): UplinkState {
    throw new MapveilError("INTERNAL", "Not there yet.");
  }
}
