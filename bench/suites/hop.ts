/**
 * One hop of raw frames through a unix socket, from a driver's process to where the sidecar has a
 * frame for its worker, with a receipt for each: the product's way against grpc-js with default
 * options, and against a plain socket.
 */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Child } from "../measure/child.ts";
import type { Context } from "../measure/context.ts";
import { median, type RemoteContender, race, ratioOf, type Timing } from "../measure/race.ts";
import type { Answer, Command } from "../peers/hop-end.ts";
import { FRAME_BYTES, VARIANTS } from "../peers/hop-way.ts";
import {
  atLeast,
  atMost,
  type Figure,
  type Gate,
  type Suite,
  times,
  verdict,
} from "../report/report.ts";

const WAYS = [
  { way: "ours", label: "SensorClient to RpcServer" },
  { way: "grpcJsStream", label: "grpc-js, default, stream" },
  { way: "grpcJsUnary", label: "grpc-js, default, unary" },
  { way: "socket", label: "plain socket" },
] as const;

const MB = 1e6;
const RATE_RATIO_MIN = 2;
const CPU_RATIO_MAX = 0.5;
const SCRIPT = new URL("../peers/hop-end.ts", import.meta.url);

/** Milliseconds of processor time a MB in each burst. */
interface Cost {
  readonly client: number[];
  readonly server: number[];
}

/** Both ends of a way. */
class Hop {
  readonly label: string;
  readonly cost: Cost = { client: [], server: [] };
  readonly #server: Child;
  readonly #client: Child;

  private constructor(label: string, server: Child, client: Child) {
    this.label = label;
    this.#server = server;
    this.#client = client;
  }

  static async start(label: string, way: string, folder: string): Promise<Hop> {
    // A folder of its own: the product's server asks for mode 0700.
    const path = join(folder, way, "s");
    mkdirSync(join(folder, way), { mode: 0o700 });
    const server = await Child.start(SCRIPT, ["server", way, path]);
    try {
      return new Hop(label, server, await Child.start(SCRIPT, ["client", way, path]));
    } catch (error) {
      await server.close();
      throw error;
    }
  }

  #ask(end: Child, command: Command): Promise<Answer> {
    return end.ask<Answer>(command);
  }

  /** Throws unless every frame arrives once, as it was sent. */
  async verify(): Promise<void> {
    const ends = [this.#client, this.#server];
    for (const end of ends) await this.#ask(end, { kind: "verify", on: true });
    const sent = await this.#ask(this.#client, { kind: "push", frames: 2 * VARIANTS });
    const taken = await this.#ask(this.#server, { kind: "verify", on: false });
    await this.#ask(this.#client, { kind: "verify", on: false });
    // Calls of their own may overtake one another.
    const [a, b] = [sent, taken].map(({ digests }) => [...digests].sort().join());
    if (sent.digests.length !== 2 * VARIANTS || a !== b) {
      throw new Error(`hop: ${this.label}: what arrived is not what was sent`);
    }
  }

  /** Milliseconds of a burst. */
  async burst(frames: number): Promise<number> {
    const before = await this.#ask(this.#client, { kind: "read" });
    const serverBefore = await this.#ask(this.#server, { kind: "read" });
    const after = await this.#ask(this.#client, { kind: "push", frames });
    const serverAfter = await this.#ask(this.#server, { kind: "read" });
    if (serverAfter.frames - serverBefore.frames !== frames) {
      throw new Error(`hop: ${this.label}: frames are missing`);
    }
    const mb = (frames * FRAME_BYTES) / MB;
    this.cost.client.push((after.cpuMs - before.cpuMs) / mb);
    this.cost.server.push((serverAfter.cpuMs - serverBefore.cpuMs) / mb);
    return after.wallMs;
  }

  async close(): Promise<void> {
    await this.#client.close();
    await this.#server.close();
  }
}

function contender(hop: Hop, frames: number): RemoteContender {
  return {
    name: hop.label,
    async sample(_turn, count) {
      const samples: number[] = [];
      while (samples.length < count) samples.push(await hop.burst(frames));
      return samples;
    },
  };
}

interface Result {
  readonly label: string;
  readonly mbPerS: number;
  readonly cost: Cost;
  /** Client and server together, of every round. */
  readonly cpu: readonly number[];
  readonly timing: Timing;
}

const rateOf = (frames: number, ms: number) => (frames * FRAME_BYTES) / MB / (ms / 1000);

