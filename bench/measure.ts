/**
 * Races: contenders sampled by tinybench in interleaved rounds. In every round each of them runs so
 * many times, in an order that turns with the round; a ratio is the median of the rounds' ratios, so
 * that a disturbance of the machine hits both sides of it or one round.
 */
import { Bench } from "tinybench";

export interface Contender {
  readonly name: string;
  /** One sample. Number `turn` counts up from 0: inputs are rotated by it. */
  run(turn: number): unknown;
  /** Runs before each sample, untimed. */
  prepare?(turn: number): void;
  /** Samples a round; default the race's. */
  readonly samples?: number;
}

export interface Timing {
  readonly name: string;
  /** Milliseconds over all samples of all rounds. */
  readonly p50: number;
  readonly p99: number;
  readonly samples: number;
  /** Medians of the rounds, milliseconds. */
  readonly rounds: readonly number[];
}

export interface Pace {
  readonly rounds: number;
  /** Samples of each contender a round; a multiple of the variants. */
  readonly samples: number;
  /** Untimed runs of each contender before the first round. */
  readonly warmup: number;
}

/** Times every contender; the result is in their order. */
export function race(contenders: readonly Contender[], pace: Pace): Timing[] {
  const turns = contenders.map(() => 0);
  const samples: number[][] = contenders.map(() => []);
  const rounds: number[][] = contenders.map(() => []);
  for (const [i, contender] of contenders.entries()) {
    for (let n = 0; n < pace.warmup; n++) {
      contender.prepare?.(turns[i]!);
      contender.run(turns[i]!++);
    }
  }
  for (let round = 0; round < pace.rounds; round++) {
    for (let k = 0; k < contenders.length; k++) {
      const i = (k + round) % contenders.length;
      const taken = sampleRound(contenders[i]!, pace, () => turns[i]!++);
      samples[i]!.push(...taken);
      rounds[i]!.push(quantile(taken, 0.5));
    }
  }
  return contenders.map(({ name }, i) => ({
    name,
    p50: quantile(samples[i]!, 0.5),
    p99: quantile(samples[i]!, 0.99),
    samples: samples[i]!.length,
    rounds: rounds[i]!,
  }));
}

function sampleRound(contender: Contender, pace: Pace, nextTurn: () => number): readonly number[] {
  const iterations = contender.samples ?? pace.samples;
  const bench = new Bench({
    time: 0,
    iterations,
    warmup: false,
    retainSamples: true,
    throws: true,
  });
  let turn = 0;
  const take = () => {
    turn = nextTurn();
    contender.prepare?.(turn);
  };
  bench.add(contender.name, () => void contender.run(turn), { async: false, beforeEach: take });
  const result = bench.runSync()[0]?.result;
  const taken = result !== undefined && "latency" in result ? result.latency.samples : undefined;
  if (taken === undefined || taken.length !== iterations) {
    throw new Error(
      `${contender.name}: ${taken?.length ?? 0} samples where ${iterations} were asked for`,
    );
  }
  return taken;
}

/** Nearest rank. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}

/** The middle value, or the mean of the two. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
}

/** How many times longer `slow` took than `fast`: the median of the rounds' ratios. */
export function ratioOf(slow: Timing, fast: Timing): number {
  return median(slow.rounds.map((time, round) => time / fast.rounds[round]!));
}
