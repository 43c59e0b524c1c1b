/**
 * Races: contenders sampled by tinybench in interleaved rounds. In every round each of them runs so
 * many times, in an order that turns with the round; a ratio is the median of the rounds' ratios, so
 * that a disturbance of the machine hits both sides of it or one round.
 */
import { Bench } from "tinybench";
import { checkInterrupt } from "./interrupt.ts";

interface Entrant {
  readonly name: string;
  /** Samples a round; default the race's. */
  readonly samples?: number;
}

/** Runs in this process, sampled by tinybench. */
export interface LocalContender extends Entrant {
  /** One sample. Number `turn` counts up from 0: inputs are rotated by it. */
  run(turn: number): unknown;
  /** Runs before each sample, untimed. */
  prepare?(turn: number): void;
}

/** Runs in a process of its own, which takes the samples while this one waits. */
export interface RemoteContender extends Entrant {
  /** Samples of the turns `turn` to `turn + count - 1`, milliseconds each. */
  sample(turn: number, count: number): Promise<readonly number[]>;
}

export type Contender = LocalContender | RemoteContender;

export interface Timing {
  readonly name: string;
  /** Milliseconds over all samples of all rounds. */
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
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
export async function race(contenders: readonly Contender[], pace: Pace): Promise<Timing[]> {
  const turns = contenders.map(() => 0);
  const samples: number[][] = contenders.map(() => []);
  const rounds: number[][] = contenders.map(() => []);
  const take = async (i: number, count: number) => {
    const taken = await sampleRound(contenders[i]!, turns[i]!, count);
    turns[i]! += count;
    return taken;
  };
  for (const i of contenders.keys()) await take(i, pace.warmup);
  for (let round = 0; round < pace.rounds; round++) {
    await checkInterrupt();
    for (let k = 0; k < contenders.length; k++) {
      const i = (k + round) % contenders.length;
      const taken = await take(i, contenders[i]!.samples ?? pace.samples);
      samples[i]!.push(...taken);
      rounds[i]!.push(quantile(taken, 0.5));
    }
  }
  return contenders.map(({ name }, i) => ({
    name,
    p50: quantile(samples[i]!, 0.5),
    p99: quantile(samples[i]!, 0.99),
    max: Math.max(...samples[i]!),
    samples: samples[i]!.length,
    rounds: rounds[i]!,
  }));
}

async function sampleRound(
  contender: Contender,
  turn: number,
  count: number,
): Promise<readonly number[]> {
  const taken =
    "run" in contender
      ? sampleLocally(contender, turn, count)
      : await contender.sample(turn, count);
  if (taken.length === count) return taken;
  throw new Error(`${contender.name}: ${taken.length} samples where ${count} were asked for`);
}

function sampleLocally(contender: LocalContender, first: number, iterations: number) {
  const bench = new Bench({
    time: 0,
    iterations,
    warmup: false,
    retainSamples: true,
    throws: true,
  });
  let turn = first - 1;
  const next = () => {
    turn++;
    contender.prepare?.(turn);
  };
  bench.add(contender.name, () => void contender.run(turn), { async: false, beforeEach: next });
  const result = bench.runSync()[0]?.result;
  return result !== undefined && "latency" in result ? (result.latency.samples ?? []) : [];
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
