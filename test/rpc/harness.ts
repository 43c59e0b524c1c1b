/** A server on a socket of its own, and what tests ask of it. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  openChannel,
  type RpcChannel,
  RpcError,
  RpcServer,
  type RpcServerOptions,
} from "../../host/rpc/index.ts";
import { type Log, SILENT } from "../../host/telemetry/log.ts";

export const LIMITS = {
  maxMessageBytes: 4 * 1024 * 1024,
  maxConcurrentStreamsPerConnection: 400,
  maxCallsPerClient: 400,
};

export const authorise = () => ({ name: "tester", roles: ["owner"], recipients: ["*"] });

/** A temporary folder with mode 0700. */
export const makeFolder = () => mkdtempSync(join(tmpdir(), "mvrpc-"));

export interface TestServer {
  readonly server: RpcServer;
  readonly socketPath: string;
  readonly channel: RpcChannel;
  stop(): Promise<void>;
}

/** Starts a server on a unix socket, with a channel to it. */
export async function serve(
  add: (server: RpcServer) => void,
  options: Partial<RpcServerOptions> = {},
): Promise<TestServer> {
  const folder = makeFolder();
  const socketPath = join(folder, "s");
  const server = new RpcServer({ authorise, log: SILENT, limits: LIMITS, ...options });
  add(server);
  await server.listenUnix(socketPath);
  const channel = openChannel({ unixPath: socketPath });
  const stop = async () => {
    channel.close();
    await server.stop(200);
    rmSync(folder, { recursive: true, force: true });
  };
  return { server, socketPath, channel, stop };
}

/** The RpcError that something ends with. */
export async function errorOf(what: PromiseLike<unknown>): Promise<RpcError> {
  const error: unknown = await what.then(
    () => "nothing was thrown",
    (reason: unknown) => reason,
  );
  if (error instanceof RpcError) return error;
  throw error instanceof Error ? error : new Error(String(error));
}

/** Everything that a stream has. */
export async function collect<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const one of stream) all.push(one);
  return all;
}

/** Waits until a condition holds; fails after ten seconds. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  const end = performance.now() + 10_000;
  while (!(await condition())) {
    if (performance.now() > end) throw new Error("The condition never held.");
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

/** A log that remembers its lines as "event key=value …". */
export function memoryLog(): { log: Log; lines: string[] } {
  const lines: string[] = [];
  const note = (event: string, fields: object = {}) => {
    const pairs = Object.entries(fields).map(([key, value]) => ` ${key}=${value}`);
    lines.push(event + pairs.join(""));
  };
  return { log: { debug: note, info: note, warn: note, error: note }, lines };
}
