/** What a call in the network says of the machine that makes it: nothing. */
import { rmSync, writeFileSync } from "node:fs";
import { createSecureServer, type IncomingHttpHeaders } from "node:http2";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { connect } from "node:tls";
import { expect, onTestFinished, test } from "vitest";
import { systemClock } from "../../host/core/clock.ts";
import {
  certificateSource,
  createAuthority,
  createClient,
  issueCertificate,
  openChannel,
  RpcServer,
} from "../../host/rpc/index.ts";
import { SILENT } from "../../host/telemetry/log.ts";
import { IngestService, ingest } from "./fake-services.ts";
import { authorise, errorOf, LIMITS, makeFolder } from "./harness.ts";

const authority = createAuthority({ name: "Fleet", days: 2 });
const pairs = {
  server: issueCertificate(authority, { role: "server", dnsNames: ["localhost"], days: 1 }),
  client: issueCertificate(authority, { role: "client", uris: ["urn:fleet"], days: 1 }),
};

function source(role: keyof typeof pairs) {
  const folder = makeFolder();
  const path = (name: string, text: string) => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const made = certificateSource({
    certificatePath: path("crt", pairs[role].certificate),
    keyPath: path("key", pairs[role].key),
    caPath: path("ca", authority.certificate),
    log: SILENT,
    clock: systemClock,
  });
  onTestFinished(() => {
    made.close();
    rmSync(folder, { recursive: true });
  });
  return made;
}

function clientOf(port: number) {
  const tls = source("client");
  const channel = openChannel({ address: `127.0.0.1:${port}`, tls, serverName: "localhost" });
  onTestFinished(() => channel.close());
  return createClient(IngestService, channel);
}

test("headers name no version, no deadline and no language", async () => {
  const seen: IncomingHttpHeaders[] = [];
  const { certificate: cert, key } = pairs.server;
  const server = createSecureServer({ cert, key, ca: authority.certificate, requestCert: true });
  server.on("stream", (stream, headers) => {
    seen.push(headers);
    stream.on("error", () => {});
    stream.resume();
    const end = { ":status": 200, "content-type": "application/grpc", "grpc-status": "0" };
    stream.respond(end, { endStream: true });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  const client = clientOf((server.address() as AddressInfo).port);
  // Without a message in the answer both fail, which is all the same here.
  await client.cancelWrite({}, { timeoutMs: 12_345 }).catch(() => {});
  const write = client.writeArtefact({ timeoutMs: 4_321 });
  write.end();
  await write.response.catch(() => {});
  expect(seen).toHaveLength(2);
  for (const headers of seen) {
    expect(Object.keys(headers).sort()).toEqual([
      ":authority",
      ":method",
      ":path",
      ":scheme",
      "accept-encoding",
      "content-type",
      "grpc-accept-encoding",
      "te",
      "user-agent",
    ]);
    expect(headers["user-agent"]).toBe("grpc-mapveil");
  }
});

test("a deadline that the server does not know holds all the same", async () => {
  const server = new RpcServer({ authorise, log: SILENT, limits: LIMITS });
  let aborted = 0;
  server.add(IngestService, {
    ...ingest,
    cancelWrite: (_, { signal }) =>
      new Promise((resolve) => {
        signal.addEventListener("abort", () => {
          aborted++;
          resolve({});
        });
      }),
  });
  onTestFinished(() => server.stop(0));
  const client = clientOf(await server.listenTls("127.0.0.1:0", source("server")));
  const error = await errorOf(client.cancelWrite({}, { timeoutMs: 80 }));
  expect(error.code).toBe("DEADLINE_EXCEEDED");
  await expect.poll(() => aborted).toBe(1);
});

test("no handshake is resumed: the server keeps no session, and the client offers none", async () => {
  const server = new RpcServer({ authorise, log: SILENT, limits: LIMITS });
  server.add(IngestService, ingest);
  onTestFinished(() => server.stop(0));
  const port = await server.listenTls("127.0.0.1:0", source("server"));
  const sessions: Buffer[] = [];
  const handshake = (session?: Buffer) =>
    new Promise<boolean>((resolve, reject) => {
      const { certificate: cert, key } = pairs.client;
      const options = { port, host: "127.0.0.1", servername: "localhost", cert, key };
      const socket = connect({
        ...options,
        ca: authority.certificate,
        ALPNProtocols: ["h2"],
        ...(session && { session }),
      });
      socket.on("session", (one: Buffer) => sessions.push(one));
      socket.on("error", reject);
      // The server's first bytes come behind whatever it says of sessions.
      socket.once("data", () => {
        resolve(socket.isSessionReused());
        socket.destroy();
      });
    });
  expect(await handshake()).toBe(false);
  // OpenSSL hands tickets out all the same; they name a session that nobody kept.
  for (const session of [...sessions]) expect(await handshake(session)).toBe(false);
});
