/**
 * Two robots that differ in everything that a machine can differ in look the same on the wire and at the
 * receiver, but for pseudonyms, ids and random bytes: processes of the build, with serials, users, time
 * zones, locales, host names and options of Node of their own.
 */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { SensorClient, SidecarClient } from "../../host/client/index.ts";
import { systemClock } from "../../host/core/clock.ts";
import { Level } from "../../host/gen/mapveil/v1/types_pb.ts";
import {
  formatKey,
  generateRecipientKey,
  keyIdText,
  recipientKeyId,
} from "../../host/keys/index.ts";
import { Receiver } from "../../host/receiver/index.ts";
import { createAuthority, issueCertificate } from "../../host/rpc/index.ts";
import { SILENT } from "../../host/telemetry/log.ts";
import { LIMITS } from "../receiver/running-receiver.ts";
import { frameOf, LIDAR, LOCAL, temporaryFolder } from "../sidecar/support.ts";
import { shapeOf } from "./client-hello.ts";
import { recordingProxy, recordingReceiver } from "./recording-receiver.ts";

const FRAME = frameOf(1);
const MAIN = join(import.meta.dirname, "../../dist/host/cli/main.js");

interface Machine {
  readonly name: string;
  readonly serial: string;
  readonly user: string;
  readonly host: string;
  readonly environment: Readonly<Record<string, string>>;
}

const MACHINES: readonly Machine[] = [
  {
    name: "one",
    serial: "122209000123",
    user: "zephyrine",
    host: "kitchen-bot-17",
    environment: { TZ: "Pacific/Auckland", LANG: "zh_CN.UTF-8", LC_ALL: "zh_CN.UTF-8" },
  },
  {
    name: "two",
    serial: "992134000777",
    user: "balthasar",
    host: "nursery",
    environment: {
      TZ: "America/St_Johns",
      LANG: "de_AT.UTF-8",
      LC_ALL: "de_AT.UTF-8",
      NODE_OPTIONS: "--tls-cipher-list=TLS_CHACHA20_POLY1305_SHA256 --max-http-header-size=20000",
      NODE_EXTRA_CA_CERTS: "/dev/null",
      GRPC_SSL_CIPHER_SUITES: "TLS_CHACHA20_POLY1305_SHA256",
      UV_THREADPOOL_SIZE: "3",
    },
  },
];

/** Whether a process can be given a host name of its own here. */
function canNameHosts(): boolean {
  try {
    execFileSync("unshare", ["--map-root-user", "--uts", "hostname", "x"], { stdio: "ignore" });
    return true;
  } catch {
    console.log("Not all proved: this system gives no process a host name of its own (unshare).");
    return false;
  }
}

const authority = createAuthority({ name: "Fleet", days: 2 });

function certificate(folder: string, name: string, role: "server" | "client") {
  const names = role === "server" ? { ips: ["127.0.0.1"] } : { uris: ["urn:test:fleet"] };
  const issued = issueCertificate(authority, { ...names, role, days: 1 });
  const path = (what: string, text: string) => {
    writeFileSync(join(folder, `${name}.${what}`), text, { mode: 0o600 });
    return join(folder, `${name}.${what}`);
  };
  return {
    certificatePath: path("pem", issued.certificate),
    keyPath: path("key", issued.key),
    caPath: path("ca", authority.certificate),
  };
}

async function until(what: () => boolean | Promise<boolean>): Promise<void> {
  for (let i = 0; i < 400; i++) {
    if (await what()) return;
    await sleep(50);
  }
  throw new Error("Not so after 20 s.");
}

interface Robot {
  readonly machine: Machine;
  push(): Promise<void>;
  uploaded(): Promise<bigint>;
}

async function startRobot(
  folder: string,
  machine: Machine,
  address: string,
  publicKey: Uint8Array,
  hasHost: boolean,
): Promise<Robot> {
  const home = join(folder, machine.user);
  mkdirSync(home, { mode: 0o700 });
  const { certificatePath, keyPath, caPath } = certificate(folder, "fleet", "client");
  const socketPath = join(home, "s.sock");
  const settings = {
    version: 1,
    socket: socketPath,
    state_dir: "state",
    policy: "policy.yaml",
    recipient: formatKey("public", publicKey),
    uplink: { address, ca: caPath, certificate: certificatePath, key: keyPath, cadence: "off" },
  };
  writeFileSync(join(home, "policy.yaml"), "version: 1\nlevel: frames\n");
  writeFileSync(join(home, "sidecar.yaml"), JSON.stringify(settings));
  const command = [process.execPath, MAIN, "sidecar", "-c", join(home, "sidecar.yaml")];
  const named = ["unshare", "--map-root-user", "--uts", "sh", "-c", 'hostname "$0"; exec "$@"'];
  const [program, ...argv] = hasHost ? [...named, machine.host, ...command] : command;
  const { user, environment } = machine;
  const child: ChildProcess = spawn(program!, argv, {
    cwd: home,
    env: { PATH: process.env.PATH, HOME: home, USER: user, LOGNAME: user, ...environment },
    stdio: ["ignore", "pipe", "inherit"],
  });
  onTestFinished(() => {
    child.kill("SIGKILL");
  });
  let log = "";
  child.stdout!.on("data", (text) => {
    log += text;
  });
  await until(() => log.includes("sidecar_started"));
  const socket = (name: string) => ({
    socketPath,
    tokenPath: join(home, "state", "clients", `${name}.token`),
    language: "en" as const,
  });
  const owner = await SidecarClient.create(socket("owner"));
  const sensor = await SensorClient.create(socket("sensor"));
  onTestFinished(() => {
    owner.close();
    sensor.close();
  });
  const affirmativeAct = `typed by ${user}`;
  await owner.grantPermission({ name: LOCAL, affirmativeAct });
  await owner.grantPermission({ name: LIDAR, level: Level.FRAMES, affirmativeAct });
  const stream = await sensor.open({ layout: FRAME.layout });
  const metadata = [
    { name: "serial_number" as const, value: machine.serial },
    { name: "host_name" as const, value: machine.host },
  ];
  return {
    machine,
    push: async () => {
      expect((await stream.push({ ...FRAME, metadata })).outcome).toBe("accepted");
    },
    uploaded: async () => (await owner.status()).accounting!.uploaded,
  };
}

