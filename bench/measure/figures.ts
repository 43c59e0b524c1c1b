/** Timings as figures that a later run is compared with. */
import type { Figure } from "../report/report.ts";
import { ratioOf, type Timing } from "./race.ts";

/** How many times longer `slow` took than `fast`. */
export function ratioFigure(name: string, slow: Timing, fast: Timing): Figure {
  const rounds = slow.rounds.map((time, round) => time / fast.rounds[round]!);
  return { name, unit: "x", better: "higher", value: ratioOf(slow, fast), rounds };
}

/** Milliseconds, the median of all samples. */
export function timeFigure(name: string, timing: Timing): Figure {
  return { name, unit: "ms", better: "lower", value: timing.p50, rounds: timing.rounds };
}
