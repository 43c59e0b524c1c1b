/** Windows and connections are what was asked for: grpc-js itself leaves the former at 64 KiB. */
import { once } from "node:events";
import { connect } from "node:net";
import { afterEach, expect, test } from "vitest";
import { createClient } from "../../host/rpc/index.ts";
import { IngestService, ingest } from "./fake-services.ts";
import { LIMITS, serve, type TestServer, until } from "./harness.ts";
import { connectRaw } from "./raw-client.ts";

let running: TestServer;
afterEach(() => running.stop());

test.each([undefined, 1024 * 1024])("of %s bytes, per stream and per connection", async (bytes) => {
  const limits = bytes === undefined ? LIMITS : { ...LIMITS, windowBytes: bytes };
  running = await serve((server) => server.add(IngestService, ingest), { limits });
  const session = connectRaw(running.socketPath);
  await once(session, "remoteSettings");
  const expected = bytes ?? 16 * 1024 * 1024;
  expect(session.remoteSettings.initialWindowSize).toBe(expected);
  expect(session.remoteSettings.maxConcurrentStreams).toBe(
    LIMITS.maxConcurrentStreamsPerConnection,
  );
  await until(() => session.state.remoteWindowSize === expected);
  session.destroy();
});

test("connections beyond the limit are closed, and those that are there go on", async () => {
  const limits = { ...LIMITS, maxConnections: 2 };
  running = await serve((server) => server.add(IngestService, ingest), { limits });
  const client = createClient(IngestService, running.channel);
  await client.cancelWrite({});
  const second = connectRaw(running.socketPath);
  await once(second, "remoteSettings");
  const third = connect(running.socketPath).resume();
  third.on("error", () => {});
  await once(third, "close");
  await client.cancelWrite({});
  second.destroy();
  await once(second, "close");
  await until(async () => {
    const again = connectRaw(running.socketPath);
    again.on("error", () => {});
    const [answer] = await Promise.race([once(again, "remoteSettings"), once(again, "close")]);
    again.destroy();
    return answer !== undefined;
  });
});
