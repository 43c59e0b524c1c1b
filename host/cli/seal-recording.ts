/** A whole recording through the sanitizer into one artefact file, frame by frame. */
import { MapveilError } from "../core/errors.ts";
import type { Frame } from "../core/frame.ts";
import { type AtomicFile, createAtomicFile, type FrameSource } from "../formats/index.ts";
import type { Artefact, Sanitizer } from "../veil/sanitizer.ts";
import { eachFrame } from "./each-frame.ts";
import { type FrameFault, FrameFaults } from "./frame-faults.ts";
import { FrameTally, type Totals } from "./frame-tally.ts";

export interface SealOptions {
  /** Frames to take; all if absent. */
  readonly frames?: number;
  /** Whether faulty frames are left out instead of ending it all. */
  readonly partial?: boolean;
  /** Called behind each frame, with the number of frames sealed. */
  readonly onFrame?: (frames: number) => void;
}

export interface SealResult {
  readonly totals: Totals;
  /** Frames that could not be processed; the first of `faultCount`. */
  readonly faults: readonly FrameFault[];
  readonly faultCount: number;
}

/**
 * Seals the frames of `source` into the file `path`, which appears whole or not at all. Memory does
 * not grow with the recording.
 * @throws MapveilError of the first faulty frame; with `partial` only if no frame could be sealed
 */
export async function sealRecording(
  source: FrameSource,
  sanitizer: Sanitizer,
  path: string,
  options: SealOptions = {},
): Promise<SealResult> {
  const run = new SealRun(sanitizer.begin(), await createAtomicFile(path), options);
  try {
    await run.start();
    await run.takeAll(source);
    return await run.finish(source);
  } finally {
    await run.file.abort();
  }
}

class SealRun {
  readonly file: AtomicFile;
  readonly #artefact: Artefact;
  readonly #options: SealOptions;
  readonly #tally = new FrameTally();
  readonly #faults: FrameFaults;

  constructor(artefact: Artefact, file: AtomicFile, options: SealOptions) {
    this.#artefact = artefact;
    this.file = file;
    this.#options = options;
    this.#faults = new FrameFaults(options.partial === true);
  }

  async start(): Promise<void> {
    await this.file.write(this.#artefact.header);
  }

  takeAll(source: FrameSource): Promise<void> {
    return eachFrame(
      source.frames(),
      this.#options.frames,
      (index, frame) => this.#take(index, frame),
      (index, error) => this.#faults.note(index, error, this.#tally.frames),
    );
  }

  async #take(index: number, frame: Frame): Promise<void> {
    let sealed: ReturnType<Artefact["add"]>;
    const start = performance.now();
    try {
      sealed = this.#artefact.add(frame);
    } catch (error) {
      this.#faults.note(index, error, this.#tally.frames);
      return;
    }
    this.#tally.add(frame, sealed.report, performance.now() - start);
    await this.file.write(sealed.bytes);
    this.#options.onFrame?.(this.#tally.frames);
  }

  async finish(source: FrameSource): Promise<SealResult> {
    if (this.#tally.frames === 0) {
      throw (
        this.#faults.first ??
        new MapveilError("BAD_INPUT", "The recording holds no frame; nothing was written.")
      );
    }
    await this.file.write(this.#artefact.end());
    await this.file.commit();
    return {
      totals: this.#tally.totals(this.file.bytesWritten, source.periodSeconds),
      faults: this.#faults.listed,
      faultCount: this.#faults.count,
    };
  }
}
