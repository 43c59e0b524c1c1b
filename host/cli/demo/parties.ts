/** Receiver, sidecar and their clients in one process, set up by the files that a user would write. */
import { chmod, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Writable } from "node:stream";
import { ReceiverClient, SensorClient, SidecarClient } from "../../client/index.ts";
import { systemClock } from "../../core/clock.ts";
import { writeFileAtomic } from "../../formats/index.ts";
import { systemRandom } from "../../keys/index.ts";
import { loadReceiverConfig } from "../../receiver/config.ts";
import { Receiver } from "../../receiver/index.ts";
import { loadSidecarConfig, type SidecarConfig } from "../../sidecar/config.ts";
import { Sidecar } from "../../sidecar/index.ts";
import { createLog, type ServiceLog } from "../../telemetry/index.ts";
import { CLIENT_NAMES, issueCertificates, writeCertificates } from "../certificate-files.ts";
import { addUnfinished } from "../unfinished.ts";
import { DEMO_FILES } from "./files.ts";
import { DEMO_POLICY } from "./policy.ts";

const STOP_MS = 5000;
const DAYS = 30;
const PORT = 7443;
/** The files alone count: no variables of the environment, no options. */
const NOTHING_ELSE = { environment: {}, settings: [] };

type Close = () => Promise<void> | void;

/** What whoever opens the parties may want otherwise. */
export interface PartiesTerms {
  /** Changes what the sidecar's file says. */
  readonly sidecar?: (options: SidecarConfig["options"]) => SidecarConfig["options"];
  /** Stands in front of the receiver's port; gives the port that the sidecar calls instead. */
  readonly front?: (port: number) => Promise<{ readonly port: number; close(): Promise<void> }>;
}

export interface Parties {
  readonly receiver: Receiver;
  readonly sidecar: Sidecar;
  /** The robot's driver. */
  readonly sensor: SensorClient;
  /** The owner's app. */
  readonly owner: SidecarClient;
  readonly socketPath: string;
  /** Whoever holds the recipient's key. */
  readonly consumer: ReceiverClient;
  /** Everything that both services logged so far. */
  log(): Promise<string>;
  /** Stops everything. */
  close(): Promise<void>;
}

const writeText = (path: string, text: string) =>
  writeFileAtomic(path, Buffer.from(text, "utf8"), { mode: 0o600 });

const receiverYaml = (port: number, recipient: string) => `version: 1
listen: 127.0.0.1:${port}
data_dir: ${DEMO_FILES.receiver}
tls:
  certificate: ${DEMO_FILES.certificates}/receiver.pem
  key: ${DEMO_FILES.certificates}/receiver.key
  client_ca: ${DEMO_FILES.certificates}/authority.pem
clients:
  - { name: fleet, certificate: "${CLIENT_NAMES.fleet}", roles: [ingest], recipients: ["*"] }
  - { name: home, certificate: "${CLIENT_NAMES.consumer}", roles: [consumer], recipients: ["${recipient}"] }
`;

const sidecarYaml = (port: number, socketPath: string) => `version: 1
recipient: ${DEMO_FILES.key}.pub
policy: ${DEMO_POLICY}
state_dir: ${DEMO_FILES.robot}
socket: ${socketPath}
uplink:
  address: 127.0.0.1:${port}
  ca: ${DEMO_FILES.certificates}/authority.pem
  certificate: ${DEMO_FILES.certificates}/fleet.pem
  key: ${DEMO_FILES.certificates}/fleet.key
  cadence: off
`;

/** Keeps what is logged. */
function keptLog(): { log: ServiceLog; text(): Promise<string> } {
  const lines: string[] = [];
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      lines.push(chunk.toString("utf8"));
      done();
    },
  });
  const log = createLog({ level: "debug", stream });
  const text = async () => {
    await log.flush(1000);
    return lines.join("");
  };
  return { log, text };
}

async function startReceiver(folder: string, recipient: string, log: ServiceLog) {
  const file = join(folder, DEMO_FILES.receiverConfig);
  await writeText(file, receiverYaml(PORT, recipient));
  const { options } = await loadReceiverConfig(file, NOTHING_ELSE);
  const own = { ...options, listen: "127.0.0.1:0", log, clock: systemClock };
  const receiver = await Receiver.start(own);
  // Whatever port was free: the file names it from now on.
  await writeText(file, receiverYaml(receiver.port, recipient));
  return receiver;
}

async function startSidecar(
  folder: string,
  socketPath: string,
  port: number,
  log: ServiceLog,
  change: NonNullable<PartiesTerms["sidecar"]> = (options) => options,
) {
  const file = join(folder, DEMO_FILES.sidecarConfig);
  await writeText(file, sidecarYaml(port, socketPath));
  const { options } = await loadSidecarConfig(file, NOTHING_ELSE);
  return Sidecar.start({ ...change(options), log, clock: systemClock, random: systemRandom });
}

/** Starts both services below `folder`, for the recipient of that key id, and connects to them. */
export async function openParties(
  folder: string,
  recipient: string,
  terms: PartiesTerms = {},
): Promise<Parties> {
  const certificates = join(folder, DEMO_FILES.certificates);
  await mkdir(certificates, { mode: 0o700 });
  await writeCertificates(certificates, issueCertificates([], DAYS));
  // Paths of sockets have at most some hundred bytes, which a folder of the user may need alone.
  const run = await mkdtemp(join(tmpdir(), "mapveil-"));
  const closers: Close[] = [() => rm(run, { recursive: true, force: true })];
  const close = async () => {
    for (const one of closers.splice(0).reverse()) await one();
  };
  // For an interruption, which waits for nothing: what runs ends with the process.
  addUnfinished(run);
  try {
    return { ...(await openIn(folder, run, recipient, terms, closers)), close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function openIn(
  folder: string,
  run: string,
  recipient: string,
  terms: PartiesTerms,
  closers: Close[],
): Promise<Omit<Parties, "close">> {
  const certificates = join(folder, DEMO_FILES.certificates);
  await chmod(run, 0o700);
  const socketPath = join(run, "sidecar.sock");
  const { log, text } = keptLog();
  const receiver = await startReceiver(folder, recipient, log);
  closers.push(() => receiver.stop(STOP_MS));
  const front = await terms.front?.(receiver.port);
  if (front !== undefined) closers.push(() => front.close());
  const port = front?.port ?? receiver.port;
  const sidecar = await startSidecar(folder, socketPath, port, log, terms.sidecar);
  closers.push(() => sidecar.stop(STOP_MS));
  const token = (name: string) => join(folder, DEMO_FILES.robot, "clients", `${name}.token`);
  const sensor = await SensorClient.create({ socketPath, tokenPath: token("sensor") });
  const owner = await SidecarClient.create({ socketPath, tokenPath: token("owner") });
  const consumer = await ReceiverClient.create({
    address: `127.0.0.1:${receiver.port}`,
    caPath: join(certificates, "authority.pem"),
    certificatePath: join(certificates, "consumer.pem"),
    keyPath: join(certificates, "consumer.key"),
  });
  closers.push(() => {
    for (const client of [sensor, owner, consumer]) client.close();
  });
  return { receiver, sidecar, sensor, owner, consumer, socketPath, log: text };
}
