/**
 * The support bundle: nothing in it tells whose robot it is, though names are planted wherever an owner,
 * a path, a log or the environment can have one; and each fault that was seeded can be read from it.
 */
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { Readable } from "node:stream";
import { gunzipSync } from "node:zlib";
import { extract } from "tar-stream";
import { afterEach, describe, expect, test, vi } from "vitest";
import { searchLeaks } from "../../host/canary/search.ts";
import { foundIn } from "../../host/cli/bundle/gate.ts";
import { put, runIn, Service, serviceFolder } from "./service-support.ts";

const root = serviceFolder();
/** Planted names; each is searched for whole and in pieces. */
const NAMES = {
  folder: "haus-wieland",
  client: "tablet-wieland",
  area: "Schlafzimmer Wieland",
  host: "wieland.dyn.example.net",
  log: "Wieland-4711-Log",
  event: "wieland_kam_heim",
  environment: "Wieland-in-der-Umgebung",
  token: "eyJhbGciOiJIUzI1NiJ9.V2llbGFuZA.c2VjcmV0",
};
const home = join(root, NAMES.folder);
mkdirSync(home, { mode: 0o700 });
const environment = {
  USER: NAMES.environment,
  MAPVEIL_SIDECAR_CONFIG: join(home, "s.yaml"),
};
const run = (...argv: string[]) => runIn(home, argv, { environment });
await run("keygen", "-o", "recipient.key");
await run("certificates", "init", "-o", "c");

const policy = `version: 1
level: map
no_go:
  areas: [{name: "${NAMES.area}", polygon_m: [[0, 0], [3.517, 0], [3.517, 4.229]]}]
`;
put(home, "wieland-policy.yaml", policy);

interface Seed {
  readonly port?: number;
  readonly quota?: string;
}

function settings({ port = 1, quota = "1GiB" }: Seed = {}): void {
  put(
    home,
    "s.yaml",
    `version: 1
recipient: recipient.key.pub
policy: wieland-policy.yaml
clients:
  - { name: ${NAMES.client}, role: owner }
  - { name: watch, role: monitor }
spool: { quota: ${quota} }
metrics: { listen: "unix:wieland.sock" }
uplink: {address: "localhost:${port}", server_name: ${NAMES.host}, ca: c/authority.pem, certificate: c/fleet.pem, key: c/fleet.key, cadence: off}
`,
  );
}

/** A log with lines of a sidecar, of others, and of others that look like those of a sidecar. */
function writeLog(own: readonly object[]): string {
  const time = new Date(Date.now() - 90_000).toISOString();
  const forged = [
    { severity: "info", time, event: NAMES.event },
    { severity: NAMES.log, time, event: "started" },
    { severity: "warn", time, event: "link_failed", code: NAMES.log.toUpperCase() },
    {
      severity: "warn",
      time,
      event: "link_failed",
      reason: "WIELAND",
      note: NAMES.log,
      count: NAMES.log,
    },
    {
      severity: "error",
      time,
      event: "crashed",
      type: "WielandError",
      at: "wieland host/cli/wieland.js:1",
    },
    { severity: "error", time, event: "call_failed", method: "mapveil.v1.Wieland/Wieland" },
    { severity: "info", time: `${time} ${NAMES.log}`, event: "started" },
  ];
  const lines = [
    ...own.map((line) => JSON.stringify({ severity: "warn", time, ...line })),
    ...forged.map((line) => JSON.stringify(line)),
    `Nov 23 10:00:00 ${NAMES.host} kernel: wlan0 associated with ${NAMES.log}`,
    `{"severity":"info","time":"${time}","event":"started","token":"${NAMES.token}"`,
  ];
  return put(home, "sidecar.log", lines.map((line) => `${line}\n`).join(""));
}

/** The files of an archive, and their headers. */
async function unpack(path: string) {
  const files = new Map<string, string>();
  const headers: object[] = [];
  const tar = extract();
  tar.on("entry", (header, stream, next) => {
    headers.push(header);
    const pieces: Buffer[] = [];
    stream.on("data", (piece: Buffer) => pieces.push(piece));
    stream.on("end", () => {
      files.set(header.name, Buffer.concat(pieces).toString("utf8"));
      next();
    });
  });
  Readable.from([gunzipSync(readFileSync(path))]).pipe(tar);
  await new Promise((resolve) => tar.on("finish", resolve));
  return { files, headers };
}