async function measure(hops: readonly Hop[], quick: boolean): Promise<Result[]> {
  const frames = quick ? 12 : 48;
  const pace = { rounds: quick ? 5 : 16, samples: 1, warmup: quick ? 2 : 4 };
  const timings = await race(
    hops.map((hop) => contender(hop, frames)),
    pace,
  );
  return hops.map(({ label, cost }, i) => {
    const client = cost.client.slice(pace.warmup);
    const server = cost.server.slice(pace.warmup);
    const timing = timings[i]!;
    return {
      label,
      mbPerS: rateOf(frames, timing.p50),
      cost: { client, server },
      cpu: client.map((ms, round) => ms + server[round]!),
      timing,
    };
  });
}

const cpuRatio = (a: Result, b: Result) => median(a.cpu.map((ms, round) => ms / b.cpu[round]!));

function rowOf(result: Result, stream: Result, gates: readonly Gate[]): string[] {
  const { label, mbPerS, cost, cpu } = result;
  return [
    label,
    mbPerS.toFixed(0),
    (mbPerS / (FRAME_BYTES / MB)).toFixed(0),
    ...[cost.client, cost.server, cpu].map((values) => median(values).toFixed(2)),
    Math.min(...cpu).toFixed(2),
    times(ratioOf(stream.timing, result.timing)),
    times(cpuRatio(result, stream)),
    verdict(...gates),
  ];
}

function figuresOf(ours: Result, stream: Result): Figure[] {
  const rounds = ours.timing.rounds.map((ms, round) => stream.timing.rounds[round]! / ms);
  return [
    {
      name: "throughput to default grpc-js, stream",
      unit: "x",
      better: "higher",
      value: median(rounds),
      rounds,
    },
    {
      name: "processor time a MB to default grpc-js, stream",
      unit: "x",
      better: "lower",
      value: cpuRatio(ours, stream),
      rounds: ours.cpu.map((ms, round) => ms / stream.cpu[round]!),
    },
  ];
}

function suiteOf(results: readonly Result[]): Suite {
  const [ours, stream, unary] = results as [Result, Result, Result];
  const gates = [
    atLeast(
      "hop: throughput to default grpc-js",
      ratioOf(stream.timing, ours.timing),
      RATE_RATIO_MIN,
    ),
    atMost("hop: processor time a MB to default grpc-js", cpuRatio(ours, stream), CPU_RATIO_MAX),
  ];
  return {
    name: "hop",
    title: "raw frames of 2 MiB over a unix socket, with receipts; processor ms a MB of both ends",
    columns: [
      ..."way,MB/s,frames/s,client,server,both,least,rate to stream,cpu to stream,gates".split(","),
    ],
    rows: results.map((result) => rowOf(result, stream, result === ours ? gates : [])),
    notes: [
      "Verified: the digests of what arrived are those of what was sent, on all variants.",
      "The goal compares stream with stream. Against default unary calls ours is " +
        `${times(ratioOf(unary.timing, ours.timing))} as fast at ${times(cpuRatio(ours, unary))} the processor time.`,
    ],
    gates,
    figures: figuresOf(ours, stream),
    plots: [
      {
        kind: "bars",
        title: "One hop of raw frames: processor time of both ends",
        unit: "ms a MB",
        bars: results.map(({ label, cpu }) => ({ label, value: median(cpu) })),
        line: { label: "goal", value: CPU_RATIO_MAX * median(stream.cpu) },
      },
      {
        kind: "bars",
        title: "One hop of raw frames: throughput",
        unit: "MB/s",
        bars: results.map(({ label, mbPerS }) => ({ label, value: mbPerS })),
        line: { label: "goal", value: RATE_RATIO_MIN * stream.mbPerS },
      },
    ],
    missing: [],
    data: results.map(({ label, mbPerS, cost, timing }) => ({ label, mbPerS, cost, ...timing })),
  };
}

export async function hopSuite({ quick }: Context): Promise<Suite> {
  const folder = mkdtempSync(join(tmpdir(), "mapveil-hop-"));
  const hops: Hop[] = [];
  try {
    const starting = WAYS.map(async ({ way, label }) => {
      hops.push(await Hop.start(label, way, folder));
    });
    await Promise.all(starting);
    const order = WAYS.map(({ label }) => hops.find((hop) => hop.label === label)!);
    for (const hop of order) await hop.verify();
    return suiteOf(await measure(order, quick));
  } finally {
    for (const hop of hops) await hop.close();
    rmSync(folder, { recursive: true, force: true });
  }
}
