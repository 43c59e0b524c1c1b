/** A home and a cloud in one folder: sidecar and receiver as processes, a bad network between them. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  formatKey,
  generateRecipientKey,
  keyIdText,
  type RecipientKeyPair,
  recipientKeyId,
} from "../../../host/index.ts";
import { type Authority, type CertificatePaths, makeAuthority } from "./certificates.ts";
import { Consumer } from "./consumer.ts";
import { Home } from "./home.ts";
import { TcpProxy } from "./proxy.ts";
import { Service, type Wrap } from "./service.ts";

const COMMAND = [
  process.execPath,
  fileURLToPath(new URL("../../../dist/host/cli/main.js", import.meta.url)),
];

/** What differs between worlds. */
export interface WorldSettings {
  /** Sizes and durations as the configuration writes them. */
  readonly chunk?: string;
  readonly parallel?: number;
  readonly quota?: string;
  readonly stallTimeout?: string;
  readonly receiverStallTimeout?: string;
  /** Policy as YAML; the built-in one without it. */
  readonly policy?: string;
  /** Port of another receiver behind the proxy than that of this world. */
  readonly target?: () => number;
  /** Since how many days the certificates are valid; since now without it. */
  readonly certifiedDaysAgo?: number;
  /** Folders elsewhere, such as on a small disk. */
  readonly stateDir?: string;
  readonly dataDir?: string;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address() as { port: number };
  await new Promise((done) => server.close(done));
  return port;
}

export class World {
  readonly folder: string;
  readonly stateDir: string;
  readonly dataDir: string;
  readonly socket: string;
  readonly receiverPort: number;
  readonly keyPair: RecipientKeyPair;
  readonly recipient: string;
  readonly authority: Authority;
  readonly certificates: Readonly<
    Record<"receiver" | "fleet" | "consumer" | "both", CertificatePaths>
  >;
  readonly proxy: TcpProxy;
  readonly home: Home;
  readonly consumer: Consumer;
  sidecar: Service | undefined;
  receiver: Service | undefined;

  private constructor(folder: string, port: number, proxy: TcpProxy, settings: WorldSettings) {
    this.folder = folder;
    this.stateDir = settings.stateDir ?? join(folder, "state");
    this.dataDir = settings.dataDir ?? join(folder, "data");
    this.socket = join(folder, "run", "m.sock");
    this.receiverPort = port;
    this.proxy = proxy;
    this.keyPair = generateRecipientKey();
    this.recipient = keyIdText(recipientKeyId(this.keyPair.publicKey));
    mkdirSync(join(folder, "tls"), { mode: 0o700 });
    this.authority = makeAuthority(join(folder, "tls"), settings.certifiedDaysAgo ?? 0);
    this.certificates = {
      receiver: this.authority.issue("receiver", "DNS:localhost"),
      fleet: this.authority.issue("fleet", "URI:spiffe://test/fleet"),
      consumer: this.authority.issue("consumer", "URI:spiffe://test/consumer"),
      both: this.authority.issue("both", "URI:spiffe://test/both"),
    };
    this.home = new Home(this);
    this.consumer = new Consumer(this);
    this.#configure(settings);
  }

  static async create(settings: WorldSettings = {}): Promise<World> {
    const folder = mkdtempSync(join(tmpdir(), "mv-"));
    const port = await freePort();
    return new World(
      folder,
      port,
      await TcpProxy.listen(settings.target ?? (() => port)),
      settings,
    );
  }

  /** Path of what a process printed. */
  log(who: "sidecar" | "receiver"): string {
    return join(this.folder, `${who}.log`);
  }

  token(client: "owner" | "sensor" | "monitor"): string {
    return readFileSync(join(this.stateDir, "clients", `${client}.token`), "utf8").trim();
  }

  /** Starts the sidecar; false if it ended before it was ready. */
  async startSidecar(wrap: Wrap = {}): Promise<boolean> {
    const command = [...COMMAND, "sidecar", "--config", join(this.folder, "sidecar.yaml")];
    this.sidecar = Service.start(command, this.log("sidecar"), wrap);
    this.home.forget();
    return this.sidecar.ready(() => this.home.ping());
  }

  /** Starts the receiver; false if it ended before it was ready. */
  async startReceiver(wrap: Wrap = {}): Promise<boolean> {
    const command = [...COMMAND, "receiver", "--config", join(this.folder, "receiver.yaml")];
    this.receiver = Service.start(command, this.log("receiver"), wrap);
    this.consumer.forget();
    return this.receiver.ready(() => this.consumer.ping());
  }

  /** Starts what is named; rejects with what it printed if it does not get ready. */
  async start(...who: ("receiver" | "sidecar")[]): Promise<void> {
    for (const one of who) {
      const ready = one === "receiver" ? await this.startReceiver() : await this.startSidecar();
      if (!ready) throw new Error(`the ${one} ended at its start:\n${this.tail(one)}`);
    }
  }

  /** The last lines that a process printed. */
  tail(who: "sidecar" | "receiver", lines = 12): string {
    if (!existsSync(this.log(who))) return "";
    return readFileSync(this.log(who), "utf8").trimEnd().split("\n").slice(-lines).join("\n");
  }

  /** The last lines that both printed. */
  tails(): string {
    return `${this.tail("sidecar")}\n${this.tail("receiver")}`;
  }

  async close(): Promise<void> {
    this.home.forget();
    this.consumer.forget();
    for (const service of [this.sidecar, this.receiver]) if (service?.running) await service.kill();
    await this.proxy.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  #configure(settings: WorldSettings): void {
    const { certificates, authority, folder, recipient } = this;
    const write = (file: string, value: unknown) =>
      writeFileSync(join(folder, file), typeof value === "string" ? value : JSON.stringify(value));
    if (settings.policy !== undefined) write("policy.yaml", settings.policy);
    const sidecar = {
      version: 1,
      state_dir: this.stateDir,
      socket: this.socket,
      ...(settings.policy !== undefined && { policy: "policy.yaml" }),
      recipient: formatKey("public", this.keyPair.publicKey),
      uplink: {
        address: `127.0.0.1:${this.proxy.port}`,
        ca: authority.ca,
        ...certificates.fleet,
        server_name: "localhost",
        chunk: settings.chunk ?? "4KiB",
        parallel: settings.parallel ?? 1,
        stall_timeout: settings.stallTimeout ?? "5s",
        cadence: "off",
      },
      spool: { quota: settings.quota ?? "64MiB" },
      // Frames here come as fast as they can.
      limits: { rate: 1000 },
    };
    const client = (name: string, roles: string[]) => ({
      name,
      certificate: `spiffe://test/${name}`,
      roles,
      recipients: [recipient],
    });
    const receiver = {
      version: 1,
      listen: `127.0.0.1:${this.receiverPort}`,
      data_dir: this.dataDir,
      tls: { ...certificates.receiver, client_ca: authority.ca },
      clients: [
        client("fleet", ["ingest"]),
        client("consumer", ["consumer"]),
        client("both", ["ingest", "consumer"]),
      ],
      limits: {
        rate_per_client: "unlimited",
        stall_timeout: settings.receiverStallTimeout ?? "5s",
      },
    };
    // JSON is YAML.
    write("sidecar.yaml", sidecar);
    write("receiver.yaml", receiver);
  }
}