// biome-ignore lint/suspicious/noExplicitAny: what is in the bundle is looked at field by field
type Json = Record<string, any>;

/** A bundle with what is in it, after it was searched for everything that was planted. */
async function bundle(...argv: string[]) {
  const path = join(home, "b.tar.gz");
  rmSync(path, { force: true });
  const ran = await run("support-bundle", "-o", path, ...argv);
  expect(ran.err).toBe("");
  const { files, headers } = await unpack(path);
  const planted = Object.entries({ ...NAMES, root, word: "wieland" }).map(([name, value]) => ({
    name,
    value,
    isMadeUp: name !== "root",
  }));
  const haystacks = [
    { name: "archive", bytes: readFileSync(path) },
    ...[...files].map(([name, text]) => ({ name, bytes: Buffer.from(text.toLowerCase()) })),
    ...[...files].map(([name, text]) => ({ name, bytes: Buffer.from(text) })),
  ];
  expect(searchLeaks(planted, haystacks)).toEqual([]);
  const json = (name: string) => JSON.parse(files.get(name) ?? "{}") as Json;
  const codes = (json("findings.json").findings as Json[])
    .filter(({ result }) => result !== "ok")
    .map(({ check, code }) => `${check} ${code}`);
  return { path, files, headers, json, codes };
}

let running: Service | undefined;
afterEach(async () => {
  vi.useRealTimers();
  await running?.stop();
  running = undefined;
});

async function startSidecar(): Promise<void> {
  running = new Service(home, "sidecar", "-c", "s.yaml");
  await running.logged("started");
}

describe("a bundle", () => {
  test("of a sidecar that runs is complete, clean, private and always the same", async () => {
    settings();
    await startSidecar();
    writeLog([{ event: "link_failed", code: "UNAVAILABLE", delayMs: 1000 }]);
    const { path, files, headers, json, codes } = await bundle("--log", "sidecar.log");
    expect([...files.keys()]).toEqual(
      [
        "contents",
        "certificate",
        "findings",
        "log-summary",
        "log",
        "metrics",
        "platform",
        "policy",
        "settings",
        "state",
        "status",
        "versions",
      ].map((name) =>
        name === "metrics" ? "metrics.txt" : name === "log" ? "log.jsonl" : `${name}.json`,
      ),
    );
    expect(statSync(path).mode & 0o777).toBe(0o600);
    const times = { mtime: new Date(0), uid: 0, gid: 0, uname: "", gname: "", mode: 0o600 };
    for (const header of headers) expect(header).toMatchObject(times);
    expect(readFileSync(path).subarray(0, 10)).toEqual(
      Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 2, 0xff]),
    );
    // Of the forged lines the fields that are ours are left, where event, time and severity are.
    const lines = files
      .get("log.jsonl")!
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as Json);
    expect(lines[0]).toEqual({
      agoS: expect.any(Number),
      severity: "warn",
      event: "link_failed",
      code: "UNAVAILABLE",
      delayMs: 1000,
    });
    expect(lines.slice(1).every((line) => Object.keys(line).length <= 5)).toBe(true);
    expect(json("settings.json")).toMatchObject({
      "uplink.address": "[host:port]",
      "uplink.server_name": "[host]",
      "uplink.key": "[path]",
      recipient: "[key]",
      clients: { owner: 1, monitor: 1 },
      "spool.quota": 2 ** 30,
    });
    expect(json("policy.json").level).toBe("map");
    expect(files.get("metrics.txt")).toContain("mapveil_sidecar_frames_captured_total 0\n");
    // Nobody listens on port 1, and nobody has allowed anything.
    expect(codes).toContain("receiver RECEIVER_ECONNREFUSED");
    expect(json("status.json")).toMatchObject({
      permissionsOn: [],
      accounting: { balanced: true },
    });
    expect((await run("support-bundle", "-o", "b.tar.gz")).exit).toBe(2);
  });

  test("lists what it would hold, and writes nothing", async () => {
    settings();
    const listed = JSON.parse((await run("support-bundle", "--dry-run", "--json")).out) as Json;
    expect(listed).toMatchObject({ schema: 1, written: false });
    expect(listed.files.every(({ bytes }: { bytes: number }) => bytes > 0)).toBe(true);
    expect((await run("support-bundle")).exit).toBe(2);
  });

  test("is not written if it would hold a value of the machine or an identifier", () => {
    const entry = (text: string) => [
      { name: "x.json", data: Buffer.from(JSON.stringify({ text })) },
    ];
    expect(foundIn(entry("all is well"), [{ name: "user", value: "wieland" }])).toEqual([]);
    expect(foundIn(entry("of Wieland"), [{ name: "user", value: "wieland" }])).toEqual([
      "x.json: user",
    ]);
    expect(foundIn(entry("at 3c:8d:20:5a:71:e6"), [])).toEqual(["x.json: mac"]);
    expect(foundIn(entry("mail a.wieland@example.com"), [])).toEqual(["x.json: email"]);
  });
});

