/** One call of a client: writes wait for room, reads come on demand, and every failure is an RpcError. */
import type { DescMethod, Message } from "@bufbuild/protobuf";
import { status as codes, Metadata, type StatusObject } from "@grpc/grpc-js";
import type { RpcChannel } from "./channel.ts";
import { fromServiceError } from "./error-trailers.ts";
import { directStreamOf, type GrpcCall } from "./grpc-js-internals.ts";
import { bytesOf, encodeParts, joined } from "./message-bytes.ts";
import { MessageStream } from "./message-stream.ts";
import { pathOf } from "./method.ts";
import { RpcError } from "./rpc-error.ts";
import type { CallOptions } from "./types.ts";

/** Bytes from which a message is worth a way of its own. */
const DIRECT_BYTES_MIN = 64 * 1024;
const MESSAGE_HEADER_BYTES = 5;
/** Longest time that a timer takes. */
const TIMEOUT_MS_MAX = 2 ** 31 - 1;

export class ClientCall {
  readonly #desc: DescMethod;
  readonly #call: GrpcCall;
  readonly #maxMessageBytes: number;
  /** What the server answers. */
  readonly responses: MessageStream<DescMethod["output"]>;
  readonly #over = new AbortController();
  #written: Promise<void> = Promise.resolve();

  constructor(
    channel: RpcChannel,
    desc: DescMethod,
    headers: Readonly<Record<string, string>>,
    { timeoutMs, signal }: CallOptions,
  ) {
    const { client, calls, maxMessageBytes, tellsDeadlines } = channel;
    const isTold = tellsDeadlines && timeoutMs !== undefined;
    const deadline = isTold ? Date.now() + timeoutMs : Number.POSITIVE_INFINITY;
    const timer = isTold || timeoutMs === undefined ? undefined : this.#endAfter(timeoutMs);
    this.#desc = desc;
    this.#maxMessageBytes = maxMessageBytes;
    this.#call = client.getChannel().createCall(pathOf(desc), deadline, null, null, null);
    this.responses = new MessageStream(desc.output, () => this.#call.startRead());
    const metadata = new Metadata();
    for (const [key, value] of Object.entries(headers)) metadata.set(key, value);
    const cancel = () => this.cancel();
    signal?.addEventListener("abort", cancel, { once: true });
    calls.add(this);
    this.#call.start(metadata, {
      onReceiveMetadata() {},
      onReceiveMessage: (bytes: Buffer) => this.responses.push(bytes),
      onReceiveStatus: (status) => {
        signal?.removeEventListener("abort", cancel);
        clearTimeout(timer);
        calls.delete(this);
        if (status.code !== codes.OK) this.#endLateStart();
        this.#end(status);
      },
    });
    if (signal?.aborted) cancel();
  }

  /**
   * Resolves when the transport has taken the message, after those before it. The bytes of a frame or
   * of an artefact are not copied, and must not change until then.
   */
  write(message: unknown): Promise<void> {
    const parts = encodeParts(this.#desc.input, message);
    const written = this.#written.then(() => this.#write(parts));
    this.#written = written.catch(() => {});
    return written;
  }

  /** Ends this side, after what was written. */
  end(): void {
    void this.#written.then(() => this.#call.halfClose());
  }

  /** Ends the call, if it is still open. */
  cancel(): void {
    if (this.#over.signal.aborted) return;
    this.#call.cancelWithStatus(codes.CANCELLED, "The client cancelled the call.");
  }

  /** The answer of a method that has one. */
  async response(): Promise<Message> {
    return await this.responses.single();
  }

  /** Ends the call after its time, without the server's knowing of it before. */
  #endAfter(ms: number): NodeJS.Timeout {
    const end = () => this.#call.cancelWithStatus(codes.DEADLINE_EXCEEDED, "Deadline exceeded.");
    return setTimeout(end, Math.min(ms, TIMEOUT_MS_MAX));
  }

  #write(parts: readonly Uint8Array[]): Promise<void> {
    const { signal } = this.#over;
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason);
      const onOver = () => reject(signal.reason);
      signal.addEventListener("abort", onOver, { once: true });
      const callback = () => {
        signal.removeEventListener("abort", onOver);
        resolve();
      };
      if (!this.#writeDirectly(parts, callback)) {
        this.#call.sendMessageWithContext({ callback }, joined(parts));
      }
    });
  }

  /** Gives a large message to HTTP/2 as it is; false if it has to go the usual way. */
  #writeDirectly(parts: readonly Uint8Array[], callback: () => void): boolean {
    const bytes = bytesOf(parts);
    if (bytes < DIRECT_BYTES_MIN || bytes > this.#maxMessageBytes) return false;
    const stream = directStreamOf(this.#call);
    if (stream === undefined) return false;
    const header = Buffer.alloc(MESSAGE_HEADER_BYTES);
    header.writeUInt32BE(bytes, 1);
    stream.cork();
    stream.write(joined([header, ...parts.slice(0, -1)]));
    stream.write(parts.at(-1), callback);
    stream.uncork();
    return true;
  }

  /**
   * grpc-js forgets a call that ends between two steps of its start: the next step still opens it at
   * the server, where it would stay open. By then all steps are done, and ending it again reaches it.
   */
  #endLateStart(): void {
    setImmediate(() => this.#call.cancelWithStatus(codes.CANCELLED, "The call has ended."));
  }

  #end(status: StatusObject): void {
    if (status.code === codes.OK) {
      this.responses.end();
      this.#over.abort(new RpcError("CANCELLED", "CALL_ENDED", "The server has ended the call."));
    } else {
      const error = fromServiceError(status);
      this.responses.fail(error);
      this.#over.abort(error);
    }
  }
}
