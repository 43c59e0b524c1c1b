/** How a stream of requests ends: by the client's will, or because the client is gone. */
import { spawn } from "node:child_process";
import { EventEmitter } from "node:events";
import type { ServerHttp2Stream } from "node:http2";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { afterEach, beforeEach, expect, test } from "vitest";
import { whenHalfClosed } from "../../host/rpc/half-close.ts";
import type { ServiceHandlers } from "../../host/rpc/index.ts";
import { createClient, RpcError } from "../../host/rpc/index.ts";
import { IngestService, ingest } from "./fake-services.ts";
import { serve, type TestServer, until } from "./harness.ts";
import { connectRaw, frame, openStream, statusOf } from "./raw-client.ts";

const STREAMS = 250;

let test_: TestServer;
/** What each stream of requests came to: "end" or the code of an error. */
let outcomes: string[];
/** Messages that reached the handlers, and calls that did. */
let messages: number;
let begun: number;

const handlers: ServiceHandlers<typeof IngestService> = {
  ...ingest,
  async writeArtefact(requests, { signal }) {
    begun++;
    try {
      for await (const _ of requests) messages++;
      outcomes.push("end");
      return {};
    } catch (error) {
      expect(error).toBeInstanceOf(RpcError);
      expect(signal.aborted).toBe(true);
      expect(signal.reason).toBe(error);
      outcomes.push((error as RpcError).code);
      throw error;
    }
  },
};

beforeEach(async () => {
  outcomes = [];
  messages = 0;
  begun = 0;
  test_ = await serve((server) => server.add(IngestService, handlers));
});

afterEach(() => test_.stop());

/** Opens streams with three messages each; none is ended. */
async function openStreams(timeoutMs?: number) {
  const client = createClient(IngestService, test_.channel);
  const options = timeoutMs === undefined ? {} : { timeoutMs };
  const calls = Array.from({ length: STREAMS }, () => {
    const abort = new AbortController();
    return { abort, ...client.writeArtefact({ ...options, signal: abort.signal }) };
  });
  const writes = calls.flatMap(({ write }) =>
    [1, 2, 3].map(() => write({ data: new Uint8Array(1000) })),
  );
  await Promise.allSettled(writes);
  // A machine that is busy may take longer than a deadline.
  if (timeoutMs === undefined) await until(() => messages === 3 * STREAMS);
  return calls;
}

const all = (outcome: string) => new Array<string>(STREAMS).fill(outcome);

test("calls that are cancelled while they start do not stay open at the server", async () => {
  const client = createClient(IngestService, test_.channel);
  await client.queryWriteStatus({ name: "x" });
  for (let i = 0; i < STREAMS; i++) {
    const abort = new AbortController();
    const call = client.writeArtefact({ signal: abort.signal });
    call.response.catch(() => {});
    // Between the steps of a start there are few turns of the queue of promises.
    for (let turn = i % 12; turn > 0; turn--) await Promise.resolve();
    abort.abort();
  }
  await until(() => begun === outcomes.length);
  await client.queryWriteStatus({ name: "x" });
  await until(() => begun === outcomes.length);
  expect(outcomes).toEqual(new Array(begun).fill("CANCELLED"));
});

test(`${STREAMS} streams that the client ends do end`, async () => {
  const calls = await openStreams();
  for (const { end } of calls) end();
  await Promise.all(calls.map(({ response }) => response));
  expect(outcomes).toEqual(all("end"));
  expect(messages).toBe(3 * STREAMS);
});

test(`${STREAMS} streams that the client cancels do not`, async () => {
  const calls = await openStreams();
  for (const { abort } of calls) abort.abort();
  await until(() => outcomes.length === STREAMS);
  expect(outcomes).toEqual(all("CANCELLED"));
});

test(`${STREAMS} streams whose deadline passes do not`, async () => {
  const calls = await openStreams(1000);
  const results = await Promise.allSettled(calls.map(({ response }) => response));
  expect(results.map((result) => result.status === "rejected" && result.reason.code)).toEqual(
    all("DEADLINE_EXCEEDED"),
  );
  await until(() => outcomes.length === begun);
  expect(outcomes).not.toContain("end");
  expect(outcomes).toContain("DEADLINE_EXCEEDED");
});

/** Opens streams over bare HTTP/2, sends a message on each, and stays. */
const CHILD = `
  const [path, count] = process.argv.slice(1);
  const session = require("http2").connect("http://localhost", {
    createConnection: () => require("net").connect(path),
  });
  for (let i = 0; i < Number(count); i++) {
    const stream = session.request({
      ":method": "POST", ":path": "/mapveil.v1.IngestService/WriteArtefact",
      "content-type": "application/grpc", te: "trailers",
    }, { endStream: false });
    stream.write(Buffer.from([0, 0, 0, 0, 0]));
  }
`;

test(`${STREAMS} streams of clients that are killed do not`, async () => {
  const CLIENTS = 5;
  for (let i = 1; i <= CLIENTS; i++) {
    const child = spawn(process.execPath, ["-e", CHILD, test_.socketPath, `${STREAMS / CLIENTS}`]);
    await until(() => messages === (i * STREAMS) / CLIENTS);
    child.kill("SIGKILL");
  }
  await until(() => outcomes.length === STREAMS);
  expect(outcomes).toEqual(all("CANCELLED"));
});

test("streams of one connection that breaks between messages do not end", async () => {
  const calls = await openStreams();
  test_.channel.close();
  await until(() => outcomes.length === STREAMS);
  expect(outcomes).toEqual(all("CANCELLED"));
  await Promise.allSettled(calls.map(({ response }) => response));
});

test("an end that no handler waits for costs no ping", async () => {
  const early = {
    ...ingest,
    async writeArtefact(requests: AsyncIterable<unknown>) {
      for await (const _ of requests) break;
      return {};
    },
  };
  const { server, socketPath, stop } = await serve((server) => server.add(IngestService, early));
  const session = connectRaw(socketPath);
  let pings = 0;
  session.on("ping", () => pings++);
  for (let i = 0; i < 5; i++) {
    const stream = openStream(session, "/mapveil.v1.IngestService/WriteArtefact");
    const status = statusOf(stream);
    stream.end(frame(new Uint8Array()));
    expect((await status).code).toBe(0);
  }
  expect(pings).toBe(0);
  session.destroy();
  await server.stop(200);
  await stop();
});

test("streams that are reset are forgotten, though the client answers no ping", async () => {
  setFlagsFromString("--expose-gc");
  const collect: () => void = runInNewContext("gc");
  const session = { destroyed: false, ping() {} };
  const open = () => Object.assign(new EventEmitter(), { session, closed: false });
  const half = (stream: object) => whenHalfClosed(stream as ServerHttp2Stream, () => {});
  const first = open();
  half(first);
  const reset = (() => {
    const stream = open();
    half(stream);
    stream.closed = true;
    stream.emit("close");
    return new WeakRef(stream);
  })();
  await until(() => {
    collect();
    return reset.deref() === undefined;
  });
});
