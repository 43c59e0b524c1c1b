/** Pushes the frames of a sensor to the sidecar on the same robot. */
import { isDeepStrictEqual } from "node:util";
import type { MessageInitShape } from "@bufbuild/protobuf";
import { MapveilError } from "../core/errors.ts";
import type { Frame, PointLayout } from "../core/frame.ts";
import {
  type Released,
  SensorService,
  type StreamFramesRequestSchema,
  type StreamFramesResponse,
} from "../gen/mapveil/v1/sensor_service_pb.ts";
import { DataClass } from "../gen/mapveil/v1/types_pb.ts";
import { createClient, type RequestStream, RpcError } from "../rpc/index.ts";
import { toFrame, toLayout } from "./frame-message.ts";
import { type ReceiptView, type ReleaseView, toReceiptView, toReleaseView } from "./receipt.ts";
import { openSocket, type Socket, type SocketOptions } from "./socket.ts";

export interface SensorClientOptions extends SocketOptions {
  /** Largest frame in bytes that will be pushed; default 32 MiB. */
  readonly frameBytes?: number;
}

export interface SensorStreamOptions {
  /** How a point lies in the bytes of every frame. */
  readonly layout: PointLayout;
  /** Whether points of frames without a pose are in the map's frame already. */
  readonly inMapFrame?: boolean;
  /** Whether the sensor measures in one plane. */
  readonly flat?: boolean;
  /** Hears of releases that nobody asked for: their time had come, or the stream ended. */
  readonly onRelease?: (release: ReleaseView) => void;
}

const FRAME_BYTES = 32 * 1024 * 1024;

export class SensorClient {
  readonly #socket: Socket;

  private constructor(socket: Socket) {
    this.#socket = socket;
  }

  /** Reads the token; connects with the first stream. Throws MapveilError IO, CONFIG. */
  static async create(options: SensorClientOptions): Promise<SensorClient> {
    return new SensorClient(await openSocket(options, options.frameBytes ?? FRAME_BYTES));
  }

  /**
   * Opens a stream for one sensor. One that broke is not opened again by itself: its frames without
   * a receipt may or may not have been taken, which is for the caller to decide on.
   * @throws RpcError, such as UNAUTHENTICATED, UNAVAILABLE or INVALID_ARGUMENT
   */
  async open(terms: SensorStreamOptions): Promise<SensorStream> {
    const { layout, inMapFrame = false, flat = false } = terms;
    const { channel, options } = this.#socket;
    const call = createClient(SensorService, channel, options).streamFrames();
    const responses = call.responses[Symbol.asyncIterator]();
    const open = { dataClass: DataClass.LIDAR, layout: toLayout(layout), inMapFrame, flat };
    // The status of the call says why it failed, and comes with the first response.
    void call.write({ message: { case: "open", value: open } }).catch(() => {});
    const { done, value } = await responses.next();
    if (done || value.message.case !== "opened") {
      throw new RpcError("INTERNAL", "PROTOCOL", "The sidecar did not open the stream.");
    }
    const { maxInFlight, maxFrameBytes } = value.message.value;
    return new SensorStream(call, responses, terms, Math.max(1, maxInFlight), maxFrameBytes);
  }

  /** Ends the connection; streams that are open fail with CANCELLED. */
  close(): void {
    this.#socket.channel.close();
  }
}

interface Waiting<T> {
  readonly sequence: bigint;
  resolve(answer: T): void;
  reject(error: unknown): void;
}

export class SensorStream {
  /** Frames that may wait for their receipts; `push` keeps to it. */
  readonly maxInFlight: number;
  /** Largest frame in bytes that the sidecar takes. */
  readonly maxFrameBytes: bigint;
  readonly #call: RequestStream<MessageInitShape<typeof StreamFramesRequestSchema>>;
  readonly #layout: PointLayout;
  readonly #onRelease: (release: ReleaseView) => void;
  /** In the order of their receipts. */
  readonly #waiting: Waiting<ReceiptView>[] = [];
  /** Requests for a release, in the order of their answers. */
  readonly #releases: Waiting<ReleaseView>[] = [];
  /** Frames that may be pushed without waiting. */
  #free: number;
  /** Pushes that wait for room, which is handed from one to the next: frames keep their order. */
  readonly #queued: (() => void)[] = [];
  readonly #over: Promise<void>;
  #failure: unknown;
  /** Numbers of the last frame and of the last request for a release. */
  #sequence = 0n;
  #asked = 0n;

