/**
 * The robot of the replay suite, a process of its own: it pushes frames that are due at fixed times,
 * whatever became of those before them, and notes when each was due, pushed and answered, all by its
 * own clock. Nothing is waited for but the time: a sidecar that is slow makes no frame come later.
 */
import { setTimeout as sleep } from "node:timers/promises";
import {
  type ReceiptView,
  receiptWords,
  SensorClient,
  type SensorStream,
} from "../../host/client/index.ts";
import type { Frame } from "../../host/core/frame.ts";

/** What the suite asks for, one after the other; it hangs up when it has what it needs. */
export type ToRobot =
  /** Opens a stream, and pushes each frame once and alone. */
  | {
      readonly kind: "connect";
      readonly socketPath: string;
      readonly tokenPath: string;
      readonly frames: readonly Frame[];
    }
  /** Pushes them in rotation, one every period; notes nothing of the first `warmup`. */
  | {
      readonly kind: "pace";
      readonly periodMs: number;
      readonly warmup: number;
      readonly total: number;
    };

export interface Paced {
  /** Processor time of this process between the first frame that counts and the last receipt. */
  readonly cpuS: number;
  /** Of each frame, milliseconds by the robot's clock. */
  readonly dueMs: Float64Array;
  /** When the client was given the frame: later than due by what the robot itself was late. */
  readonly pushedMs: Float64Array;
  readonly receivedMs: Float64Array;
  readonly sealedBytes: number;
}

export type FromRobot =
  | {
      readonly kind: "pushed";
      /** Of each frame, in their order. */
      readonly receipts: readonly { readonly artefactId: string; readonly voxels: number }[];
    }
  /** The warm-up is over: from now on it counts. */
  | { readonly kind: "begun" }
  | ({ readonly kind: "paced" } & Paced)
  | { readonly kind: "failed"; readonly message: string };

const tell = (message: FromRobot) => void process.send!(message);

function accepted(receipt: ReceiptView) {
  if (receipt.outcome === "accepted") return receipt;
  throw new Error(`a frame was ${receiptWords(receipt)}`);
}

/** Resolves at a time by this process's clock; a timer may fire before it by part of a millisecond. */
async function until(timeMs: number): Promise<void> {
  for (;;) {
    const leftMs = timeMs - performance.now();
    if (leftMs <= 0) return;
    await sleep(Math.ceil(leftMs));
  }
}

class Robot {
  readonly #client: SensorClient;
  readonly #stream: SensorStream;
  readonly #frames: readonly Frame[];

  private constructor(client: SensorClient, stream: SensorStream, frames: readonly Frame[]) {
    this.#client = client;
    this.#stream = stream;
    this.#frames = frames;
  }

  static async connect(message: ToRobot & { kind: "connect" }): Promise<Robot> {
    const { frames, ...paths } = message;
    const client = await SensorClient.create(paths);
    return new Robot(client, await client.open({ layout: frames[0]!.layout }), frames);
  }

  async pushEach() {
    const receipts: { artefactId: string; voxels: number }[] = [];
    for (const frame of this.#frames) {
      const { artefactId, voxels } = accepted(await this.#stream.push(frame));
      receipts.push({ artefactId, voxels });
    }
    return receipts;
  }

  async pace({ periodMs, warmup, total }: ToRobot & { kind: "pace" }): Promise<Paced> {
    const times = () => new Float64Array(total);
    const [dueMs, pushedMs, receivedMs] = [times(), times(), times()];
    let sealedBytes = 0;
    let cpu = process.cpuUsage();
    const push = async (i: number) => {
      const receipt = await this.#stream.push(this.#frames[(warmup + i) % this.#frames.length]!);
      const nowMs = performance.now();
      const bytes = accepted(receipt).sealedBytes;
      if (i < 0) return;
      receivedMs[i] = nowMs;
      sealedBytes += bytes;
    };
    const pushes: Promise<void>[] = [];
    let failure: unknown;
    const firstMs = performance.now() + periodMs * (1 + warmup);
    for (let i = -warmup; i < total; i++) {
      const due = firstMs + i * periodMs;
      await until(due);
      if (failure !== undefined) throw failure;
      if (i === 0) {
        cpu = process.cpuUsage();
        tell({ kind: "begun" });
      }
      if (i >= 0) {
        dueMs[i] = due;
        pushedMs[i] = performance.now();
      }
      const one = push(i);
      one.catch((error) => {
        failure ??= error;
      });
      pushes.push(one);
    }
    await Promise.all(pushes);
    const { user, system } = process.cpuUsage(cpu);
    return { cpuS: (user + system) / 1e6, dueMs, pushedMs, receivedMs, sealedBytes };
  }

  async end(): Promise<void> {
    await this.#stream.end();
    this.#client.close();
  }
}

let robot: Robot | undefined;

async function answer(message: ToRobot): Promise<FromRobot> {
  if (message.kind === "connect") {
    robot = await Robot.connect(message);
    return { kind: "pushed", receipts: await robot.pushEach() };
  }
  return { kind: "paced", ...(await robot!.pace(message)) };
}

process.on("message", (message: ToRobot) => {
  answer(message).then(tell, (error) => tell({ kind: "failed", message: String(error) }));
});
process.once("disconnect", () => {
  const ended = robot?.end() ?? Promise.resolve();
  ended.catch(() => {}).finally(() => process.exit());
});
