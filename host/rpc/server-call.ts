/**
 * One call on the server, from its metadata to its status. It takes the place of the streams of
 * grpc-js, which queue 16 messages and tell a client that died from one that has finished too late.
 */
import { constants } from "node:http2";
import type { DescMethod } from "@bufbuild/protobuf";
import {
  type Metadata,
  ServerInterceptingCall,
  type ServerInterceptingCallInterface,
} from "@grpc/grpc-js";
import { certificateNames } from "./certificate-names.ts";
import { toRpcError } from "./convert-errors.ts";
import { toStatusObject } from "./error-trailers.ts";
import { streamOf, useDecoder } from "./grpc-js-internals.ts";
import { whenHalfClosed } from "./half-close.ts";
import { preferredLanguage } from "./language.ts";
import { encode } from "./message-bytes.ts";
import { MessageDecoder } from "./message-decoder.ts";
import { MessageStream } from "./message-stream.ts";
import { type Method, nameOf, takesMany } from "./method.ts";
import { type Language, RPC_CODES, RpcError } from "./rpc-error.ts";
import { codeOf } from "./status.ts";
import type { CallContext, ClientIdentity, IncomingCall } from "./types.ts";

/** Milliseconds that the transport has to deliver a status and to see the client's end. */
const LINGER_MS = 5000;

/** A cancellation this little before the deadline is the client's own deadline. */
const DEADLINE_TOLERANCE_MS = 20;

/** What a call needs of its server. */
export interface CallHost {
  /** Says who calls and takes a place among that client's calls. Throws RpcError. */
  admit(method: DescMethod, call: IncomingCall): { client: ClientIdentity; release(): void };
  /** The call has begun; the server stops it, and waits for `done`. */
  begun(call: ServerCall, done: Promise<void>): void;
  /** A call ended with an error that nobody foresaw. */
  report(method: string, cause: unknown): void;
  /** Largest message in bytes that a client may send. */
  readonly maxMessageBytes: number;
}

const REASONS: Partial<Record<string, string>> = {
  RESOURCE_EXHAUSTED: "MESSAGE_TOO_LARGE",
  UNIMPLEMENTED: "ENCODING_UNSUPPORTED",
  INTERNAL: "TRANSPORT_FAILED",
};

export class ServerCall extends ServerInterceptingCall {
  readonly #call: ServerInterceptingCallInterface;
  readonly #method: Method;
  readonly #host: CallHost;
  readonly #requests: MessageStream<DescMethod["input"]>;
  readonly #decoder: MessageDecoder;
  /** For the handler: the client is gone, or the server stops. */
  readonly #aborted = new AbortController();
  /** Nobody is there to send anything to. */
  readonly #gone = new AbortController();
  readonly #sendStatus: ServerInterceptingCallInterface["sendStatus"];
  #language: Language = "en";
  #deadlineMs = Number.POSITIVE_INFINITY;
  #finished = false;

