/** SensorService: opens streams, feeds them, and sends their receipts. */
import type { MessageInitShape } from "@bufbuild/protobuf";
import type {
  SensorService,
  StreamFramesRequest,
  StreamFramesResponseSchema,
  StreamOpen,
} from "../gen/mapveil/v1/sensor_service_pb.ts";
import { DataClass } from "../gen/mapveil/v1/types_pb.ts";
import type { DataClass as DataClassName, Language } from "../permission/index.ts";
import type { CallContext, ServiceHandlers } from "../rpc/index.ts";
import { invalidField, RpcError, resourceExhausted, unavailable } from "../rpc/index.ts";
import { readLayout } from "./frame-message.ts";
import { FrameStream, type StreamParts, type StreamTerms } from "./frame-stream.ts";
import { OrderedQueue } from "./ordered-queue.ts";
import type { Outcome, ReleaseOutcome } from "./receipts.ts";

type Response = MessageInitShape<typeof StreamFramesResponseSchema>;

/** Receipts that may wait for a client that does not read them; then its frames wait as well. */
const RECEIPTS_MAX = 256;
/** Milliseconds within which a call must say what its stream is. */
const OPEN_TIMEOUT_MS = 10_000;
/** Milliseconds without a frame after which a stream makes room for another, if there is none. */
const IDLE_MS = 60_000;
/** Milliseconds after which a stream may have ended. */
const STREAM_DELAY_MS = 5000;

function readOpen(open: StreamOpen, language: Language): StreamTerms {
  if (open.dataClass !== DataClass.LIDAR) {
    throw invalidField("data_class", "only DATA_CLASS_LIDAR is taken by this version");
  }
  const { inMapFrame, flat } = open;
  return { dataClass: "lidar", layout: readLayout(open.layout), inMapFrame, flat, language };
}

function receipt(sequence: bigint, outcome: Outcome): Response {
  return { message: { case: "receipt", value: { sequence, ...outcome } } };
}

/** `sequence` is that of the request, 0 if nobody asked. */
function released(sequence: bigint, outcome: ReleaseOutcome): Response {
  return { message: { case: "released", value: { sequence, ...outcome } } };
}

/** The next message; fails if the stream is evicted before it comes. */
function nextOf(
  messages: AsyncIterator<StreamFramesRequest>,
  stream: FrameStream,
): Promise<IteratorResult<StreamFramesRequest>> {
  return new Promise((resolve, reject) => {
    stream.onEvicted = reject;
    messages.next().then(resolve, reject);
  });
}

export class SensorStreams {
  readonly #parts: StreamParts;
  readonly #open = new Set<FrameStream>();

  constructor(parts: StreamParts) {
    this.#parts = parts;
  }

  readonly handlers: ServiceHandlers<typeof SensorService> = {
    streamFrames: (requests, call) => this.#serve(requests, call),
  };

  /** The streams that are open. */
  get open(): ReadonlySet<FrameStream> {
    return this.#open;
  }

