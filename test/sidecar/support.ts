/** Sidecars in temporary folders, their clients, and frames to push. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SensorClient, SidecarClient } from "../../host/client/index.ts";
import { systemClock } from "../../host/core/clock.ts";
import { Level } from "../../host/gen/mapveil/v1/types_pb.ts";
import { systemRandom } from "../../host/keys/index.ts";
import type { Language } from "../../host/rpc/index.ts";
import { Sidecar, type SidecarOptions } from "../../host/sidecar/index.ts";
import { openSpool } from "../../host/spool/index.ts";
import type { Accounts } from "../../host/spool/types.ts";
import { SILENT } from "../../host/telemetry/log.ts";
import { policyOf, RECIPIENT } from "../veil/support.ts";

export { codeOf, frameOf, policyOf, RECIPIENT, Seeded, STRANGER } from "../veil/support.ts";

export const LIDAR = "permissions/robot-lidar-upload";
export const LOCAL = "permissions/robot-lidar-local";

/** A folder below the system's for temporary files; short, as sockets want it. */
export function temporaryFolder(): { path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), "mv-"));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/** No frame of a test is too fast, unless it is about that. */
export const LIMITS = { frameBytes: 8 * 1024 * 1024, streams: 4, inFlight: 8, rateHz: 1_000_000 };

/** Options of a sidecar whose state is below `folder`. */
export function optionsIn(folder: string, changes: Partial<SidecarOptions> = {}): SidecarOptions {
  return {
    stateDir: join(folder, "state"),
    socketPath: join(folder, "run", "s.sock"),
    policy: policyOf(""),
    recipient: RECIPIENT.publicKey,
    clients: [
      { name: "lidar", role: "sensor" },
      { name: "app", role: "owner" },
      { name: "carer", role: "guardian" },
      { name: "watch", role: "monitor" },
    ],
    quotaBytes: 256 * 1024 * 1024,
    maxAgeMs: 86_400_000,
    limits: LIMITS,
    releaseEveryMs: 0,
    log: SILENT,
    clock: systemClock,
    random: systemRandom,
    ...changes,
  };
}

/** A sidecar with its clients, all closed together. */
export class Robot {
  readonly folder = temporaryFolder();
  readonly options: SidecarOptions;
  readonly #clients: { close(): void }[] = [];
  sidecar!: Sidecar;

  private constructor(changes: Partial<SidecarOptions>) {
    this.options = optionsIn(this.folder.path, changes);
  }

  static async start(changes: Partial<SidecarOptions> = {}): Promise<Robot> {
    const robot = new Robot(changes);
    await robot.restart();
    return robot;
  }

  /** Starts the sidecar (again) on the same state. */
  async restart(): Promise<void> {
    this.sidecar = await Sidecar.start(this.options);
  }

  tokenPath(name: string): string {
    return join(this.options.stateDir, "clients", `${name}.token`);
  }

  socket(name: string, language: Language = "en") {
    const { socketPath } = this.options;
    return { socketPath, tokenPath: this.tokenPath(name), language };
  }

  async client(name: string, language?: Language): Promise<SidecarClient> {
    const client = await SidecarClient.create(this.socket(name, language));
    this.#clients.push(client);
    return client;
  }

  async sensor(language?: Language): Promise<SensorClient> {
    const client = await SensorClient.create(this.socket("lidar", language));
    this.#clients.push(client);
    return client;
  }

  /** Grants lidar: use on the robot, and upload at a level. */
  async grantLidar(level = Level.FRAMES): Promise<SidecarClient> {
    const owner = await this.client("app");
    const affirmativeAct = "ticked the box in the test";
    await owner.grantPermission({ name: LOCAL, affirmativeAct });
    await owner.grantPermission({ name: LIDAR, level, affirmativeAct });
    return owner;
  }

  accounts(): Accounts {
    return this.sidecar.status().accounts;
  }

  /** Stops all, and removes what was on the disk. */
  async end(): Promise<void> {
    for (const client of this.#clients) client.close();
    await this.sidecar?.stop(5000);
    this.folder.remove();
  }
}

/** Everything that waits, after the sidecar was stopped. */
export async function spooledBy(robot: Robot) {
  await robot.sidecar.stop(5000);
  const { stateDir, quotaBytes, maxAgeMs, clock, log } = robot.options;
  const spool = await openSpool({
    folder: join(stateDir, "spool"),
    artefactId: (serial) => `x-${serial}`,
    quotaBytes,
    maxAgeMs,
    clock,
    log,
  });
  const artefacts = spool.nextToUpload(10_000);
  const veils = new Map<string, Uint8Array>();
  for (const { id } of artefacts) veils.set(id, (await spool.read(id))!);
  await spool.close();
  return { artefacts, veils };
}

/** Whether the books are exact; their sum by fate. */
export function sumOf(accounts: Accounts): number {
  const sum = (counts: Readonly<Partial<Record<string, number>>>) =>
    Object.values(counts).reduce<number>((a, b) => a + (b ?? 0), 0);
  const { uploaded, spooled, refused, evicted, mapped } = accounts;
  return uploaded + spooled + sum(refused) + sum(evicted) + mapped;
}

/** Waits until something holds; fails after ten seconds. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  const end = performance.now() + 10_000;
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`never held: ${holds}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