  constructor(call: ServerInterceptingCallInterface, method: Method, host: CallHost) {
    super(call);
    this.#call = call;
    this.#method = method;
    this.#host = host;
    this.#requests = new MessageStream(method.desc.input, () => call.startRead());
    this.#decoder = new MessageDecoder(host.maxMessageBytes);
    useDecoder(call, this.#decoder);
    this.#sendStatus = call.sendStatus.bind(call);
    // What grpc-js ends by itself (deadline, size, compression) passes here, and gets its details.
    call.sendStatus = ({ code, details }) => {
      const name = codeOf(code ?? RPC_CODES.UNKNOWN);
      this.#end(new RpcError(name, REASONS[name] ?? name, details ?? ""));
    };
  }

  override start(): void {
    this.#deadlineMs = performance.now() + Number(this.#call.getDeadline()) - Date.now();
    this.#call.start({
      onReceiveMetadata: (metadata) => this.#run(metadata),
      onReceiveMessage: (bytes: Uint8Array) => this.#requests.push(bytes),
      onReceiveHalfClose: () => this.#halfClosed(),
      onCancel: () => this.#cancelled(),
    });
  }

  /** Tells the handler that the server stops. What it still sends reaches the client. */
  stop(reason: RpcError): void {
    this.#requests.fail(reason);
    this.#aborted.abort(reason);
  }

  #halfClosed(): void {
    const end = () => this.#requests.end();
    // One message is whole without its end: no need to wait for certainty.
    const stream = streamOf(this.#call);
    if (takesMany(this.#method.desc)) this.#requests.mayEnd(() => whenHalfClosed(stream, end));
    else end();
  }

  #run(metadata: Metadata): void {
    const header = (key: string) => metadata.get(key)[0]?.toString();
    this.#language = preferredLanguage(header("accept-language"));
    const { desc } = this.#method;
    try {
      const incoming: IncomingCall = {
        method: nameOf(desc),
        header,
        // Fails where the connection has broken since.
        certificateNames: certificateNames(this.#call.getAuthContext().sslPeerCertificate),
      };
      const { client, release } = this.#host.admit(desc, incoming);
      const done = this.#answer(client).finally(release);
      this.#host.begun(this, done);
    } catch (error) {
      this.#end(this.#toError(error));
    }
  }

  async #answer(client: ClientIdentity): Promise<void> {
    const { desc, handler } = this.#method;
    const call: CallContext = {
      method: nameOf(desc),
      client,
      signal: this.#aborted.signal,
      language: this.#language,
      giveBack: (memory) => this.#decoder.giveBack(memory),
    };
    const { methodKind } = desc;
    try {
      const request = takesMany(desc) ? this.#requests : await this.#requests.single();
      const response = handler(request, call);
      if (methodKind === "unary" || methodKind === "client_streaming") {
        await this.#send(await response);
      } else {
        for await (const message of response as AsyncIterable<unknown>) await this.#send(message);
      }
      this.#end(undefined);
    } catch (error) {
      this.#end(this.#toError(error));
    }
  }

  /** Resolves when the transport has taken the message; rejects when the client is gone. */
  #send(message: unknown): Promise<void> {
    const bytes = encode(this.#method.desc.output, message);
    const { signal } = this.#gone;
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason);
      const onGone = () => reject(signal.reason);
      signal.addEventListener("abort", onGone, { once: true });
      this.#call.sendMessage(bytes, () => {
        signal.removeEventListener("abort", onGone);
        resolve();
      });
    });
  }

  #toError(error: unknown): RpcError {
    return toRpcError(error, (cause) => this.#host.report(nameOf(this.#method.desc), cause));
  }

  #cancelled(): void {
    if (this.#finished) return;
    this.#finished = true;
    const late = performance.now() >= this.#deadlineMs - DEADLINE_TOLERANCE_MS;
    this.#leave(
      late
        ? new RpcError("DEADLINE_EXCEEDED", "DEADLINE_EXCEEDED", "The deadline of the call passed.")
        : new RpcError("CANCELLED", "CANCELLED", "The client cancelled the call, or is gone."),
    );
  }

  #leave(error: RpcError): void {
    this.#gone.abort(error);
    this.#requests.fail(error);
    this.#aborted.abort(error);
  }

  /** Sends the status, once, and lets go of a stream that the client does not end. */
  #end(error: RpcError | undefined): void {
    if (this.#finished) return;
    this.#finished = true;
    if (error) this.#sendStatus(toStatusObject(error, this.#language));
    else this.#sendStatus({ code: 0, details: "OK", metadata: null });
    this.#leave(error ?? new RpcError("CANCELLED", "FINISHED", "The call was answered."));
    const stream = streamOf(this.#call);
    const timer = setTimeout(() => stream.close(constants.NGHTTP2_CANCEL), LINGER_MS).unref();
    stream.once("close", () => clearTimeout(timer));
  }
}
