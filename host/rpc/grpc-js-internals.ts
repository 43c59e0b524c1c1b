/**
 * The only place that touches names of grpc-js which are private. Version 1.14.7 is pinned; the tests
 * of this folder fail when any of it no longer holds.
 */
import type { ClientHttp2Stream, ServerHttp2Session, ServerHttp2Stream } from "node:http2";
import type { Server as NetServer, Socket } from "node:net";
import type { Client, Server, ServerInterceptingCallInterface } from "@grpc/grpc-js";
import { Http2SubchannelConnector } from "@grpc/grpc-js/build/src/transport.js";
import type { MessageDecoder } from "./message-decoder.ts";

interface ServerInside {
  readonly commonServerOptions: { settings?: Record<string, number> };
  readonly http2Servers: ReadonlyMap<NetServer, unknown>;
  handlers: Map<string, unknown>;
}

const inside = (server: Server) => server as unknown as ServerInside;

/** Settings of HTTP/2 for every connection: grpc-js passes on none but the number of streams. */
export function addHttp2Settings(server: Server, settings: Record<string, number>): void {
  const { commonServerOptions } = inside(server);
  commonServerOptions.settings = { ...commonServerOptions.settings, ...settings };
}

/** Lets calls of paths that are not registered reach the interceptors, which can answer with details. */
export function admitUnknownMethods(server: Server): void {
  const pass = (bytes: Buffer) => bytes;
  class Handlers extends Map<string, unknown> {
    override get(path: string): unknown {
      const unknown = { func() {}, serialize: pass, deserialize: pass, type: "bidi", path };
      return super.get(path) ?? unknown;
    }
  }
  inside(server).handlers = new Handlers();
}

export interface ConnectionLimits {
  /** Bytes that all streams of a connection together may send ahead of what is read. */
  readonly windowBytes: number;
  /** Connections of a port at the same time; those beyond it are closed at once. */
  readonly connections: number;
}

/**
 * Limits of the connections of all ports bound so far, and the sockets they came from: grpc-js offers
 * neither, and its shutdown forgets sockets that have not finished their handshake.
 */
export function watchConnections(
  server: Server,
  { windowBytes, connections }: ConnectionLimits,
  sockets: Set<Socket>,
): void {
  for (const http2Server of inside(server).http2Servers.keys()) {
    if (http2Server.listeners("session").some((listener) => listener.name === "setWindow"))
      continue;
    http2Server.maxConnections = connections;
    http2Server.on("session", function setWindow(session: ServerHttp2Session) {
      session.setLocalWindowSize(windowBytes);
    });
    http2Server.on("connection", (socket: Socket) => {
      sockets.add(socket);
      socket.once("close", () => sockets.delete(socket));
    });
  }
}

/** What calls say of the program that makes them: grpc-js would name itself and its version. */
export const USER_AGENT = "grpc-mapveil";

interface ConnectorInside {
  createSession(
    connection: unknown,
    address: unknown,
    options: { readonly "grpc.primary_user_agent"?: string },
  ): Promise<{ userAgent: string }>;
}

/** Channels whose primary user agent is USER_AGENT say nothing else; those of others are left alone. */
function sayNoVersion(): void {
  const connector = Http2SubchannelConnector.prototype as unknown as ConnectorInside;
  const create = connector.createSession;
  connector.createSession = async function createSession(connection, address, options) {
    const transport = await create.call(this, connection, address, options);
    if (options["grpc.primary_user_agent"] === USER_AGENT) transport.userAgent = USER_AGENT;
    return transport;
  };
}

sayNoVersion();

/** The HTTP/2 stream below a call: it alone knows whether the client ended it or died. */
export function streamOf(call: ServerInterceptingCallInterface): ServerHttp2Stream {
  return (call as unknown as { readonly stream: ServerHttp2Stream }).stream;
}

/** Takes the messages of a call apart in our way: grpc-js keeps all pieces and then copies them. */
export function useDecoder(call: ServerInterceptingCallInterface, decoder: MessageDecoder): void {
  (call as unknown as { decoder: MessageDecoder }).decoder = decoder;
}

/** A call of a client; the types of grpc-js do not export their name of it. */
export type GrpcCall = ReturnType<ReturnType<Client["getChannel"]>["createCall"]>;

interface CallInside {
  readonly writeFilterPending: boolean;
  readonly child: {
    readonly committedCallIndex: number | null;
    readonly underlyingCalls: readonly {
      readonly nextMessageToSend: number;
      readonly call: { readonly child: { readonly http2Stream: ClientHttp2Stream } | null };
    }[];
    getNextBufferIndex(): number;
  } | null;
}

/**
 * The HTTP/2 stream of a client's call, for a message that is not given to grpc-js, which would copy
 * it twice. Undefined while that would overtake what grpc-js still has to send, or begin the call.
 */
export function directStreamOf(call: GrpcCall): ClientHttp2Stream | undefined {
  const { child, writeFilterPending } = call as unknown as CallInside;
  if (!child || writeFilterPending || child.committedCallIndex === null) return undefined;
  const committed = child.underlyingCalls[child.committedCallIndex];
  if (committed?.nextMessageToSend !== child.getNextBufferIndex()) return undefined;
  const stream = committed.call.child?.http2Stream;
  return stream?.writable ? stream : undefined;
}
