/** Threads with a core each, and the three ways in which a frame can get to one. */
import { once } from "node:events";
import { availableParallelism, cpus } from "node:os";
import { Worker } from "node:worker_threads";
import type { Frame } from "../../host/core/frame.ts";
import { generateRecipientKey } from "../../host/keys/index.ts";
import { openVeil } from "../../host/veil/open.ts";
import { assertSameCells } from "../inputs/cells.ts";
import { type Recording, VARIANTS } from "../inputs/frames.ts";
import type { Context } from "../measure/context.ts";
import { median, type RemoteContender, race, type Timing } from "../measure/race.ts";
import { atLeast, type Gate, milliseconds, type Suite, times, verdict } from "../report/report.ts";
import type { Sanitised } from "./scaling-worker.ts";
import { packed } from "./service-load.ts";

const HANDOVERS = ["clone", "transfer", "shared"] as const;
type Handover = (typeof HANDOVERS)[number];

const GATE_RATIO = 1.7;
/** Cores that other programs may take while two threads are measured. */
const OTHERS_MAX = 0.15;
/** Frames that a thread may have at a time: it always has the next one. */
const IN_FLIGHT = 2;
const SCRIPT = new URL("./scaling-worker.ts", import.meta.url);
/** Threads do not get the loader of TypeScript from the thread that starts them. */
const ENTRY = `data:text/javascript,${encodeURIComponent(
  `import { register } from ${JSON.stringify(import.meta.resolve("tsx/esm/api"))};
   register();
   await import(${JSON.stringify(SCRIPT.href)});`,
)}`;

/** A thread, and memory in which frames arrive for it. */
class Lane {
  readonly #worker: Worker;
  /** Memory of the transfer that is free, and of the shared one. */
  readonly #own: ArrayBuffer[] = [];
  readonly #shared: SharedArrayBuffer[] = [];

  private constructor(worker: Worker) {
    this.#worker = worker;
  }

  static async start(recipient: Uint8Array): Promise<Lane> {
    const worker = new Worker(new URL(ENTRY), { workerData: { recipient } });
    await once(worker, "message");
    return new Lane(worker);
  }

  /**
   * Sanitises frames; each first arrives, by a copy, in memory as the way of the handover needs it.
   * @returns the artefacts, and the milliseconds that this thread was busy with handing over
   */
  async run(frames: readonly Frame[], how: Handover): Promise<{ veils: Uint8Array[]; ms: number }> {
    const veils: Uint8Array[] = [];
    let ms = 0;
    const hand = (frame: Frame) => {
      const start = performance.now();
      this.#hand(frame, how);
      ms += performance.now() - start;
    };
    let next = 0;
    while (next < Math.min(IN_FLIGHT, frames.length)) hand(frames[next++]!);
    while (veils.length < frames.length) {
      const [{ veil, memory }] = (await once(this.#worker, "message")) as [Sanitised];
      veils.push(veil);
      if (memory) this.#own.push(memory);
      if (next < frames.length) hand(frames[next++]!);
    }
    return { veils, ms };
  }

  #hand(frame: Frame, how: Handover): void {
    const bytes = frame.data.length;
    if (how === "clone") {
      this.#worker.postMessage({ frame, handedOver: false });
      return;
    }
    const memory = how === "transfer" ? this.#ownOf(bytes) : this.#sharedOf(bytes);
    const data = new Uint8Array(memory);
    data.set(frame.data);
    const handed = memory instanceof ArrayBuffer ? [memory] : [];
    const handedOver = how === "transfer";
    this.#worker.postMessage({ frame: { ...frame, data }, handedOver }, handed);
  }

  #ownOf(bytes: number): ArrayBuffer {
    const memory = this.#own.pop();
    return memory?.byteLength === bytes ? memory : new ArrayBuffer(bytes);
  }

  /** In turn: by the time that it comes round, the thread has answered its frame. */
  #sharedOf(bytes: number): SharedArrayBuffer {
    let memory = this.#shared.length > IN_FLIGHT ? this.#shared.shift() : undefined;
    if (memory?.byteLength !== bytes) memory = new SharedArrayBuffer(bytes);
    this.#shared.push(memory);
    return memory;
  }

  close(): Promise<number> {
    return this.#worker.terminate();
  }
}

interface Contest {
  readonly how: Handover;
  readonly workers: number;
  /** Milliseconds a frame of the thread that hands over, each burst. */
  readonly handingMs: number[];
  /** Cores that other programs took, each burst. */
  readonly others: number[];
}

/** Milliseconds of processor time of the machine, and of this process with its threads. */
function busyMs(): { all: number; own: number } {
  const { user, system } = process.cpuUsage();
  const all = cpus().reduce((sum, { times: t }) => sum + t.user + t.nice + t.sys + t.irq, 0);
  return { all, own: (user + system) / 1000 };
}

