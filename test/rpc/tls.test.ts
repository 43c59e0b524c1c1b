/** TLS: version 1.3 only, certificates on both sides, and new ones without a pause. */
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import tls from "node:tls";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { systemClock } from "../../host/core/clock.ts";
import { certificateNames } from "../../host/rpc/certificate-names.ts";
import {
  type CertificateRequest,
  type CertificateSource,
  certificateSource,
  createAuthority,
  createClient,
  type IssuedCertificate,
  issueCertificate,
  openChannel,
  type RpcChannel,
  RpcServer,
} from "../../host/rpc/index.ts";
import { type Log, SILENT } from "../../host/telemetry/log.ts";
import { IngestService, ingest } from "./fake-services.ts";
import { errorOf, LIMITS, makeFolder, memoryLog, until } from "./harness.ts";

const INTERVAL_MS = 20;

let folder: string;
let server: RpcServer | undefined;
const open: { close(): void }[] = [];
const names: (readonly string[])[] = [];

beforeEach(() => {
  folder = makeFolder();
  names.length = 0;
});

afterEach(async () => {
  for (const one of open.splice(0)) one.close();
  await server?.stop(100);
  server = undefined;
  rmSync(folder, { recursive: true, force: true });
});

const fleet = createAuthority({ name: "Fleet", days: 10 });
const stranger = createAuthority({ name: "Stranger", days: 10 });
const forServer = (authority = fleet, days = 5) =>
  issueCertificate(authority, {
    dnsNames: ["localhost"],
    ips: ["127.0.0.1"],
    days,
    role: "server",
  });
const forClient = (request: Partial<CertificateRequest> = {}, authority = fleet) =>
  issueCertificate(authority, {
    uris: ["spiffe://fleet/ingest"],
    days: 5,
    role: "client",
    ...request,
  });

/** Writes the three files of a source. */
function write(name: string, pair: IssuedCertificate, ca = fleet) {
  const paths = {
    certificatePath: join(folder, `${name}.crt`),
    keyPath: join(folder, `${name}.key`),
    caPath: join(folder, `${name}.ca`),
  };
  writeFileSync(paths.certificatePath, pair.certificate);
  writeFileSync(paths.keyPath, pair.key);
  writeFileSync(paths.caPath, ca.certificate);
  return paths;
}

function source(name: string, pair: IssuedCertificate, ca = fleet, log: Log = SILENT) {
  const made = certificateSource({
    ...write(name, pair, ca),
    log,
    clock: systemClock,
    intervalMs: INTERVAL_MS,
  });
  open.push(made);
  return made;
}

async function listen(certificates: CertificateSource): Promise<number> {
  const authorise = ({ certificateNames: found }: { certificateNames: readonly string[] }) => {
    names.push(found);
    return { name: "tester", roles: [], recipients: [] };
  };
  server = new RpcServer({ authorise, log: SILENT, limits: LIMITS }).add(IngestService, ingest);
  return await server.listenTls("127.0.0.1:0", certificates);
}

function channelTo(port: number, certificates: CertificateSource): RpcChannel {
  const channel = openChannel({
    address: `127.0.0.1:${port}`,
    tls: certificates,
    serverName: "localhost",
  });
  open.push(channel);
  return channel;
}

const ask = (channel: RpcChannel) => createClient(IngestService, channel).cancelWrite({});

/** How a bare handshake ends: the version and the server's certificate, or the error. */
function handshake(port: number, options: tls.ConnectionOptions): Promise<string> {
  return new Promise((resolve) => {
    const socket = tls.connect({
      port,
      host: "127.0.0.1",
      servername: "localhost",
      ca: fleet.certificate,
      ALPNProtocols: ["h2"],
      ...options,
    });
    // With TLS 1.3 a client learns that it was refused only from the first bytes it gets.
    socket.on("data", () => {
      resolve(`${socket.getProtocol()} ${socket.getPeerCertificate().serialNumber}`);
      socket.destroy();
    });
    socket.on("error", (error) =>
      resolve(`${(error as NodeJS.ErrnoException).code} ${error.message}`),
    );
    socket.on("close", () => resolve("closed"));
    socket.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0", "latin1");
  });
}

