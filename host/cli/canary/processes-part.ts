/**
 * The services as processes: in an environment, a folder and under names that are planted, scraped,
 * asked, told to read wrong settings, and crashed.
 */
import { appendFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { request } from "node:http";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Planter } from "../../canary/planter.ts";
import { plantedPcd } from "../../canary/plants/cloud-files.ts";
import { plantedName } from "../../canary/plants/file.ts";
import { plantedFrames } from "../../canary/plants/frames.ts";
import { SensorClient, SidecarClient } from "../../client/index.ts";
import { keyIdText, writeKeyPair } from "../../keys/index.ts";
import { CLIENT_NAMES, issueCertificates, writeCertificates } from "../certificate-files.ts";
import { Child } from "./child.ts";
import { plantedEnvironment } from "./files-part.ts";
import { printed, type RunCommand } from "./printed.ts";
import type { Stage } from "./stage.ts";

const START_MS = 30_000;
const DAYS = 1;

/** What a page of a service says over its unix socket; undefined if it does not answer. */
function page(socketPath: string, path: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const call = request({ socketPath, path }, (response) => {
      const parts: Buffer[] = [];
      response.on("data", (part: Buffer) => parts.push(part));
      response.on("end", () => resolve(Buffer.concat(parts).toString("utf8")));
    });
    call.on("error", () => resolve(undefined));
    call.end();
  });
}

