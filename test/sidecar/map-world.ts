/** One stream whose thread makes maps out of nothing, on a real spool, under a gate that tests move. */
import { create } from "@bufbuild/protobuf";
import { toFrame } from "../../host/client/frame-message.ts";
import { toReceiptView, toReleaseView } from "../../host/client/receipt.ts";
import {
  FrameSchema,
  ReceiptSchema,
  ReleasedSchema,
} from "../../host/gen/mapveil/v1/sensor_service_pb.ts";
import type { Gate, Refusal, UploadDecision } from "../../host/permission/index.ts";
import type { Level } from "../../host/policy/index.ts";
import { AddBarrier } from "../../host/sidecar/add-barrier.ts";
import { FramePool } from "../../host/sidecar/frame-pool.ts";
import { FrameStream } from "../../host/sidecar/frame-stream.ts";
import type { Spool } from "../../host/spool/types.ts";
import { SILENT } from "../../host/telemetry/log.ts";
import { TestClock } from "../permission/test-clock.ts";
import { openIn, temporaryFolder } from "../spool/fixture.ts";
import { frameOf, LIMITS, policyOf, RECIPIENT } from "./support.ts";

/** Scans that the thread holds back. */
export const HELD_BACK = 2;
/** Points of a frame that kills the thread, and of one that it refuses. */
export const DEADLY = 1;
export const JUMPING = 2;

/** What a thread does with scans, without a core: it counts them. */
const ENTRY = new URL(
  `data:text/javascript,${encodeURIComponent(`
    import { parentPort } from "node:worker_threads";
    let map, scans = 0;
    const answers = {
      scan({ frame, terms }) {
        if (frame.count === ${DEADLY}) process.exit(3);
        if (terms.map !== map) { map = terms.map; scans = 0; }
        const memory = frame.data.buffer;
        if (frame.count === ${JUMPING}) {
          const details = { reason: "POSE_JUMP", field: "pose" };
          return { kind: "failed", code: "BAD_INPUT", message: "no", details, memory };
        }
        scans++;
        return { kind: "done", answer: { scans, heldBack: Math.min(scans, ${HELD_BACK}) }, memory };
      },
      release({ terms }) {
        const released = terms.map === map ? scans - ${HELD_BACK} : 0;
        const made = { veil: new Uint8Array(100), scans: released, voxels: 7, removed: 3 };
        return { kind: "done", answer: released > 0 ? made : undefined };
      },
      frame: ({ frame }) => ({
        kind: "done",
        answer: { veil: new Uint8Array(50), pointsIn: 1, voxels: 1, stripped: [] },
        memory: frame.data.buffer,
      }),
      "forget frame"() {},
      "forget map"() { map = undefined; },
      wipe() { map = undefined; },
      rules() {},
    };
    parentPort.on("message", (message) => {
      const answer = answers[message.kind](message);
      if (answer) parentPort.postMessage(answer);
    });
    parentPort.postMessage({ kind: "ready" });
  `)}`,
);

const TEXT = { en: "no", zh: "不" };
const REFUSAL: Refusal = {
  reason: "UPLOAD_OFF",
  permission: "robot-lidar-upload",
  message: TEXT,
  feature: TEXT,
  consequence: TEXT,
  unaffected: TEXT,
  restoreCommand: "",
};

/** The owner's will, as tests change it. */
export class OwnersGate implements Gate {
  epoch = 1n;
  floor = 0n;
  level: Level | undefined = "map";

  decideUpload(_: unknown, wanted: Level): UploadDecision {
    const { epoch, level } = this;
    if (level === undefined) return { allowed: false, epoch, refusal: REFUSAL };
    const order = ["nothing", "plan", "map", "frames", "full"];
    const lower = order.indexOf(wanted) < order.indexOf(level) ? wanted : level;
    return { allowed: true, epoch, level: lower };
  }

  epochFloor(): bigint {
    return this.floor;
  }

  floorRaisedMs(): number {
    return 0;
  }

  /** The owner lowers the level, or withdraws; or raises it, which no floor follows. */
  set(level: Level | undefined, isLess: boolean): void {
    this.epoch++;
    this.level = level;
    if (isLess) this.floor = this.epoch;
  }
}

export class MapWorld {
  readonly gate = new OwnersGate();
  readonly barrier = new AddBarrier();
  readonly clock = new TestClock();
  readonly folder = temporaryFolder();
  readonly pool = new FramePool({ recipient: RECIPIENT.publicKey, entry: ENTRY });
  policy = policyOf("level: full");
  releaseEveryMs = 0;
  spool!: Spool;
  stream!: FrameStream;
  /** What was told of releases that nobody asked for. */
  /** Capture time of the last frame: a second later with each. */
  stampNs = 0n;
  readonly told: ReturnType<typeof toReleaseView>[] = [];

  static async open(releaseEveryMs = 0): Promise<MapWorld> {
    const world = new MapWorld();
    world.releaseEveryMs = releaseEveryMs;
    await world.openSpool();
    world.openStream();
    return world;
  }

  async openSpool(): Promise<void> {
    this.spool = await openIn(this.folder, { clock: this.clock });
  }

  openStream(): void {
    const { barrier, clock, gate, pool, releaseEveryMs, spool } = this;
    this.stream = new FrameStream(
      {
        gate,
        spool,
        barrier,
        pool,
        limits: LIMITS,
        releaseEveryMs,
        recipient: "00112233445566aa",
        clock,
        log: SILENT,
        policy: () => this.policy,
        stopping: () => false,
      },
      { dataClass: "lidar", layout: LAYOUT, inMapFrame: false, flat: false, language: "en" },
    );
    this.stream.onRelease = (release) => {
      void release.then((told) => this.told.push(viewOfRelease(told)));
    };
  }

  /** Pushes a frame; what became of it. */
  async push(points = 10) {
    this.stampNs += 1_000_000_000n;
    const { stampNs } = this;
    const message = create(FrameSchema, toFrame({ ...frameOf(1, { points }), stampNs }, 1n));
    return toReceiptView(
      create(ReceiptSchema, { sequence: 1n, ...(await this.stream.take(message)) }),
    );
  }

  async release() {
    return viewOfRelease(await this.stream.release());
  }

  async close(): Promise<void> {
    await this.stream.close();
    await this.spool.close();
    await this.pool.close();
  }
}

const LAYOUT = frameOf(1).layout;

const viewOfRelease = (told: Awaited<ReturnType<FrameStream["release"]>>) =>
  toReleaseView(create(ReleasedSchema, told));