const serialOf = ({ certificate }: IssuedCertificate) =>
  new (process.getBuiltinModule("node:crypto").X509Certificate)(certificate).serialNumber;

describe("a server", () => {
  test("talks to clients of its authority and knows their names", async () => {
    const port = await listen(source("server", forServer()));
    const client = forClient({ uris: ["spiffe://fleet/a"], dnsNames: ["a.example"], ips: ["::1"] });
    await ask(channelTo(port, source("client", client)));
    expect(names).toEqual([["a.example", "spiffe://fleet/a"]]);
  });

  test("refuses clients without a certificate, of others, or past their time", async () => {
    const port = await listen(source("server", forServer()));
    expect(await handshake(port, {})).toMatch(/CERTIFICATE_REQUIRED/);
    for (const bad of [forClient({}, stranger), forClient({ days: -1 })]) {
      const refused = await handshake(port, { cert: bad.certificate, key: bad.key });
      expect(refused).not.toContain("TLSv1.3");
    }
    const good = forClient();
    const accepted = await handshake(port, { cert: good.certificate, key: good.key });
    expect(accepted).toContain("TLSv1.3");
    const foreign = channelTo(port, source("client", forClient({}, stranger)));
    expect((await errorOf(ask(foreign))).code).toBe("UNAVAILABLE");
    expect(names).toEqual([]);
  });

  test("refuses TLS 1.2, also after it got a new certificate", async () => {
    const certificates = source("server", forServer());
    const port = await listen(certificates);
    const { certificate: cert, key } = forClient();
    const old = { cert, key, maxVersion: "TLSv1.2" } as const;
    expect(await handshake(port, old)).toMatch(/protocol version/);
    const next = forServer();
    write("server", next);
    await until(() => certificates.current()!.certificate.toString() === next.certificate);
    expect(await handshake(port, old)).toMatch(/protocol version/);
    expect(await handshake(port, { cert, key })).toBe(`TLSv1.3 ${serialOf(next)}`);
  });

  test("lets nobody resume a session of before", async () => {
    const port = await listen(source("server", forServer()));
    const { certificate: cert, key } = forClient();
    const sessions: Buffer[] = [];
    const socket = tls.connect({
      port,
      host: "127.0.0.1",
      servername: "localhost",
      ca: fleet.certificate,
      cert,
      key,
      ALPNProtocols: ["h2"],
    });
    socket.on("session", (session) => sessions.push(session));
    socket.resume();
    await until(() => socket.getProtocol() === "TLSv1.3" && socket.bytesRead > 0);
    const again = tls.connect({
      port,
      host: "127.0.0.1",
      servername: "localhost",
      ca: fleet.certificate,
      cert,
      key,
      ALPNProtocols: ["h2"],
      ...(sessions[0] ? { session: sessions[0] } : {}),
    });
    again.resume();
    await new Promise((resolve) => again.once("secureConnect", resolve));
    expect(again.isSessionReused()).toBe(false);
    socket.destroy();
    again.destroy();
  });

  test("gives a new certificate to new connections, and goes on with old ones", async () => {
    const first = forServer();
    const certificates = source("server", first);
    const port = await listen(certificates);
    const { certificate: cert, key } = forClient();
    const call = createClient(
      IngestService,
      channelTo(port, source("client", forClient())),
    ).writeArtefact();
    await call.write({ data: new Uint8Array(10) });
    const next = forServer();
    write("server", next);
    await until(() => certificates.current()!.certificate.toString() === next.certificate);
    expect(await handshake(port, { cert, key })).toBe(`TLSv1.3 ${serialOf(next)}`);
    await call.write({ data: new Uint8Array(10) });
    call.end();
    expect((await call.response).committedSize).toBe(20n);
  });
});

