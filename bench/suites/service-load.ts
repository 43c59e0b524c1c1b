/** Frames pushed into a running sidecar, and what that costs the processes. */
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type { SensorStream } from "../../host/client/index.ts";
import type { Frame } from "../../host/core/frame.ts";
import { floatsOf } from "../inputs/frames.ts";

/** Ticks of the kernel's accounts a second: fixed in what Linux shows to programs. */
const TICKS_PER_S = 100;

/** The same points as a driver publishes them: x y z and intensity as f32, 16 bytes a point. */
export function packed(frame: Frame): Frame {
  const { floats, stride } = floatsOf(frame);
  const points = new Float32Array(4 * frame.count);
  for (let i = 0; i < frame.count; i++) {
    points.set(floats.subarray(i * stride, i * stride + 3), 4 * i);
  }
  const field = (offset: number) => ({ offset, type: "f32" as const });
  return {
    count: frame.count,
    layout: { pointStep: 16, x: field(0), y: field(4), z: field(8), intensity: field(12) },
    data: new Uint8Array(points.buffer),
    metadata: [{ name: "serial_number", value: "122150000150" }],
  };
}

/** Seconds of processor time that a process and its threads have used. */
export function cpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
  // Behind the name, which may hold anything: state is field 3, utime 14, stime 15.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_S;
}

/**
 * Resident memory of its own in MiB: without files that are mapped, since the kernel shows the pages
 * of the spool's file that it happens to keep as the process's too.
 */
export function residentMib(pid: number): number {
  const kib = /RssAnon:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "latin1"))?.[1];
  return Number(kib) / 1024;
}

export interface Load {
  readonly frames: number;
  readonly seconds: number;
  /** From push to receipt, milliseconds, sorted. */
  readonly latenciesMs: readonly number[];
  readonly sealedBytes: number;
  readonly rawBytes: number;
  /** Cores that the sidecar used. */
  readonly cores: number;
}

/** Pushes `total` frames in turn: one every `periodMs`, or as fast as they are taken with 0. */
export async function pushLoad(
  stream: SensorStream,
  frames: readonly Frame[],
  total: number,
  periodMs: number,
  pid: number,
): Promise<Load> {
  const latenciesMs: number[] = [];
  let sealedBytes = 0;
  const pushOne = async (frame: Frame) => {
    const startMs = performance.now();
    const receipt = await stream.push(frame);
    latenciesMs.push(performance.now() - startMs);
    if (receipt.outcome !== "accepted") throw new Error(`a frame was ${receipt.reason}`);
    sealedBytes += receipt.sealedBytes;
  };
  const cpuBefore = cpuSeconds(pid);
  const startMs = performance.now();
  const open = new Set<Promise<void>>();
  for (let i = 0; i < total; i++) {
    const dueMs = startMs + i * periodMs - performance.now();
    if (periodMs > 0 && dueMs > 0) await sleep(dueMs);
    const one = pushOne(frames[i % frames.length]!).finally(() => open.delete(one));
    open.add(one);
    if (periodMs === 0 && open.size >= stream.maxInFlight) await Promise.race(open);
  }
  await Promise.all(open);
  const seconds = (performance.now() - startMs) / 1000;
  return {
    frames: total,
    seconds,
    latenciesMs: latenciesMs.sort((a, b) => a - b),
    sealedBytes,
    rawBytes: total * frames[0]!.data.length,
    cores: (cpuSeconds(pid) - cpuBefore) / seconds,
  };
}