function freePort(): Promise<number> {
  const server = createServer();
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

interface Places {
  readonly home: string;
  readonly receiverConfig: string;
  readonly sidecarConfig: string;
  readonly receiverPages: string;
  readonly sidecarPages: string;
  readonly socket: string;
  readonly tokens: string;
}

/** A name that clients may have: small letters, digits and hyphens. */
function plantedClient(planter: Planter): string {
  const carrier = "names of clients";
  const name = planter.text("nickname", carrier).replace("_", "-");
  planter.note("nickname", carrier, name);
  return name;
}

/** Writes the settings of both services into a folder whose name is planted. */
async function prepare(stage: Stage): Promise<Places> {
  const { planter, folder } = stage;
  const home = join(folder, plantedName(planter, ""));
  await mkdir(join(home, "certificates"), { recursive: true, mode: 0o700 });
  await writeCertificates(join(home, "certificates"), issueCertificates([], DAYS));
  const { keyId } = await writeKeyPair(join(home, "recipient.key"));
  const port = await freePort();
  const places = {
    home,
    receiverConfig: join(home, "receiver.yaml"),
    sidecarConfig: join(home, "sidecar.yaml"),
    // Paths of sockets have at most some hundred bytes.
    receiverPages: join(folder, "r.sock"),
    sidecarPages: join(folder, "s.sock"),
    socket: join(folder, "m.sock"),
    tokens: join(home, "state/clients"),
  };
  const [sensor, owner] = [plantedClient(planter), plantedClient(planter)];
  await writeFile(
    places.receiverConfig,
    `version: 1
listen: 127.0.0.1:${port}
data_dir: data
tls: { certificate: certificates/receiver.pem, key: certificates/receiver.key, client_ca: certificates/authority.pem }
clients:
  - { name: ${sensor}, certificate: "${CLIENT_NAMES.fleet}", roles: [ingest], recipients: ["*"] }
  - { name: ${owner}, certificate: "${CLIENT_NAMES.consumer}", roles: [consumer], recipients: ["${keyIdText(keyId)}"] }
metrics: { listen: "unix:${places.receiverPages}" }
log: { level: debug }
`,
  );
  await writeFile(
    places.sidecarConfig,
    `version: 1
recipient: recipient.key.pub
state_dir: state
socket: ${places.socket}
clients: [{ name: ${sensor}, role: sensor }, { name: ${owner}, role: owner }]
uplink: { address: "127.0.0.1:${port}", cadence: off, ca: certificates/authority.pem, certificate: certificates/fleet.pem, key: certificates/fleet.key }
metrics: { listen: "unix:${places.sidecarPages}" }
log: { level: debug }
`,
  );
  await writeFile(join(home, "names.json"), JSON.stringify({ sensor, owner }));
  return places;
}

/** Starts both services, drives them, and adds everything that they say. */
export async function goWithProcesses(stage: Stage, run: RunCommand): Promise<void> {
  const { planter, surfaces, tell } = stage;
  tell("services as processes");
  const places = await prepare(stage);
  const environment = { ...plantedEnvironment(planter), HOME: places.home, TMPDIR: tmpdir() };
  const terms = { cwd: places.home, environment };
  const receiver = new Child(["receiver", "--config", places.receiverConfig], terms);
  const sidecar = new Child(["sidecar", "--config", places.sidecarConfig], terms);
  try {
    const ready = (socket: string) => async () => (await page(socket, "/readyz")) === "ok\n";
    await receiver.until(ready(places.receiverPages), START_MS);
    await sidecar.until(ready(places.sidecarPages), START_MS);
    await drive(stage, places);
    for (const [name, socket] of [
      ["receiver", places.receiverPages],
      ["sidecar", places.sidecarPages],
    ] as const) {
      for (const path of ["/metrics", "/livez", "/readyz", "/unknown"]) {
        surfaces.text("figures", `${path} of the ${name}`, (await page(socket, path)) ?? "");
      }
    }
    await ask(stage, places, run, environment);
    await reload(stage, places, [receiver, sidecar]);
  } finally {
    for (const child of [sidecar, receiver]) {
      child.signal("SIGTERM");
      await child.ended();
    }
  }
  surfaces.text("log", "output of the receiver", receiver.said);
  surfaces.text("log", "output of the sidecar", sidecar.said);
  await surfaces.folder("robot", join(places.home, "state"), () => true);
  await surfaces.folder("receiver", join(places.home, "data"), () => true);
  await crash(stage, places, terms);
}

/** Pushes frames as a driver does, under names of clients that are planted. */
async function drive({ planter, surfaces }: Stage, places: Places): Promise<void> {
  const names = JSON.parse(await readFile(join(places.home, "names.json"), "utf8"));
  const socketPath = places.socket;
  const tokenPath = (name: string) => join(places.tokens, `${name}.token`);
  const owner = await SidecarClient.create({ socketPath, tokenPath: tokenPath(names.owner) });
  const sensor = await SensorClient.create({ socketPath, tokenPath: tokenPath(names.sensor) });
  try {
    for (const use of ["local", "upload"]) {
      const name = `permissions/robot-lidar-${use}`;
      const level = use === "upload" ? { level: 3 } : {};
      await owner.grantPermission({ name, ...level, affirmativeAct: "started the search" });
    }
    const frames = plantedFrames(planter, 2);
    const stream = await sensor.open({ layout: frames[0]!.layout });
    for (const frame of frames) surfaces.value("answers", "receipt", await stream.push(frame));
    surfaces.value("figures", "status of the process", await owner.status());
    await stream.end();
  } finally {
    owner.close();
    sensor.close();
  }
}

/** Asks both services what an operator asks. */
async function ask(
  { planter, surfaces, folder }: Stage,
  places: Places,
  run: RunCommand,
  environment: Readonly<Record<string, string>>,
): Promise<void> {
  const recording = plantedPcd(planter);
  const path = join(folder, recording.name);
  await writeFile(path, recording.bytes);
  const config = ["--config", places.sidecarConfig];
  const word = planter.text("nickname", "arguments");
  const commands = [
    ["status", ...config],
    ["status", ...config, "--json"],
    ["permission", "list", ...config],
    ["permission", "history", ...config],
    ["push", path, ...config],
    ["uploads", "list", ...config],
    [word],
    ["sanitize", `--${word}`],
  ];
  for (const argv of commands) {
    const text = await printed(run, argv, { cwd: places.home, environment });
    surfaces.text("printed", `mapveil ${argv[0] === word ? "(a planted word)" : argv[0]}`, text);
  }
  for (const argv of [
    ["doctor", ...config],
    ["doctor", ...config, "--json"],
  ]) {
    const text = await printed(run, argv, { cwd: places.home, environment });
    surfaces.text("doctor", argv.at(-1) === "--json" ? "doctor, JSON" : "doctor", text);
  }
  await pack({ planter, surfaces }, places, run, environment);
}

/** The support bundle, with a log in which others wrote as well. */
async function pack(
  { planter, surfaces }: Pick<Stage, "planter" | "surfaces">,
  places: Places,
  run: RunCommand,
  environment: Readonly<Record<string, string>>,
): Promise<void> {
  const log = join(places.home, "sidecar.log");
  const lines = planter.texts("lines of a log").map((text) => JSON.stringify({ event: text }));
  await writeFile(log, `${lines.join("\n")}\n`);
  const bundle = join(places.home, "bundle.tar.gz");
  const argv = ["support-bundle", "--config", places.sidecarConfig, "--log", log, "-o", bundle];
  const text = await printed(run, argv, { cwd: places.home, environment });
  surfaces.text("printed", "mapveil support-bundle", text);
  surfaces.add("bundle", { name: "support bundle", bytes: await readFile(bundle) });
}

/** SIGHUP with settings that are wrong: the log says that they were rejected, and nothing of them. */
async function reload({ planter }: Stage, places: Places, children: readonly Child[]) {
  for (const path of [places.sidecarConfig, places.receiverConfig]) {
    const value = JSON.stringify(planter.text("psk", "settings that are read again"));
    await appendFile(path, `log: { level: ${value} }\nspool: ${value}\n`);
  }
  for (const child of children) {
    child.signal("SIGHUP");
    await child
      .until(async () => /configuration_rejected/.test(child.said), START_MS)
      .catch(() => {});
  }
}

/** Code that runs as soon as a service has said that it runs. */
const whenStarted = (code: string) => `const write = process.stdout.write.bind(process.stdout);
process.stdout.write = (chunk, ...more) => {
  if (String(chunk).includes("sidecar_started")) setTimeout(() => { ${code} }, 200);
  return write(chunk, ...more);
};`;

/**
 * A fault that nobody foresaw, thrown with planted values in its text, its fields and its cause: in a
 * command, and in a promise that nobody looks at.
 */
async function crash(stage: Stage, places: Places, terms: { cwd: string; environment: object }) {
  const { planter, surfaces, tell } = stage;
  tell("crashes");
  const carrier = "text of a fault";
  const text = JSON.stringify(planter.texts(carrier).slice(0, 60).join(" | "));
  const field = JSON.stringify(planter.next(carrier));
  const make = `Object.assign(new Error(${text}, { cause: new Error(${field}) }), { path: ${field} })`;
  const own = join(places.home, "crash.yaml");
  await writeFile(
    own,
    `version: 1\nrecipient: recipient.key.pub\nstate_dir: crash\nsocket: ${places.socket}\n`,
  );
  const later = (ms: number, code: string) => `setTimeout(() => { ${code} }, ${ms});`;
  const faults = [
    ["thrown", ["permission", "--help"], later(400, `throw ${make};`)],
    ["rejected", ["permission", "--help"], later(400, `void Promise.reject(${make});`)],
    ["thrown in a service", ["sidecar", "--config", own], whenStarted(`throw ${make};`)],
  ] as const;
  for (const [i, [name, argv, code]] of faults.entries()) {
    const file = join(places.home, `fault${i}.mjs`);
    await writeFile(file, code);
    const node = ["--import", pathToFileURL(file).href];
    const environment = { ...(terms.environment as Record<string, string>) };
    const child = new Child(argv, { ...terms, environment, node });
    await child.ended();
    surfaces.text("crash", `a fault that is ${name}`, child.said);
  }
  await surfaces.folder("robot", join(places.home, "crash"), () => true);
}