function contender(contest: Contest, lanes: readonly Lane[], frames: readonly Frame[]) {
  const { how, workers } = contest;
  const burst = async () => {
    const before = busyMs();
    const start = performance.now();
    const runs = await Promise.all(lanes.slice(0, workers).map((lane) => lane.run(frames, how)));
    const ms = performance.now() - start;
    const after = busyMs();
    const total = workers * frames.length;
    contest.handingMs.push(runs.reduce((sum, run) => sum + run.ms, 0) / total);
    contest.others.push((after.all - before.all - (after.own - before.own)) / ms);
    return ms / total;
  };
  return {
    name: `${workers} ${how}`,
    async sample(_turn: number, count: number) {
      const samples: number[] = [];
      while (samples.length < count) samples.push(await burst());
      return samples;
    },
  } satisfies RemoteContender;
}

/** Throws unless every way gives the same cells for every variant. */
async function verify(lane: Lane, frames: readonly Frame[], keys: Keys): Promise<void> {
  const cellsOf = async (how: Handover) => {
    const { veils } = await lane.run(frames, how);
    return Promise.all(veils.map(async (veil) => (await openVeil(veil, keys))[0]!.cells));
  };
  const [cloned, ...others] = [
    await cellsOf("clone"),
    await cellsOf("transfer"),
    await cellsOf("shared"),
  ];
  for (const cells of others) {
    for (const [i, expected] of cloned!.entries()) {
      assertSameCells(`scaling: variant ${i}`, cells[i]!, expected);
    }
  }
}

type Keys = ReturnType<typeof generateRecipientKey>;
type Result = Contest & { readonly timing: Timing };

async function measure({ quick }: Context, frames: readonly Frame[]): Promise<Result[]> {
  const keys = generateRecipientKey();
  const lanes: Lane[] = [];
  try {
    const counts = [...new Set([1, 2, availableParallelism()])].sort((a, b) => a - b);
    const starting = Array.from({ length: counts.at(-1)! }, () => Lane.start(keys.publicKey));
    lanes.push(...(await Promise.all(starting)));
    for (const lane of lanes) await verify(lane, frames, keys);
    const contests: Contest[] = counts.flatMap((workers) =>
      HANDOVERS.map((how) => ({ how, workers, handingMs: [], others: [] })),
    );
    const timings = await race(
      contests.map((contest) => contender(contest, lanes, frames)),
      { rounds: quick ? 3 : 24, samples: 1, warmup: 1 },
    );
    return contests.map((contest, i) => ({ ...contest, timing: timings[i]! }));
  } finally {
    for (const lane of lanes) await lane.close();
  }
}

/** Times the throughput of one thread, round by round. */
function gainsOf(results: readonly Result[], { how, timing }: Result): number[] {
  const one = results.find((result) => result.how === how && result.workers === 1)!;
  return timing.rounds.map((ms, round) => one.timing.rounds[round]! / ms);
}

function gateOf(results: readonly Result[]): { gate: Gate | undefined; why: string } {
  const two = results.find(({ how, workers }) => how === "transfer" && workers === 2)!;
  const others = median(two.others);
  if (availableParallelism() < 2) return { gate: undefined, why: "Not gated: one core." };
  if (others > OTHERS_MAX) {
    return { gate: undefined, why: `Not gated: other programs took ${others.toFixed(2)} cores.` };
  }
  const gain = median(gainsOf(results, two));
  return { gate: atLeast("scaling: two threads to one", gain, GATE_RATIO), why: "" };
}

export async function threadsSuite(context: Context, recording: Recording): Promise<Suite> {
  const frames = recording.variants.slice(0, VARIANTS).map(packed);
  const results = await measure(context, frames);
  const { gate, why } = gateOf(results);
  const transferred = results.filter(({ how }) => how === "transfer");
  const rateOf = ({ timing }: Result) => 1000 / timing.p50;
  return {
    name: "scaling threads",
    title: `${recording.name}, frames of ${frames[0]!.data.length} bytes, a core in every thread`,
    columns: ["threads", "handover", "frames/s", "to one thread", "handing ms a frame", "gates"],
    rows: results.map((result) => [
      String(result.workers),
      result.how,
      rateOf(result).toFixed(0),
      times(median(gainsOf(results, result))),
      milliseconds(median(result.handingMs)),
      verdict(result === transferred[1] ? gate : undefined),
    ]),
    notes: [
      "Verified: each way gives the same cells, in each thread, on all variants. Handing over is what the",
      "thread that has the frames spends: a clone copies and makes memory; the other two copy the frame",
      "once into memory that is used again, as if it arrived there, and then hand it over without a copy.",
      ...(why ? [why] : []),
    ],
    gates: gate ? [gate] : [],
    figures: transferred.slice(1).map((result) => ({
      name: `throughput of ${result.workers} threads to one`,
      unit: "x",
      better: "higher",
      value: median(gainsOf(results, result)),
      rounds: gainsOf(results, result),
    })),
    plots: [
      {
        kind: "curves",
        title: "Throughput against threads",
        x: { label: "threads" },
        y: { label: "frames/s" },
        curves: HANDOVERS.map((how) => ({
          label: how,
          points: results
            .filter((result) => result.how === how)
            .map((result) => [result.workers, rateOf(result)] as const),
        })),
      },
    ],
    missing: [],
    data: results,
  };
}
