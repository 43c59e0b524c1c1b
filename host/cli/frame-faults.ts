/** Frames of a recording that cannot be processed: the end of it all, or noted and left out. */
import { type ErrorCode, MapveilError } from "../core/errors.ts";

/** A frame that is not in the artefact; `frame` counts from 1. */
export interface FrameFault {
  readonly frame: number;
  readonly code: ErrorCode;
  readonly message: string;
}

const FAULTS_LISTED = 10;

/** What one frame may do without all others being in doubt; a full disk is not among it. */
const FAULTS_OF_A_FRAME: readonly ErrorCode[] = ["BAD_INPUT", "TOO_LARGE", "REFUSED"];

export class FrameFaults {
  readonly #isPartial: boolean;
  readonly #listed: FrameFault[] = [];
  #count = 0;
  #first: unknown;

  /** @param isPartial whether faulty frames are left out instead of ending it all */
  constructor(isPartial: boolean) {
    this.#isPartial = isPartial;
  }

  /** The first of them, as many as are worth reading. */
  get listed(): readonly FrameFault[] {
    return this.#listed;
  }

  get count(): number {
    return this.#count;
  }

  /** What the first of them threw. */
  get first(): unknown {
    return this.#first;
  }

  /**
   * Remembers the fault of frame `index`, from 1, or throws it.
   * @param taken frames that were processed so far
   */
  note(index: number, error: unknown, taken: number): void {
    if (!(error instanceof MapveilError) || !FAULTS_OF_A_FRAME.includes(error.code)) throw error;
    if (!this.#isPartial) throw withHint(index, error, taken);
    this.#first ??= error;
    this.#count++;
    if (this.#listed.length === FAULTS_LISTED) return;
    this.#listed.push({ frame: index, code: error.code, message: error.message });
  }
}

function withHint(index: number, error: MapveilError, taken: number): MapveilError {
  if (taken === 0) return error;
  const text =
    `${error.message} This was at frame ${index}; nothing was written. ` +
    "With --partial the frames that can be processed are kept.";
  return new MapveilError(error.code, text, error.details, error);
}