  /** Made by SensorClient.open. */
  constructor(
    call: RequestStream<MessageInitShape<typeof StreamFramesRequestSchema>>,
    responses: AsyncIterator<StreamFramesResponse>,
    { layout, onRelease = () => {} }: SensorStreamOptions,
    maxInFlight: number,
    maxFrameBytes: bigint,
  ) {
    this.#call = call;
    this.#layout = layout;
    this.#onRelease = onRelease;
    this.maxInFlight = maxInFlight;
    this.#free = maxInFlight;
    this.maxFrameBytes = maxFrameBytes;
    this.#over = this.#read(responses);
    this.#over.catch(() => {});
  }

  /**
   * Sends a frame, after waiting for room if too many are on their way. Its bytes must not change
   * until the receipt is there. Many pushes may run at once.
   * @returns what became of the frame; refused and dropped frames do not throw
   * @throws RpcError if the stream broke, MapveilError USAGE for a frame of another layout
   */
  async push(frame: Frame): Promise<ReceiptView> {
    const { layout } = frame;
    if (layout !== this.#layout && !isDeepStrictEqual(layout, this.#layout)) {
      const message = "The frame has another layout than its stream; open a stream for it.";
      throw new MapveilError("USAGE", message, { field: "layout" });
    }
    if (this.#free > 0) this.#free--;
    else await new Promise<void>((resolve) => this.#queued.push(resolve));
    if (this.#failure !== undefined) throw this.#failure;
    return new Promise((resolve, reject) => {
      this.#sequence++;
      this.#waiting.push({ sequence: this.#sequence, resolve, reject });
      const value = toFrame(frame, this.#sequence);
      // A write that fails is told by the end of the responses, to every frame that waits.
      this.#call.write({ message: { case: "frame", value } }).catch(() => {});
    });
  }

  /**
   * Asks for a release of the map that the frames pushed before went into; it goes on afterwards.
   * @returns what became of it; one that was refused or dropped does not throw
   * @throws RpcError if the stream broke
   */
  release(): Promise<ReleaseView> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    return new Promise((resolve, reject) => {
      const value = { sequence: ++this.#asked };
      this.#releases.push({ ...value, resolve, reject });
      this.#call.write({ message: { case: "release", value } }).catch(() => {});
    });
  }

  /** Ends the stream, after the receipts of all frames that were pushed. Throws RpcError if it broke. */
  async end(): Promise<void> {
    this.#call.end();
    await this.#over;
  }

  async #read(responses: AsyncIterator<StreamFramesResponse>): Promise<void> {
    try {
      for (;;) {
        const { done, value } = await responses.next();
        if (done) break;
        const { message } = value;
        if (message.case === "receipt") this.#answer(toReceiptView(message.value));
        else if (message.case === "released") this.#released(message.value);
      }
      this.#fail(new RpcError("CANCELLED", "STREAM_ENDED", "The stream was ended."));
    } catch (error) {
      this.#fail(error);
      throw error;
    }
  }

  #answer(receipt: ReceiptView): void {
    const frame = this.#waiting.shift();
    if (frame?.sequence !== receipt.sequence) {
      frame?.reject(new RpcError("INTERNAL", "PROTOCOL", "A receipt came out of order."));
    } else frame.resolve(receipt);
    const next = this.#queued.shift();
    if (next === undefined) this.#free++;
    else next();
  }

  #released(message: Released): void {
    const view = toReleaseView(message);
    if (message.sequence === 0n) {
      this.#onRelease(view);
      return;
    }
    const asked = this.#releases.shift();
    if (asked?.sequence === message.sequence) asked.resolve(view);
    else asked?.reject(new RpcError("INTERNAL", "PROTOCOL", "A release came out of order."));
  }

  #fail(error: unknown): void {
    this.#failure = error;
    for (const { reject } of this.#waiting.splice(0)) reject(error);
    for (const { reject } of this.#releases.splice(0)) reject(error);
    for (const wake of this.#queued.splice(0)) wake();
  }
}
