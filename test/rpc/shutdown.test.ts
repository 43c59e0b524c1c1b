/** A server stops, whatever its clients and handlers do. */
import { connect as connectSocket } from "node:net";
import { afterEach, expect, test } from "vitest";
import { Health } from "../../host/gen/grpc/health/v1/health_pb.ts";
import { createClient, type ServiceHandlers } from "../../host/rpc/index.ts";
import { ArtefactService, artefacts, IngestService, ingest } from "./fake-services.ts";
import { collect, errorOf, memoryLog, serve, type TestServer, until } from "./harness.ts";
import { connectRaw, frame, openStream } from "./raw-client.ts";

let running: TestServer;
afterEach(() => running.stop());

/** Milliseconds that stopping takes. */
async function stopTime(graceMs: number): Promise<number> {
  const begin = performance.now();
  await running.server.stop(graceMs);
  return performance.now() - begin;
}

test("watches of health hear that it stops, and do not hold it up", async () => {
  running = await serve((server) => server.add(IngestService, ingest));
  const watch = createClient(Health, running.channel).watch({ service: "" });
  const statuses: number[] = [];
  const read = async () => {
    for await (const { status } of watch) statuses.push(status);
  };
  const ended = errorOf(read());
  await until(() => statuses.length === 1);
  expect(await stopTime(5000)).toBeLessThan(2000);
  expect(await ended).toMatchObject({ code: "UNAVAILABLE", reason: "SERVER_STOPPING" });
  expect(statuses).toEqual([1, 2]); // SERVING, NOT_SERVING
});

test("a handler may finish within the grace, and new calls are refused", async () => {
  let finish = () => {};
  const aborted: unknown[] = [];
  const handlers: ServiceHandlers<typeof IngestService> = {
    ...ingest,
    cancelWrite: async (_, { signal }) => {
      await new Promise<void>((resolve) => {
        finish = resolve;
        signal.addEventListener("abort", () => aborted.push(signal.reason));
      });
      return {};
    },
  };
  running = await serve((server) => server.add(IngestService, handlers));
  const session = connectRaw(running.socketPath);
  const client = createClient(IngestService, running.channel);
  const call = client.cancelWrite({});
  let begun = finish;
  await until(() => finish !== begun);
  const stopped = running.server.stop(5000);
  await until(() => aborted.length === 1);
  expect(aborted).toMatchObject([{ code: "UNAVAILABLE", reason: "SERVER_STOPPING" }]);
  begun = finish;
  expect((await errorOf(client.cancelWrite({}))).code).toBe("UNAVAILABLE");
  expect(finish).toBe(begun);
  finish();
  await call;
  await stopped;
  session.destroy();
});

test("a stream of requests ends with what was received, and the last answers still arrive", async () => {
  running = await serve((server) =>
    server.add(ArtefactService, {
      ...artefacts,
      async *watchArtefacts(_, { signal }) {
        yield { resumeToken: "first" };
        await new Promise((resolve) => signal.addEventListener("abort", resolve));
        yield { resumeToken: "last" };
        throw signal.reason;
      },
    }),
  );
  const tokens: string[] = [];
  const read = async () => {
    const watch = createClient(ArtefactService, running.channel).watchArtefacts({});
    for await (const { resumeToken } of watch) tokens.push(resumeToken);
  };
  const ended = errorOf(read());
  await until(() => tokens.length === 1);
  await running.server.stop(5000);
  expect((await ended).code).toBe("UNAVAILABLE");
  expect(tokens).toEqual(["first", "last"]);
});

test("a handler that never ends is cut off after the grace", async () => {
  const { log, lines } = memoryLog();
  let begun = false;
  const cancelWrite = () => {
    begun = true;
    return new Promise<never>(() => {});
  };
  running = await serve((server) => server.add(IngestService, { ...ingest, cancelWrite }), { log });
  const call = errorOf(createClient(IngestService, running.channel).cancelWrite({}));
  const upload = createClient(IngestService, running.channel).writeArtefact();
  await until(() => begun);
  expect(await stopTime(100)).toBeLessThan(3000);
  expect(["UNAVAILABLE", "CANCELLED"]).toContain((await call).code);
  await errorOf(upload.response);
  expect(lines.some((line) => line.startsWith("stop_forced"))).toBe(true);
});

test("neither a client that goes on after an early answer nor a silent socket holds it up", async () => {
  const early = { ...ingest, writeArtefact: async () => ({ complete: true }) };
  running = await serve((server) => server.add(IngestService, early));
  const silent = connectSocket(running.socketPath).resume();
  const session = connectRaw(running.socketPath);
  session.on("error", () => {});
  const stream = openStream(session, "/mapveil.v1.IngestService/WriteArtefact");
  let answered = false;
  stream.on("trailers", () => {
    answered = true;
  });
  stream.resume();
  stream.write(frame(new Uint8Array(10)));
  await until(() => answered);
  expect(await stopTime(100)).toBeLessThan(2000);
  await until(() => silent.destroyed || silent.readableEnded || silent.closed);
  session.destroy();
  silent.destroy();
});

test("stopping twice, or before anything, is stopping once", async () => {
  running = await serve((server) => server.add(IngestService, ingest));
  await Promise.all([running.server.stop(1000), running.server.stop(0)]);
  const stream = createClient(ArtefactService, running.channel).downloadArtefact({});
  expect((await errorOf(collect(stream))).code).toBe("UNAVAILABLE");
});
