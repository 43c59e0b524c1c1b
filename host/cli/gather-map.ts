/** Scans of recordings into one map: what became of each, added up. */
import { MapveilError } from "../core/errors.ts";
import type { Frame } from "../core/frame.ts";
import type { FrameReport } from "../core/frame-report.ts";
import type { MapMaker, MapReleaseReport } from "../veil/map-maker.ts";
import { eachFrame } from "./each-frame.ts";
import { type FrameFault, FrameFaults } from "./frame-faults.ts";
import { type Spread, spread } from "./spread.ts";
import { addTo, type Sums } from "./sums.ts";

export interface GatherOptions {
  /** Scans to take; all if absent. */
  readonly frames?: number;
  /** Whether faulty scans are left out instead of ending it all. */
  readonly partial?: boolean;
  /** Called behind each scan, with the number of scans taken. */
  readonly onScan?: (scans: number) => void;
}

/** What came in, and what became of it on the way into the map. */
export interface GatheredScans {
  readonly points: {
    readonly in: number;
    readonly dropped: FrameReport["dropped"];
    readonly cropped: FrameReport["cropped"];
    readonly kept: number;
  };
  readonly bytesIn: number;
  /** Taking a scan into the map. */
  readonly ms: Spread;
  /** From one scan to the next, on average, if they have times. */
  readonly periodMs?: number;
  readonly faults: readonly FrameFault[];
  readonly faultCount: number;
}

export interface GatheredMap extends GatheredScans {
  readonly veil: Uint8Array;
  readonly report: MapReleaseReport;
}

/**
 * Puts all scans into the map and seals what may leave of it.
 * @throws MapveilError of the first faulty scan; with `partial` only if none could be taken; REFUSED
 *   where all scans are younger than the hold-back
 */
export async function gatherMap(
  frames: AsyncIterable<Frame>,
  maker: MapMaker,
  options: GatherOptions = {},
): Promise<GatheredMap> {
  const run = new GatherRun(maker, options);
  await run.takeAll(frames);
  return run.finish();
}

class GatherRun {
  readonly #maker: MapMaker;
  readonly #options: GatherOptions;
  readonly #faults: FrameFaults;
  readonly #sums = { pointsIn: 0, pointsKept: 0, bytesIn: 0 };
  readonly #dropped: Sums<FrameReport["dropped"]> = {
    nan: 0,
    infinite: 0,
    empty: 0,
    outOfDomain: 0,
  };
  readonly #cropped: Sums<FrameReport["cropped"]> = { noGo: 0, range: 0, height: 0, box: 0 };
  readonly #times: number[] = [];
  #firstNs: bigint | undefined;
  #lastNs: bigint | undefined;
  #heldScans = 0;

  constructor(maker: MapMaker, options: GatherOptions) {
    this.#maker = maker;
    this.#options = options;
    this.#faults = new FrameFaults(options.partial === true);
  }

  takeAll(source: AsyncIterable<Frame>): Promise<void> {
    return eachFrame(
      source,
      this.#options.frames,
      (index, frame) => this.#take(index, frame),
      (index, error) => this.#faults.note(index, error, this.#times.length),
    );
  }

  #take(index: number, frame: Frame): void {
    const start = performance.now();
    try {
      const report = this.#maker.add(frame);
      this.#times.push(performance.now() - start);
      this.#heldScans = report.heldScans;
      this.#firstNs ??= frame.stampNs;
      this.#lastNs = frame.stampNs;
      addTo(this.#sums, report);
      addTo(this.#dropped, report.dropped);
      addTo(this.#cropped, report.cropped);
      this.#options.onScan?.(this.#times.length);
    } catch (error) {
      this.#faults.note(index, error, this.#times.length);
    }
  }

  finish(): GatheredMap {
    const scans = this.#times.length;
    if (scans === 0) {
      throw (
        this.#faults.first ??
        new MapveilError("BAD_INPUT", "The recording holds no scan; nothing was written.")
      );
    }
    const released = this.#maker.release();
    if (released === undefined)
      throw this.#heldScans === scans ? allHeldBack(scans) : nothingStays();
    const spanNs = Number((this.#lastNs ?? 0n) - (this.#firstNs ?? 0n));
    const periodMs = spanNs / 1e6 / Math.max(1, scans - 1);
    return {
      ...released,
      points: {
        in: this.#sums.pointsIn,
        dropped: this.#dropped,
        cropped: this.#cropped,
        kept: this.#sums.pointsKept,
      },
      bytesIn: this.#sums.bytesIn,
      ms: spread(this.#times),
      ...(periodMs > 0 && { periodMs }),
      faults: this.#faults.listed,
      faultCount: this.#faults.count,
    };
  }
}

function allHeldBack(scans: number): MapveilError {
  const text =
    `All ${scans} scans are younger than the policy's map.hold_back, counted from the last scan, ` +
    "so nothing of the map may leave; nothing was written. Record for longer, or lower " +
    "map.hold_back, at the price that people who have just moved are not recognised.";
  return new MapveilError("REFUSED", text, { field: "map.hold_back" });
}

function nothingStays(): MapveilError {
  const text =
    "Nothing of the map may leave: no place was hit in enough scans, or all of them were empty at " +
    "some time; nothing was written. Scans should follow each other by less than a second, and their " +
    "poses should be those of the lidar (see --mount).";
  return new MapveilError("REFUSED", text);
}
