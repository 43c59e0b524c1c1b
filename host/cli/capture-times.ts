/**
 * Capture times of a recording that is pushed as a robot would send it: they go on where a recording
 * that has none, or one that begins again, does not say how.
 */

/** From one frame to the next where nobody says it: ten a second, as most lidars do. */
const PERIOD_S = 0.1;
const NS_PER_S = 1e9;
const NS_PER_MS = 1e6;

export class CaptureTimes {
  readonly #startNs: bigint;
  #periodNs = BigInt(PERIOD_S * NS_PER_S);
  #shiftNs: bigint | undefined;
  #lastNs: bigint | undefined;

  /** `startMs` is the time of the first frame, if the recording has none; since the Unix epoch. */
  constructor(startMs: number) {
    this.#startNs = BigInt(Math.floor(startMs * NS_PER_MS));
  }

  /** The recording begins, or begins again; `periodS` is the time from frame to frame, if it is known. */
  begin(periodS = PERIOD_S): void {
    this.#periodNs = BigInt(Math.round(periodS * NS_PER_S));
    this.#shiftNs = undefined;
  }

  /** The time of the next frame, which the recording says or does not say. */
  next(stampNs: bigint | undefined): bigint {
    const after = this.#lastNs === undefined ? undefined : this.#lastNs + this.#periodNs;
    if (stampNs !== undefined) this.#shiftNs ??= after === undefined ? 0n : after - stampNs;
    this.#lastNs =
      stampNs === undefined ? (after ?? this.#startNs) : stampNs + (this.#shiftNs ?? 0n);
    return this.#lastNs;
  }
}
