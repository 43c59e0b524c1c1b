/**
 * How services are written and called here: plain async functions and async iterables over messages
 * of protobuf-es, without a word of grpc-js.
 */
import type {
  DescMethodBiDiStreaming,
  DescMethodClientStreaming,
  DescMethodServerStreaming,
  DescMethodUnary,
  DescService,
  MessageInitShape,
  MessageShape,
} from "@bufbuild/protobuf";

/** Who calls, as the server's authoriser found out. */
export interface ClientIdentity {
  /** Name of the client in the configuration, for metrics and quotas; never an address. */
  readonly name: string;
  /** Every role it has. */
  readonly roles: readonly string[];
  /** Ids of the recipients whose artefacts it may write or read; "*" stands for all. */
  readonly recipients: readonly string[];
}

/** What a handler knows of its call. */
export interface CallContext {
  /** Full name, such as "mapveil.v1.IngestService/WriteArtefact". */
  readonly method: string;
  readonly client: ClientIdentity;
  /** Aborted when the client cancels, dies or its deadline passes, and when the server stops. */
  readonly signal: AbortSignal;
  /** Language that the client prefers, from "accept-language". */
  readonly language: "en" | "zh";
  /**
   * Takes memory of a large message that nobody looks at any more: a later one of this call is read
   * into it. Fresh memory for each would cost more than the message itself.
   */
  giveBack(memory: ArrayBuffer): void;
}

/** What an authoriser sees: it runs before any byte of a message is decoded. */
export interface IncomingCall {
  readonly method: string;
  /** The first value of a metadata key as text. */
  header(key: string): string | undefined;
  /** Names in the client's certificate (URI and DNS subject alternative names), verified; empty without one. */
  readonly certificateNames: readonly string[];
}

/** Throws RpcError UNAUTHENTICATED or PERMISSION_DENIED, or says who calls. */
export type Authorise = (call: IncomingCall) => ClientIdentity;

/**
 * A handler of one method. Streams of requests throw RpcError CANCELLED or DEADLINE_EXCEEDED when the
 * client did not end them by itself; they end only when it did.
 */
export type MethodHandler<M> = M extends { methodKind: "unary" }
  ? M extends DescMethodUnary<infer I, infer O>
    ? (request: MessageShape<I>, call: CallContext) => Promise<MessageInitShape<O>>
    : never
  : M extends DescMethodServerStreaming<infer I, infer O>
    ? (request: MessageShape<I>, call: CallContext) => AsyncIterable<MessageInitShape<O>>
    : M extends DescMethodClientStreaming<infer I, infer O>
      ? (
          requests: AsyncIterable<MessageShape<I>>,
          call: CallContext,
        ) => Promise<MessageInitShape<O>>
      : M extends DescMethodBiDiStreaming<infer I, infer O>
        ? (
            requests: AsyncIterable<MessageShape<I>>,
            call: CallContext,
          ) => AsyncIterable<MessageInitShape<O>>
        : never;

/** Handlers of a whole service, by the methods' names in lower camel case. */
export type ServiceHandlers<S extends DescService> = {
  readonly [K in keyof S["method"]]: MethodHandler<S["method"][K]>;
};

/** How long a call may take, and how to end it early. */
export interface CallOptions {
  /** Milliseconds until DEADLINE_EXCEEDED; every unary call has one (default 10 s). */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

/** A stream that a client writes to: `write` waits for room, so that memory stays bounded. */
export interface RequestStream<I> {
  write(message: I): Promise<void>;
  /** Ends the client's side. */
  end(): void;
}

/** One method as a client calls it. Failures are RpcErrors. */
export type MethodCall<M> = M extends { methodKind: "unary" }
  ? M extends DescMethodUnary<infer I, infer O>
    ? (request: MessageInitShape<I>, options?: CallOptions) => Promise<MessageShape<O>>
    : never
  : M extends DescMethodServerStreaming<infer I, infer O>
    ? (request: MessageInitShape<I>, options?: CallOptions) => AsyncIterable<MessageShape<O>>
    : M extends DescMethodClientStreaming<infer I, infer O>
      ? (
          options?: CallOptions,
        ) => RequestStream<MessageInitShape<I>> & { readonly response: Promise<MessageShape<O>> }
      : M extends DescMethodBiDiStreaming<infer I, infer O>
        ? (options?: CallOptions) => RequestStream<MessageInitShape<I>> & {
            readonly responses: AsyncIterable<MessageShape<O>>;
          }
        : never;

/** A whole service as a client calls it. */
export type ServiceClient<S extends DescService> = {
  readonly [K in keyof S["method"]]: MethodCall<S["method"][K]>;
};
