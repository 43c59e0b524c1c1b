/** A gRPC server that authorises before it reads, bounds what clients may take up, and always stops. */
import type { Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { DescMethod, DescService } from "@bufbuild/protobuf";
import {
  Server,
  ServerCredentials,
  ServerInterceptingCall,
  type ServerInterceptingCallInterface,
  type ServerMethodDefinition,
} from "@grpc/grpc-js";
import { MapveilError } from "../core/errors.ts";
import { Health as HealthService } from "../gen/grpc/health/v1/health_pb.ts";
import { ServerReflection } from "../gen/grpc/reflection/v1/reflection_pb.ts";
import type { Log } from "../telemetry/log.ts";
import type { CertificateSource } from "./certificate-source.ts";
import { toStatusObject } from "./error-trailers.ts";
import { addHttp2Settings, admitUnknownMethods, watchConnections } from "./grpc-js-internals.ts";
import { Health } from "./health.ts";
import { type AnyHandler, type Method, pathOf } from "./method.ts";
import { reflectionHandlers } from "./reflection.ts";
import { RpcError, resourceExhausted, unavailable } from "./rpc-error.ts";
import { type CallHost, ServerCall } from "./server-call.ts";
import { serverCredentials } from "./tls-credentials.ts";
import type { Authorise, ClientIdentity, IncomingCall, ServiceHandlers } from "./types.ts";
import { prepareUnixSocket } from "./unix-socket.ts";

/** Bytes on their way in one stream, and in one connection: enough for 16 MiB/s over 1 s. */
const WINDOW_BYTES = 16 * 1024 * 1024;

/** Connections of one port: each may hold a window of bytes, and before its handshake needs no name. */
const CONNECTIONS_MAX = 1024;

/** Headers of one call, in bytes. */
const HEADER_BYTES_MAX = 16 * 1024;

/** Milliseconds after which a client that was refused for its number of calls may try again. */
const RETRY_DELAY_MS = 1000;

/** Milliseconds for handlers to see that their clients are gone, after a forced stop. */
const FORCED_STOP_MS = 1000;

/** Who calls a method that needs no authorisation. */
const ANYBODY: ClientIdentity = { name: "anybody", roles: [], recipients: [] };

const passBytes = (bytes: Buffer) => bytes;

export interface RpcServerLimits {
  /** Largest message, in and out. */
  readonly maxMessageBytes: number;
  /** Calls at the same time on one connection. */
  readonly maxConcurrentStreamsPerConnection: number;
  /** Calls at the same time of one client, over all of its connections. */
  readonly maxCallsPerClient: number;
  /** Bytes that a client may send ahead of what is read, for a stream and for a connection. */
  readonly windowBytes?: number;
  /** Connections of one port at the same time; default 1024. */
  readonly maxConnections?: number;
}

export interface RpcServerOptions {
  readonly authorise: Authorise;
  readonly log: Log;
  readonly limits: RpcServerLimits;
  /** Full names of services that whoever can connect may call, such as "grpc.health.v1.Health". */
  readonly open?: readonly string[];
}

/** A method that nobody added. */
class UnknownCall extends ServerInterceptingCall {
  override start(): void {
    const text = "The server has no such method.";
    this.sendStatus(toStatusObject(new RpcError("UNIMPLEMENTED", "METHOD_UNKNOWN", text), "en"));
  }
}

export class RpcServer {
  /** Health of the added services; all are serving until something says otherwise. */
  readonly health = new Health();
  readonly #options: RpcServerOptions;
  readonly #windowBytes: number;
  readonly #server: Server;
  readonly #methods = new Map<string, Method>();
  readonly #services: DescService[] = [];
  readonly #calls = new Map<ServerCall, Promise<void>>();
  readonly #callsOf = new Map<string, number>();
  readonly #sockets = new Set<Socket>();
  readonly #host: CallHost;
  #stopReason: RpcError | undefined;
  #stopped: Promise<void> | undefined;

  constructor(options: RpcServerOptions) {
    this.#options = options;
    const { limits } = options;
    this.#windowBytes = limits.windowBytes ?? WINDOW_BYTES;
    this.#server = new Server({
      "grpc.max_receive_message_length": limits.maxMessageBytes,
      "grpc.max_send_message_length": limits.maxMessageBytes,
      "grpc.max_concurrent_streams": limits.maxConcurrentStreamsPerConnection,
      "grpc.keepalive_time_ms": 30_000,
      "grpc.keepalive_timeout_ms": 10_000,
      "grpc.enable_channelz": 0,
      interceptors: [(method, call) => this.#intercept(method, call)],
    });
    addHttp2Settings(this.#server, {
      initialWindowSize: this.#windowBytes,
      maxHeaderListSize: HEADER_BYTES_MAX,
    });
    admitUnknownMethods(this.#server);
    this.#host = {
      maxMessageBytes: limits.maxMessageBytes,
      admit: (method, call) => this.#admit(method, call),
      begun: (call, done) => this.#begun(call, done),
      report: (method, cause) => {
        const reason = cause instanceof Error ? cause.name : typeof cause;
        options.log.error("call_failed", { method, code: "INTERNAL", reason });
      },
    };
    this.health.set("", true);
    this.#register(HealthService, this.health.handlers);
    this.#register(ServerReflection, reflectionHandlers(this.#services));
  }

  /** Adds a service, before `listen…`. */
  add<S extends DescService>(service: S, handlers: ServiceHandlers<S>): this {
    this.#register(service, handlers);
    this.health.set(service.typeName, true);
    return this;
  }

  /**
   * Listens on a unix socket in a folder of mode 0700. A socket that a killed process left is
   * replaced. Throws MapveilError: CONFIG for an unfit path, UNAVAILABLE if another process listens.
   */
  async listenUnix(path: string): Promise<void> {
    const absolute = await prepareUnixSocket(path);
    await this.#bind(`unix:${absolute}`, ServerCredentials.createInsecure());
  }

  /**
   * Listens with TLS 1.3, for clients with a certificate of the source's authority. Returns the port.
   * Waits for the first certificate; throws MapveilError CONFIG if it is no good.
   */
  async listenTls(hostPort: string, source: CertificateSource): Promise<number> {
    await source.loaded;
    return await this.#bind(hostPort, serverCredentials(source));
  }

  /**
   * Stops: health says so, new calls are refused, handlers get the abort signal, and what they still
   * send has `graceMs` milliseconds. Then every connection is cut. Never hangs, never throws.
   */
  stop(graceMs: number): Promise<void> {
    this.#stopped ??= this.#stop(graceMs);
    return this.#stopped;
  }

  async #stop(graceMs: number): Promise<void> {
    const reason = unavailable("SERVER_STOPPING", "The server is stopping.", RETRY_DELAY_MS);
    this.#stopReason = reason;
    this.health.stop();
    for (const call of this.#calls.keys()) call.stop(reason);
    const closed = new Promise<void>((resolve) => this.#server.tryShutdown(() => resolve()));
    const finished = Promise.all([closed, ...this.#calls.values()]).then(() => true);
    if (await within(graceMs, finished)) return;
    this.#options.log.warn("stop_forced", { count: this.#calls.size });
    this.#server.forceShutdown();
    for (const socket of this.#sockets) socket.destroy();
    await within(FORCED_STOP_MS, Promise.all(this.#calls.values()));
  }

  #register(service: DescService, handlers: object): void {
    this.#services.push(service);
    for (const desc of service.methods) {
      const handler = (handlers as Record<string, AnyHandler>)[desc.localName]!;
      this.#methods.set(pathOf(desc), { desc, handler: handler.bind(handlers) });
      this.#server.register(pathOf(desc), () => {}, passBytes, passBytes, "bidi");
    }
  }

  #intercept(
    { path }: ServerMethodDefinition<unknown, unknown>,
    call: ServerInterceptingCallInterface,
  ): ServerInterceptingCall {
    const method = this.#methods.get(path);
    return method ? new ServerCall(call, method, this.#host) : new UnknownCall(call);
  }

  #admit(method: DescMethod, call: IncomingCall): { client: ClientIdentity; release(): void } {
    if (this.#stopReason) throw this.#stopReason;
    const open = this.#options.open?.includes(method.parent.typeName) ?? false;
    const client = open ? ANYBODY : this.#authorise(call);
    const { name } = client;
    const calls = this.#callsOf.get(name) ?? 0;
    if (calls >= this.#options.limits.maxCallsPerClient) {
      const text = `This client has ${calls} calls open, which is as many as it may have.`;
      throw resourceExhausted("TOO_MANY_CALLS", text, RETRY_DELAY_MS, { limit: String(calls) });
    }
    this.#callsOf.set(name, calls + 1);
    return { client, release: () => this.#release(name) };
  }

  #authorise(call: IncomingCall): ClientIdentity {
    try {
      return this.#options.authorise(call);
    } catch (error) {
      if (error instanceof RpcError) {
        const { code, reason } = error;
        this.#options.log.warn("call_refused", { method: call.method, code, reason });
      }
      throw error;
    }
  }

  #release(name: string): void {
    const calls = this.#callsOf.get(name)! - 1;
    if (calls > 0) this.#callsOf.set(name, calls);
    else this.#callsOf.delete(name);
  }

  #begun(call: ServerCall, done: Promise<void>): void {
    this.#calls.set(call, done);
    void done.then(() => this.#calls.delete(call));
  }

  async #bind(target: string, credentials: ServerCredentials): Promise<number> {
    const port = await new Promise<number>((resolve, reject) => {
      this.#server.bindAsync(target, credentials, (error, bound) => {
        const text = `${target}: cannot listen there; is it in use, or of another machine?`;
        if (error) reject(new MapveilError("UNAVAILABLE", text, {}, error));
        else resolve(bound);
      });
    });
    const connections = this.#options.limits.maxConnections ?? CONNECTIONS_MAX;
    watchConnections(this.#server, { windowBytes: this.#windowBytes, connections }, this.#sockets);
    return port;
  }
}

/** Whether something happens within a time, in milliseconds. */
async function within(ms: number, what: Promise<unknown>): Promise<boolean> {
  const over = new AbortController();
  const late = sleep(ms, false, { signal: over.signal }).catch(() => false);
  const result = await Promise.race([what.then(() => true), late]);
  over.abort();
  return result;
}
