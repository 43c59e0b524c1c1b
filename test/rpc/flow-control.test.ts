/** The window of flow control is what was asked for: grpc-js itself leaves it at 64 KiB. */
import { once } from "node:events";
import { afterEach, expect, test } from "vitest";
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
