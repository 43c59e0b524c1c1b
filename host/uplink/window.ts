/** Which artefacts may set out now: all of them, or those that were there at the last tick. */
import type { Clock } from "../core/clock.ts";
import type { RandomBytes } from "../keys/index.ts";
import type { Spool, SpooledArtefact } from "../spool/types.ts";
import { Cadence } from "./cadence.ts";

export interface WindowOptions {
  /** Milliseconds between two ticks; 0 for uploads at once. */
  readonly cadenceMs: number;
  /** Artefacts that set out at a tick at most, 1 or more. */
  readonly perTick: number;
}

export class UploadWindow {
  readonly #cadence: Cadence | undefined;
  readonly #perTick: number;
  readonly #spool: Pick<Spool, "state">;
  /** With a cadence: the artefacts below this serial were there at the tick. */
  #belowSerial = 0;
  /** Those that set out since the tick. */
  readonly #setOut = new Set<string>();
  #isOpen: boolean;

  constructor(
    { cadenceMs, perTick }: WindowOptions,
    spool: Pick<Spool, "state">,
    clock: Clock,
    random: RandomBytes,
  ) {
    this.#cadence = cadenceMs === 0 ? undefined : new Cadence(cadenceMs, clock, random);
    this.#perTick = perTick;
    this.#spool = spool;
    this.#isOpen = this.#cadence === undefined;
  }

  /** Whether anything may set out; looks whether a tick has come. */
  isOpen(): boolean {
    if (this.#cadence?.hasTicked()) {
      this.#isOpen = true;
      this.#belowSerial = this.#spool.state().nextSerial;
      this.#setOut.clear();
    }
    return this.#isOpen;
  }

  /** Whether this artefact may set out, or go on, before the next tick. */
  has({ id, serial }: SpooledArtefact): boolean {
    if (this.#cadence === undefined) return true;
    if (!this.#isOpen || serial >= this.#belowSerial) return false;
    return this.#setOut.has(id) || this.#setOut.size < this.#perTick;
  }

  /** It sets out. */
  take({ id }: SpooledArtefact): void {
    if (this.#cadence !== undefined) this.#setOut.add(id);
  }

  /** All that the tick began is done: nothing more until the next. True if there is a cadence. */
  close(): boolean {
    if (this.#cadence === undefined) return false;
    this.#isOpen = false;
    return true;
  }

  /** Milliseconds until it has to be looked at again, if that is `lookMs` while it is open. */
  pauseMs(lookMs: number): number {
    const leftMs = this.#cadence?.leftMs() ?? lookMs;
    return Math.max(0, this.#isOpen ? Math.min(lookMs, leftMs) : leftMs);
  }

  /** Milliseconds until the next tick; undefined without a cadence. */
  nextTickMs(): number | undefined {
    return this.#cadence?.leftMs();
  }
}
