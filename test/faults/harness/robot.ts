/** The robot's process: pushes frames and remembers what it was told of each. */
import type { Accepted, Receipt } from "../../../host/gen/mapveil/v1/sensor_service_pb.ts";
import { Reason } from "../../../host/gen/mapveil/v1/types_pb.ts";
import type { RequestStream } from "../../../host/rpc/index.ts";
import { type FrameFactory, type FrameMessage, STREAM_OPEN } from "./frames.ts";
import type { Home } from "./home.ts";
import { until } from "./until.ts";

export type Fate = "accepted" | "refused" | "dropped" | "unanswered";

/** Everything that the robot knows of its frames, over all streams and restarts. */
export class Book {
  sent = 0;
  /** Receipts of frames that were accepted, by artefact. */
  readonly accepted = new Map<string, Accepted>();
  /** Frames that were refused or dropped, by reason. */
  readonly turnedAway = new Map<string, number>();
  /** Frames whose stream ended before their receipt. */
  unanswered = 0;
  /** What was wrong with receipts as such. */
  readonly faults: string[] = [];

  get answered(): number {
    return [...this.turnedAway.values()].reduce((sum, count) => sum + count, this.accepted.size);
  }

  enter(receipt: Receipt): Fate {
    const { outcome } = receipt;
    if (outcome.case === "accepted") {
      const { artefactId } = outcome.value;
      if (this.accepted.has(artefactId))
        this.faults.push(`artefact ${artefactId} was promised twice`);
      this.accepted.set(artefactId, outcome.value);
      return "accepted";
    }
    if (outcome.case === undefined) {
      this.faults.push(`receipt ${receipt.sequence} has no outcome`);
      return "unanswered";
    }
    if (outcome.case === "held") {
      this.faults.push(`receipt ${receipt.sequence} is held, but no policy here makes maps`);
      return "unanswered";
    }
    const reason = Reason[outcome.value.reason]!;
    this.turnedAway.set(reason, (this.turnedAway.get(reason) ?? 0) + 1);
    if (outcome.value.status === undefined) this.faults.push(`${reason} came without a status`);
    return outcome.case;
  }
}

interface Waiting {
  readonly sequence: bigint;
  readonly resolve: (fate: Fate) => void;
}

type Call = ReturnType<Home["sensor"]["streamFrames"]>;

export class Robot {
  readonly book: Book;
  readonly #frames: FrameFactory;
  readonly #home: Home;
  readonly #waiting: Waiting[] = [];
  #call: RequestStream<Parameters<Call["write"]>[0]> | undefined;
  #sequence = 0n;
  #roomFor = 1;

  constructor(home: Home, frames: FrameFactory, book = new Book()) {
    this.#home = home;
    this.#frames = frames;
    this.book = book;
  }

  /** Opens a stream; rejects if the sidecar does not answer. */
  async connect(): Promise<void> {
    const call = this.#home.sensor.streamFrames({ timeoutMs: 600_000 });
    const answers = call.responses[Symbol.asyncIterator]();
    await call.write({ message: { case: "open", value: STREAM_OPEN } });
    const first = await answers.next();
    if (first.done || first.value.message.case !== "opened")
      throw new Error("no stream was opened");
    this.#roomFor = first.value.message.value.maxInFlight;
    this.#call = call;
    void this.#read(answers);
  }

  get connected(): boolean {
    return this.#call !== undefined;
  }

  /** Whether one more frame may be pushed without being OVERLOADED. */
  get hasRoom(): boolean {
    return this.#waiting.length < this.#roomFor;
  }

  /** Pushes a frame of `points` points; resolves with its receipt, or with the end of the stream. */
  async push(points = 500): Promise<Fate> {
    const call = this.#call;
    if (call === undefined) throw new Error("the robot is not connected");
    const frame: FrameMessage = this.#frames.make(this.#sequence++, points);
    this.book.sent++;
    const fate = new Promise<Fate>((resolve) => {
      this.#waiting.push({ sequence: frame.sequence, resolve });
    });
    await call.write({ message: { case: "frame", value: frame } }).catch(() => {});
    if (this.#call === undefined) this.#giveUp();
    return fate;
  }

  /** Pushes `count` frames, as many at once as the sidecar allows; false if the stream ended. */
  async pushAll(count: number, points = 500): Promise<boolean> {
    let left = count;
    const lanes = Array.from({ length: this.#roomFor }, async () => {
      while (left-- > 0 && this.connected) if ((await this.push(points)) === "unanswered") return;
    });
    await Promise.all(lanes);
    return this.connected;
  }

  /** Ends the stream; the receipts that are due still count. */
  async disconnect(): Promise<void> {
    this.#call?.end();
    await this.gone();
  }

  /** Resolves when the stream is over. */
  async gone(): Promise<void> {
    await until("the robot's stream to end", 30_000, async () => !this.connected);
  }

  async #read(answers: AsyncIterator<{ message: { case: string | undefined; value?: unknown } }>) {
    try {
      for (;;) {
        const next = await answers.next();
        if (next.done) break;
        if (next.value.message.case !== "receipt") continue;
        const receipt = next.value.message.value as Receipt;
        const due = this.#waiting.shift();
        if (due?.sequence !== receipt.sequence) {
          this.book.faults.push(`receipt ${receipt.sequence} came where ${due?.sequence} was due`);
        }
        due?.resolve(this.book.enter(receipt));
      }
    } catch {
      // The sidecar died or the stream broke: what waits is unanswered.
    }
    this.#call = undefined;
    this.#giveUp();
  }

  #giveUp(): void {
    for (const { resolve } of this.#waiting.splice(0)) {
      this.book.unanswered++;
      resolve("unanswered");
    }
  }
}
