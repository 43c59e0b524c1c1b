/** Frames pushed into a running sidecar as fast as it takes them, and what that costs it. */
import { receiptWords, type SensorStream } from "../../host/client/index.ts";
import type { Frame } from "../../host/core/frame.ts";
import { floatsOf } from "../inputs/frames.ts";
import { cpuSeconds } from "../measure/kernel-accounts.ts";

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

export interface Load {
  readonly frames: number;
  readonly seconds: number;
  readonly sealedBytes: number;
  readonly rawBytes: number;
  /** Cores that the sidecar used. */
  readonly cores: number;
}

/** Pushes `total` frames in turn, as many at once as the stream allows. */
export async function pushLoad(
  stream: SensorStream,
  frames: readonly Frame[],
  total: number,
  pid: number,
): Promise<Load> {
  let sealedBytes = 0;
  const pushOne = async (frame: Frame) => {
    const receipt = await stream.push(frame);
    if (receipt.outcome !== "accepted") throw new Error(`a frame was ${receiptWords(receipt)}`);
    sealedBytes += receipt.sealedBytes;
  };
  const cpuBefore = cpuSeconds(pid);
  const startMs = performance.now();
  const open = new Set<Promise<void>>();
  for (let i = 0; i < total; i++) {
    const one = pushOne(frames[i % frames.length]!).finally(() => open.delete(one));
    open.add(one);
    if (open.size >= stream.maxInFlight) await Promise.race(open);
  }
  await Promise.all(open);
  const seconds = (performance.now() - startMs) / 1000;
  return {
    frames: total,
    seconds,
    sealedBytes,
    rawBytes: total * frames[0]!.data.length,
    cores: (cpuSeconds(pid) - cpuBefore) / seconds,
  };
}
