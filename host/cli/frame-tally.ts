/** Adds up the reports of frames: what came in, what left, what was stripped, how long it took. */
import type { Frame } from "../core/frame.ts";
import type { FrameReport } from "../core/frame-report.ts";
import { addCounts, type RedactedCounts } from "../veil/passing-strings.ts";
import type { SealedFrameReport } from "../veil/sanitizer.ts";
import { type Spread, spread } from "./spread.ts";
import { addTo, type Sums } from "./sums.ts";

/** Totals of a run, as `--json` prints them. */
export interface Totals {
  readonly frames: number;
  readonly points: {
    readonly in: number;
    readonly dropped: FrameReport["dropped"];
    readonly cropped: FrameReport["cropped"];
    readonly kept: number;
    readonly voxels: number;
  };
  /** `in`: raw points; `out`: the artefact, its header and end included. */
  readonly bytes: { readonly in: number; readonly out: number };
  /** Names that are in the artefact. */
  readonly passed: readonly string[];
  /** What ended here, with how often it was offered: once a frame, for values are not read. */
  readonly stripped: readonly { readonly name: string; readonly values: number }[];
  readonly strippedPointFields: readonly string[];
  /** Values that were redacted in strings that passed, by kind. */
  readonly redacted: RedactedCounts;
  /** Sanitising and sealing, a frame. */
  readonly ms: Spread;
  /** From one frame of the sensor to the next, if its mode is known. */
  readonly periodMs?: number;
}

export class FrameTally {
  #frames = 0;
  #bytesIn = 0;
  readonly #points = { pointsIn: 0, pointsKept: 0, voxels: 0 };
  readonly #dropped: Sums<FrameReport["dropped"]> = {
    nan: 0,
    infinite: 0,
    empty: 0,
    outOfDomain: 0,
  };
  readonly #cropped: Sums<FrameReport["cropped"]> = { noGo: 0, range: 0, height: 0, box: 0 };
  readonly #passed = new Set<string>();
  readonly #stripped = new Map<string, number>();
  readonly #pointFields = new Set<string>();
  #redacted: RedactedCounts = {};
  readonly #times: number[] = [];

  get frames(): number {
    return this.#frames;
  }

  /** Counts one frame that was sealed in `milliseconds`. */
  add(frame: Frame, report: SealedFrameReport, milliseconds: number): void {
    this.#frames++;
    this.#bytesIn += report.bytesIn;
    addTo(this.#points, report);
    addTo(this.#dropped, report.dropped);
    addTo(this.#cropped, report.cropped);
    for (const name of report.passed) this.#passed.add(name);
    for (const name of report.strippedPointFields) this.#pointFields.add(name);
    for (const name of report.stripped) {
      const offered = frame.metadata.filter((field) => field.name === name).length;
      // The stamp and the pose stand in no list, and are one value each.
      this.#stripped.set(name, (this.#stripped.get(name) ?? 0) + Math.max(1, offered));
    }
    this.#redacted = addCounts(this.#redacted, report.redacted);
    this.#times.push(milliseconds);
  }

  /** @param bytesOut bytes of the whole artefact */
  totals(bytesOut: number, periodSeconds: number | undefined): Totals {
    return {
      frames: this.#frames,
      points: {
        in: this.#points.pointsIn,
        dropped: { ...this.#dropped },
        cropped: { ...this.#cropped },
        kept: this.#points.pointsKept,
        voxels: this.#points.voxels,
      },
      bytes: { in: this.#bytesIn, out: bytesOut },
      passed: [...this.#passed],
      stripped: [...this.#stripped].map(([name, values]) => ({ name, values })),
      strippedPointFields: [...this.#pointFields],
      redacted: this.#redacted,
      ms: spread(this.#times),
      ...(periodSeconds !== undefined && { periodMs: periodSeconds * 1000 }),
    };
  }
}