/** Every path and every byte below a folder. */
function everythingIn(folder: string): string {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .map((entry) => {
      const path = join(entry.parentPath, entry.name);
      const name = path.slice(folder.length);
      return entry.isFile() ? `${name}\n${readFileSync(path, "latin1")}` : name;
    })
    .join("\n");
}

/** What must not be anywhere, in the case in which it was given. */
const canariesOf = ({ serial, user, host, environment }: Machine) => [
  serial,
  user,
  host,
  ...Object.values(environment)
    .flatMap((value) => value.split(/[ =]/))
    .filter((v) => v.length > 5),
];

test("two robots are told apart by pseudonyms, ids and random bytes alone", async () => {
  const hasHost = canNameHosts();
  const temporary = temporaryFolder();
  onTestFinished(() => temporary.remove());
  const folder = temporary.path;
  const { publicKey } = generateRecipientKey();
  const server = certificate(folder, "server", "server");
  const recorder = await recordingReceiver(server);
  const proxy = await recordingProxy();
  onTestFinished(() => {
    proxy.close();
    recorder.close();
  });
  proxy.to.port = recorder.port;
  const robots: Robot[] = [];
  for (const machine of MACHINES) {
    const address = `127.0.0.1:${proxy.port}`;
    const robot = await startRobot(folder, machine, address, publicKey, hasHost);
    robots.push(robot);
    for (let i = 0; i < 2; i++) {
      await robot.push();
      await until(async () => (await robot.uploaded()) === BigInt(i + 1));
    }
    expect(proxy.hellos).toHaveLength(robots.length);
  }

  // The wire: one shape of hello, with the name that is given for addresses.
  const hellos = proxy.hellos.map(shapeOf);
  expect(hellos[1]).toEqual(hellos[0]);
  expect(hellos[0]!.serverName).toBe("receiver");
  expect(proxy.hellos[1]!.equals(proxy.hellos[0]!)).toBe(false);

  // The calls: settings, headers and what is not pseudonym, id, hash or sealed bytes.
  const [one, two] = recorder.connections;
  expect(recorder.connections).toHaveLength(2);
  expect(two!.settings).toEqual(one!.settings);
  const plain = ({ calls }: NonNullable<typeof one>) =>
    calls.map(({ headers, messages }) => ({
      headers,
      messages: messages.map(({ name, source, deletionHash, data, digest, ...rest }) => ({
        ...rest,
        name: name.length,
        source: source.length,
        deletionHash: deletionHash.length,
        data: data.length,
        digest: digest.length,
      })),
    }));
  expect(one!.calls).toHaveLength(2);
  expect(plain(two!)).toEqual(plain(one!));
  expect(one!.calls[0]!.headers).toEqual([
    ":authority",
    `127.0.0.1:${proxy.port}`,
    ":method",
    "POST",
    ":path",
    "/mapveil.v1.IngestService/WriteArtefact",
    ":scheme",
    "https",
    "grpc-accept-encoding",
    "identity,deflate,gzip",
    "accept-encoding",
    "identity",
    "user-agent",
    "grpc-mapveil",
    "content-type",
    "application/grpc",
    "te",
    "trailers",
  ]);
  const sources = [one!, two!].map(({ calls }) => new Set(calls.map((c) => c.messages[0]!.source)));
  expect(sources.map(({ size }) => size)).toEqual([1, 1]);
  expect(sources[0]).not.toEqual(sources[1]);

  // The real receiver: names of files and the index hold ids, and nothing of the machines.
  const dataDir = join(folder, "data");
  const receiver = await Receiver.start({
    listen: "127.0.0.1:0",
    dataDir,
    certificatePath: server.certificatePath,
    keyPath: server.keyPath,
    clientCaPath: server.caPath,
    clients: [
      {
        name: "fleet",
        certificateName: "urn:test:fleet",
        roles: ["ingest"],
        recipients: [keyIdText(recipientKeyId(publicKey))],
      },
    ],
    limits: LIMITS,
    log: SILENT,
    clock: systemClock,
  });
  onTestFinished(() => receiver.stop(0));
  proxy.to.port = receiver.port;
  proxy.cut();
  for (const robot of robots) await robot.push();
  await until(() => receiver.accounts().stored === 2);
  const recorded = JSON.stringify(
    [recorder.connections, proxy.hellos.map((hello) => hello.toString("latin1"))],
    (_, value) => (typeof value === "bigint" ? String(value) : value),
  );
  const stored = everythingIn(dataDir);
  for (const machine of MACHINES) {
    for (const canary of canariesOf(machine)) {
      expect(recorded, canary).not.toContain(canary);
      expect(stored, canary).not.toContain(canary);
    }
  }
  const files = readdirSync(join(dataDir, "data"), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => name);
  expect(files).toHaveLength(2);
  for (const name of files) expect(name).toMatch(/^[0-9a-f]{16}\.a[0-9a-f]{32}$/);
});
