/** Services as plain functions and async iterables. */
import type { DescMethod, DescService, Message } from "@bufbuild/protobuf";
import type { RpcChannel } from "./channel.ts";
import { ClientCall } from "./client-call.ts";
import type { CallOptions, ServiceClient } from "./types.ts";

/** Milliseconds for a call with one message each way, unless the caller says otherwise. */
const UNARY_TIMEOUT_MS = 10_000;

export interface ClientOptions {
  /** Metadata of every call, such as { authorization: "Bearer …" }. */
  readonly headers?: Readonly<Record<string, string>>;
}

type Open = (desc: DescMethod, options: CallOptions) => ClientCall;

async function unary(call: ClientCall, request: unknown): Promise<Message> {
  const response = call.response();
  response.catch(() => {});
  await call.write(request).catch(() => {}); // The status of the call says why.
  call.end();
  return await response;
}

/** Cancels the call when the reader leaves the loop. */
async function* untilLeft(call: ClientCall): AsyncGenerator<Message, void> {
  try {
    yield* call.responses;
  } finally {
    call.cancel();
  }
}

async function* serverStream(open: () => ClientCall, request: unknown) {
  const call = open();
  await call.write(request).catch(() => {}); // The status of the call says why.
  call.end();
  yield* untilLeft(call);
}

function methodOf(desc: DescMethod, open: Open): unknown {
  switch (desc.methodKind) {
    case "unary":
      return (request: unknown, options: CallOptions = {}) =>
        unary(open(desc, { timeoutMs: UNARY_TIMEOUT_MS, ...options }), request);
    case "server_streaming":
      return (request: unknown, options: CallOptions = {}) =>
        serverStream(() => open(desc, options), request);
    case "client_streaming":
      return (options: CallOptions = {}) => {
        const call = open(desc, options);
        const response = call.response();
        response.catch(() => {}); // Whoever only writes learns of a failure there.
        return { write: call.write.bind(call), end: call.end.bind(call), response };
      };
    case "bidi_streaming":
      return (options: CallOptions = {}) => {
        const call = open(desc, options);
        const responses = untilLeft(call);
        return { write: call.write.bind(call), end: call.end.bind(call), responses };
      };
  }
}

/** A client of a service. Failures of its calls are RpcErrors. */
export function createClient<S extends DescService>(
  service: S,
  channel: RpcChannel,
  options: ClientOptions = {},
): ServiceClient<S> {
  const open: Open = (desc, callOptions) =>
    new ClientCall(channel, desc, options.headers ?? {}, callOptions);
  const methods = service.methods.map((desc) => [desc.localName, methodOf(desc, open)]);
  return Object.fromEntries(methods) as ServiceClient<S>;
}