  /** Resolves when every frame that was taken has its outcome, and every map its last release. */
  async finish(): Promise<void> {
    await Promise.all([...this.#open].map((stream) => stream.finish()));
  }

  /** Forgets the last frames of a class, and maps of it that were begun under an epoch below this one. */
  forget(dataClass: DataClassName, epochFloor: bigint): void {
    for (const stream of this.#open) {
      if (stream.dataClass === dataClass) stream.forget(epochFloor);
    }
  }

  async *#serve(
    requests: AsyncIterable<StreamFramesRequest>,
    call: CallContext,
  ): AsyncGenerator<Response> {
    const messages = requests[Symbol.asyncIterator]();
    const first = await this.#first(messages);
    if (first.done) return;
    const { message } = first.value;
    if (message.case !== "open") throw invalidField("open", "must be the first message");
    const terms = readOpen(message.value, call.language);
    const stream = this.#begin(terms, call);
    try {
      yield* this.#answers(stream, messages);
    } finally {
      await stream.close();
      this.#open.delete(stream);
    }
  }

  /** The first message of a call. Throws ABORTED (NOT_OPENED) if it does not come in time. */
  async #first(
    messages: AsyncIterator<StreamFramesRequest>,
  ): Promise<IteratorResult<StreamFramesRequest>> {
    const came = new AbortController();
    const late = this.#parts.clock.sleep(OPEN_TIMEOUT_MS, came.signal).then(() => {
      const text = `No message came within ${OPEN_TIMEOUT_MS / 1000} s of the call.`;
      throw new RpcError("ABORTED", "NOT_OPENED", text);
    });
    try {
      return await Promise.race([messages.next(), late]);
    } finally {
      came.abort();
    }
  }

  #begin(terms: StreamTerms, { giveBack }: CallContext): FrameStream {
    const { limits, stopping } = this.#parts;
    if (stopping()) throw unavailable("STOPPING", "The sidecar is stopping.", STREAM_DELAY_MS);
    if (this.#open.size >= limits.streams && !this.#evictIdle()) {
      throw resourceExhausted(
        "TOO_MANY_STREAMS",
        `${limits.streams} streams are open, and no more may be; end one of them first.`,
        STREAM_DELAY_MS,
      );
    }
    const stream = new FrameStream(this.#parts, terms, giveBack);
    this.#open.add(stream);
    return stream;
  }

  /** Ends the stream that was idle for the longest time; false if none was for long enough. */
  #evictIdle(): boolean {
    const [idlest] = [...this.#open].sort((a, b) => a.idleSinceMs - b.idleSinceMs);
    if (idlest === undefined) return false;
    if (this.#parts.clock.monotonicMs() - idlest.idleSinceMs < IDLE_MS) return false;
    this.#open.delete(idlest);
    idlest.onEvicted(
      resourceExhausted(
        "STREAM_IDLE",
        `The stream had no frame for ${IDLE_MS / 1000} s, and its place was needed.`,
        STREAM_DELAY_MS,
      ),
    );
    return true;
  }

  /**
   * Reads frames while their receipts are sent, and before the client knows that the stream is open:
   * what it sent with the first message counts, whenever it leaves. Frames that were read are worked
   * on to the end.
   */
  async *#answers(
    stream: FrameStream,
    messages: AsyncIterator<StreamFramesRequest>,
  ): AsyncGenerator<Response> {
    const answers = new OrderedQueue<Response>(RECEIPTS_MAX);
    const reading = this.#read(stream, messages, answers);
    // Looked at when the receipts are sent; until then a failure is no unhandled one.
    reading.catch(() => {});
    try {
      const { inFlight, frameBytes } = this.#parts.limits;
      const opened = { maxInFlight: inFlight, maxFrameBytes: BigInt(frameBytes) };
      yield { message: { case: "opened", value: opened } };
      yield* answers;
      await reading;
    } finally {
      answers.abandon();
      await reading.catch(() => {});
    }
  }

  async #read(
    stream: FrameStream,
    messages: AsyncIterator<StreamFramesRequest>,
    answers: OrderedQueue<Response>,
  ): Promise<void> {
    stream.onRelease = (release) => {
      void answers.put(release.then((outcome) => released(0n, outcome)));
    };
    try {
      for (;;) {
        const { done, value } = await nextOf(messages, stream);
        if (done) return await stream.finish();
        const { message } = value;
        if (message.case === "release") {
          const { sequence } = message.value;
          const release = stream.release();
          await answers.put(release.then((outcome) => released(sequence, outcome)));
          // One at a time, however many are asked for.
          await release;
        } else if (message.case === "frame") {
          const { sequence } = message.value;
          const taken = stream.take(message.value);
          await answers.put(taken.then((outcome) => receipt(sequence, outcome)));
        } else throw invalidField("frame", "must be set");
      }
    } finally {
      answers.end();
    }
  }
}