describe("a client", () => {
  test("refuses servers of others, and servers of another name", async () => {
    const port = await listen(source("server", forServer()));
    const wrongCa = channelTo(port, source("client", forClient(), stranger));
    expect((await errorOf(ask(wrongCa))).code).toBe("UNAVAILABLE");
    const named = openChannel({
      address: `127.0.0.1:${port}`,
      tls: source("client2", forClient()),
      serverName: "elsewhere.example",
    });
    open.push(named);
    expect((await errorOf(ask(named))).code).toBe("UNAVAILABLE");
    expect(names).toEqual([]);
  });

  test("without a certificate fails its calls, and works once there is one", async () => {
    const port = await listen(source("server", forServer()));
    const good = forClient();
    const certificates = source("client", { ...good, key: "no key" });
    const channel = channelTo(port, certificates);
    expect((await errorOf(ask(channel))).code).toBe("UNAVAILABLE");
    write("client", good);
    await until(() => certificates.current() !== undefined);
    const client = createClient(IngestService, channel);
    let done = false;
    while (!done) {
      done = await client.cancelWrite({}).then(
        () => true,
        () => false,
      );
    }
    expect(names).toHaveLength(1);
  });
});

describe("a source of certificates", () => {
  test("keeps the last good pair whatever the files become, and says so once", async () => {
    const { log, lines } = memoryLog();
    const good = forServer();
    const certificates = source("server", good, fleet, log);
    const port = await listen(certificates);
    const { certificate: cert, key } = forClient();
    const paths = write("server", good);
    const bad: (() => void)[] = [
      () => writeFileSync(paths.keyPath, forServer().key),
      () => rmSync(paths.keyPath),
      () => writeFileSync(paths.certificatePath, "no certificate"),
      () => writeFileSync(paths.certificatePath, good.certificate.slice(0, 300)),
      () => writeFileSync(paths.caPath, ""),
      () => void write("server", forServer(fleet, -1)),
    ];
    for (const spoil of bad) {
      write("server", good);
      await until(() => certificates.problem() === undefined);
      lines.length = 0;
      spoil();
      await until(() => certificates.problem() !== undefined);
      expect(await handshake(port, { cert, key })).toBe(`TLSv1.3 ${serialOf(good)}`);
      expect(lines).toEqual(["certificate_rejected code=CONFIG"]);
      expect(certificates.current()!.certificate.toString()).toBe(good.certificate);
    }
  });

  test("tells when its certificate expires", async () => {
    const certificates = source("server", forServer(fleet, 5));
    await certificates.loaded;
    const days = (certificates.current()!.expiresMs - Date.now()) / 86_400_000;
    expect(days).toBeGreaterThan(4.9);
    expect(days).toBeLessThanOrEqual(5);
  });

  test("has a server wait for it, and fail without it", async () => {
    const certificates = source("server", { ...forServer(), certificate: "none" });
    await expect(listen(certificates)).rejects.toMatchObject({ code: "CONFIG" });
  });
});

test.each([
  ["DNS:a.example, URI:spiffe://b/c, IP Address:127.0.0.1", ["a.example", "spiffe://b/c"]],
  ['DNS:"a, URI:spiffe://b", DNS:c.example', ["c.example"]],
  ['DNS:"a\\", URI:spiffe://b", DNS:c.example', ["c.example"]],
  ["DNS:spiffe://b/c", []],
  ["URI:a.example", []],
  ['DNS:a.example, URI:spiffe://b"c', []],
  ["DNS:a.example URI:spiffe://b", []],
  ["email:a@example.org, othername:<unsupported>", []],
  ["", []],
])("the names in %j are %j", (subjectaltname, expected) => {
  expect(certificateNames({ subjectaltname } as tls.PeerCertificate)).toEqual(expected);
});

test("a name with a comma in it does not become two", async () => {
  const port = await listen(source("server", forServer()));
  const client = forClient({
    uris: ["spiffe://fleet/a"],
    dnsNames: ["x,URI:spiffe://fleet/admin"],
  });
  await ask(channelTo(port, source("client", client)));
  expect(names).toEqual([["spiffe://fleet/a"]]);
});