describe("from a bundle can be read that", () => {
  test("the receiver is down", async () => {
    settings();
    expect((await bundle()).codes).toContain("receiver RECEIVER_ECONNREFUSED");
  });

  test("the receiver is somebody else", async () => {
    const server = createServer((socket) => socket.end("HTTP/1.0 400\r\n\r\n")).listen(
      0,
      "127.0.0.1",
    );
    await new Promise((resolve) => server.once("listening", resolve));
    settings({ port: (server.address() as { port: number }).port });
    expect((await bundle()).codes.join()).toMatch(/receiver RECEIVER_ERR_SSL_/);
    server.close();
  });

  test("the disk is full, now or in the log", async () => {
    settings({ quota: "16TiB" });
    writeLog([
      { event: "frame_failed", code: "NO_SPACE" },
      { event: "artefact_refused", reason: "DISK_FULL" },
    ]);
    const { codes, files } = await bundle("--log", "sidecar.log");
    expect(codes).toContain("disk DISK_LOW");
    expect(files.get("log.jsonl")).toMatch(/"code":"NO_SPACE"[\s\S]*"reason":"DISK_FULL"/);
  });

  test("the clock is wrong", async () => {
    settings();
    vi.useFakeTimers({ toFake: ["Date"], now: Date.UTC(2019, 0, 1) });
    const { codes } = await bundle();
    expect(codes).toContain("clock CLOCK_WRONG");
    expect(codes).toContain("certificates CERTIFICATE_TOO_YOUNG");
  });

  test("the certificate has expired, or is about to", async () => {
    settings();
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 400 * 86_400_000 });
    const expired = await bundle();
    expect(expired.codes).toContain("certificates CERTIFICATE_EXPIRED");
    expect(expired.json("certificate.json")).toMatchObject({ expired: true });
    vi.setSystemTime(Date.now() - 40 * 86_400_000);
    expect((await bundle()).codes).toContain("certificates CERTIFICATE_EXPIRES_SOON");
  });

  test("an upload is not allowed, and the policy lets nothing through", async () => {
    settings();
    await startSidecar();
    await run("permission", "grant", "robot-lidar-local", "--act", "Wieland said yes");
    expect((await bundle()).json("status.json").permissionsOn).toEqual(["robot-lidar-local"]);
    await running?.stop();
    put(home, "wieland-policy.yaml", "version: 1\nlevel: nothing\n");
    expect((await bundle()).codes).toContain("policy LEVEL_NOTHING");
    put(home, "wieland-policy.yaml", policy);
  });

  test("the sidecar does not run, crashed before, or its settings are wrong", async () => {
    settings();
    const marker = {
      schema: 1,
      count: 3,
      last: { type: "TypeError", at: ["- node"] },
      hourMs: 3_600_000,
    };
    writeFileSync(join(home, "state", "crashes.json"), JSON.stringify(marker));
    const { codes, json } = await bundle();
    expect(codes).toContain("sidecar UNAVAILABLE");
    expect(json("state.json")).toMatchObject({ crashes: 3, lastCrash: { type: "TypeError" } });
    put(home, "s.yaml", `version: 1\nwieland: ${NAMES.token}\n`);
    expect((await bundle()).codes).toContain("settings CONFIG");
  });
});
