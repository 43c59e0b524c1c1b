/** Unpacks the points of LAZ files with laz-perf (LASzip in WebAssembly). */
import type { LazPerf } from "laz-perf";
import { tooLarge } from "./input-errors.ts";
import type { LasHeader } from "./las-header.ts";

/** The decoder wants the packed file whole in its memory. */
export const LAZ_BYTES_MAX = 1 << 29;

/** Formats with waveforms are packed in a way that the library does not know. */
const UNPACKED_FORMATS = new Set([0, 1, 2, 3, 6, 7, 8]);

/** Events that the library's start takes part in, to end the process by itself. */
const PROCESS_EVENTS = ["uncaughtException", "unhandledRejection"] as const;

export function canUnpack({ format }: LasHeader): boolean {
  return UNPACKED_FORMATS.has(format);
}

/** Points of one file, one after the other, in a memory of their own: damage does not spread. */
export class LazPoints {
  readonly #laz: LazPerf;
  readonly #points: InstanceType<LazPerf["LASZip"]>;
  readonly #pointStep: number;
  readonly #at: number;

  /**
   * @param packed the whole file
   * @throws Error or RuntimeError of the library if it is damaged; TOO_LARGE without room for it
   */
  static async open(path: string, packed: Uint8Array, header: LasHeader): Promise<LazPoints> {
    const laz = await loadLazPerf();
    const at = laz._malloc(packed.length);
    if (at === 0)
      throw tooLarge(path, `${packed.length} packed bytes find no room; unpack the file.`);
    laz.HEAPU8.set(packed, at);
    const points = new laz.LASZip();
    points.open(at, packed.length);
    if (points.getPointLength() !== header.pointStep) throw new RangeError("length of a point");
    return new LazPoints(laz, points, header.pointStep);
  }

  private constructor(laz: LazPerf, points: InstanceType<LazPerf["LASZip"]>, pointStep: number) {
    this.#laz = laz;
    this.#points = points;
    this.#pointStep = pointStep;
    this.#at = laz._malloc(pointStep);
  }

  /** Unpacks `count` points into `target`, from its start. Throws as `open` does. */
  read(target: Uint8Array, count: number): void {
    const [step, at] = [this.#pointStep, this.#at];
    for (let i = 0; i < count; i++) {
      this.#points.getPoint(at);
      target.set(this.#laz.HEAPU8.subarray(at, at + step), i * step);
    }
  }
}

async function loadLazPerf(): Promise<LazPerf> {
  const { createLazPerf } = await import("laz-perf");
  const before = PROCESS_EVENTS.map((event) => process.listeners(event as "uncaughtException"));
  const loading = createLazPerf({ print: () => {}, printErr: () => {} });
  // The library's start makes every uncaught fault of the process its own.
  for (const [i, event] of PROCESS_EVENTS.entries()) {
    for (const listener of process.listeners(event as "uncaughtException")) {
      if (!before[i]!.includes(listener)) process.off(event, listener);
    }
  }
  return loading;
}
