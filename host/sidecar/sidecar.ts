/** The robot's side: takes frames over a unix socket, asks the owner, seals, spools, uploads. */
import { join } from "node:path";
import { PermissionService } from "../gen/mapveil/v1/permission_service_pb.ts";
import { SensorService } from "../gen/mapveil/v1/sensor_service_pb.ts";
import { StatusService } from "../gen/mapveil/v1/status_service_pb.ts";
import { keyIdText, RobotKeys, recipientKeyId } from "../keys/index.ts";
import { DATA_CLASSES, Permissions } from "../permission/index.ts";
import type { Policy } from "../policy/index.ts";
import { RpcServer } from "../rpc/index.ts";
import { openSpool, type Spool } from "../spool/index.ts";
import { crashFields } from "../telemetry/index.ts";
import { spoolSeries, UploadNames } from "../uplink/index.ts";
import { AddBarrier } from "./add-barrier.ts";
import { authorise } from "./authoriser.ts";
import { ClientTokens } from "./client-tokens.ts";
import { FramePool } from "./frame-pool.ts";
import { lockInstance } from "./instance-lock.ts";
import { Link } from "./link.ts";
import type { SidecarClient, SidecarOptions } from "./options.ts";
import { PermissionCalls } from "./permission-service.ts";
import { PolicyInForce } from "./policy-in-force.ts";
import { SensorStreams } from "./sensor-service.ts";
import { preparePrivateFolder } from "./state-folder.ts";
import { type SidecarStatus, streamState } from "./status.ts";
import { statusHandlers } from "./status-service.ts";
import { sidecarVersion } from "./version.ts";
import { Withdrawals } from "./withdrawal.ts";

/** Bytes of a message beside the points of its frame. */
const MESSAGE_OVERHEAD_BYTES = 256 * 1024;
/** Calls at the same time: on a connection, and of a client. */
const CALLS_MAX = 64;
/** Milliseconds between two looks for what waited too long. */
const EVICTION_INTERVAL_MS = 60_000;

/** What uploads are named by until a receiver is configured. */
const UNSENT = { purpose: "provide", pseudonymEpochMs: 86_400_000 } as const;

type Close = () => Promise<void> | void;

/** Closes what was opened, the last first; a failure of one does not keep the others open. */
async function closeAll(closers: Close[]): Promise<void> {
  for (const close of closers.splice(0).reverse()) {
    await Promise.resolve()
      .then(close)
      .catch(() => {});
  }
}

/** Whether something is done within a time, in milliseconds. */
function within(ms: number, what: Promise<unknown>): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), ms);
    void what.finally(() => clearTimeout(timer)).then(() => resolve(true));
  });
}

interface Opened {
  readonly policy: PolicyInForce;
  readonly permissions: Permissions;
  readonly spool: Spool;
  readonly pool: FramePool;
  readonly link: Link | undefined;
  readonly tokens: ClientTokens;
}

export class Sidecar {
  readonly #options: SidecarOptions;
  readonly #opened: Opened;
  readonly #closers: Close[];
  readonly #streams: SensorStreams;
  readonly #server: RpcServer;
  readonly #startMs: number;
  readonly #version = sidecarVersion();
  #tokens: ClientTokens;
  #stopping = false;
  #stopped: Promise<void> | undefined;

  /**
   * Opens the state, destroys what was withdrawn before a crash could be answered, and listens.
   * @throws MapveilError CONFIG (folders open to others, policy, clients), UNAVAILABLE (another
   * sidecar runs), INTEGRITY, IO, NO_SPACE; nothing stays open then
   */
  static async start(options: SidecarOptions): Promise<Sidecar> {
    const closers: Close[] = [];
    try {
      const opened = await open(options, closers);
      const sidecar = new Sidecar(options, opened, closers);
      await sidecar.#server.listenUnix(options.socketPath);
      options.log.info("sidecar_started", { epoch: opened.permissions.gate.epoch });
      return sidecar;
    } catch (error) {
      await closeAll(closers);
      throw error;
    }
  }

  private constructor(options: SidecarOptions, opened: Opened, closers: Close[]) {
    const { limits, releaseEveryMs, clock, log, recipient } = options;
    const { policy, permissions, spool, pool, link } = opened;
    const { gate } = permissions;
    this.#options = options;
    this.#opened = opened;
    this.#closers = closers;
    this.#startMs = clock.wallMs();
    this.#tokens = opened.tokens;
    const barrier = new AddBarrier();
    this.#streams = new SensorStreams({
      gate,
      spool,
      barrier,
      pool,
      limits,
      releaseEveryMs,
      recipient: keyIdText(recipientKeyId(recipient)),
      clock,
      log,
      policy: () => policy.policy,
      stopping: () => this.#stopping,
    });
    const parts = { gate, barrier, spool, streams: this.#streams, uplink: link?.uplink, log };
    const withdrawals = new Withdrawals(permissions, parts);
    closers.push(() => withdrawals.close());
    this.#server = new RpcServer({
      authorise: (call) => authorise(call, this.#tokens),
      log,
      limits: {
        maxMessageBytes: limits.frameBytes + MESSAGE_OVERHEAD_BYTES,
        maxConcurrentStreamsPerConnection: CALLS_MAX,
        maxCallsPerClient: CALLS_MAX,
      },
      open: ["grpc.health.v1.Health"],
    })
      .add(SensorService, this.#streams.handlers)
      .add(PermissionService, new PermissionCalls(permissions, withdrawals).handlers)
      .add(
        StatusService,
        statusHandlers(() => this.status()),
      );
  }

  /** How it does at the moment. */
  status(): SidecarStatus {
    const { permissions, spool, link } = this.#opened;
    const nowMs = this.#options.clock.monotonicMs();
    return {
      version: this.#version,
      startMs: this.#startMs,
      epoch: permissions.gate.epoch,
      accounts: spool.accounts(),
      spool: spool.state(),
      link: link?.state(),
      streams: [...this.#streams.open].map((stream) => streamState(stream, nowMs)),
      ledgerDamaged: permissions.damage !== undefined,
    };
  }

  /**
   * Puts a policy in force for the frames and the grants that come from now on.
   * @throws MapveilError CONFIG for one that this version cannot apply; the old one holds on then
   */
  setPolicy(policy: Policy): void {
    this.#opened.policy.replace(policy);
  }

  /**
   * Lets these clients call and no others; makes the tokens that are missing. Calls that are open go on.
   * @throws MapveilError CONFIG, IO, NO_SPACE; the old clients hold on then
   */
  async setClients(clients: readonly SidecarClient[]): Promise<void> {
    const { stateDir, random } = this.#options;
    this.#tokens = await ClientTokens.load(stateDir, clients, random);
  }

  /**
   * Stops: new frames are dropped as STOPPING, those that were taken are finished and maps released;
   * receipts and what is being uploaded have the rest of `graceMs`. What is spooled stays. Never throws.
   */
  stop(graceMs: number): Promise<void> {
    this.#stopped ??= this.#stop(graceMs);
    return this.#stopped;
  }

  async #stop(graceMs: number): Promise<void> {
    const { clock, log } = this.#options;
    const endMs = clock.monotonicMs() + graceMs;
    const leftMs = () => Math.max(0, endMs - clock.monotonicMs());
    this.#stopping = true;
    this.#server.health.stop();
    const uploads = this.#opened.link?.stop(graceMs).catch(() => {});
    await within(graceMs / 2, this.#streams.finish());
    await this.#server.stop(leftMs());
    await uploads;
    await closeAll(this.#closers);
    log.info("sidecar_stopped");
  }
}

/** Opens the parts one after the other; every one that is open is in `closers`. */
async function open(options: SidecarOptions, closers: Close[]): Promise<Opened> {
  const { stateDir, clock, log, random, quotaBytes, maxAgeMs } = options;
  const recipient = keyIdText(recipientKeyId(options.recipient));
  const { purpose, pseudonymEpochMs: epochMs } = options.uplink ?? UNSENT;
  const policy = new PolicyInForce(options.policy);
  await preparePrivateFolder(stateDir);
  const keys = await RobotKeys.load(stateDir, random);
  closers.push(() => keys.wipe());
  closers.push(await lockInstance(keys.signingPublicKey, stateDir));
  const tokens = await ClientTokens.load(stateDir, options.clients, random);
  const permissions = await Permissions.open({
    stateDir,
    keys,
    recipient,
    ...(options.uplink && { purpose }),
    policyDigest: () => policy.digest,
    clock,
    log,
  });
  closers.push(() => permissions.close());
  const names = await UploadNames.open(stateDir, keys);
  const spool = await openSpool({
    folder: join(stateDir, "spool"),
    quotaBytes,
    maxAgeMs,
    artefactId: (serial) => names.idOf(serial),
    clock,
    log,
  });
  closers.push(() => spool.close());
  const series = await spoolSeries(join(stateDir, "spool"), random);
  await names.use({ recipient, purpose, epochMs, series }, spool.state().nextSerial);
  const { gate, damage } = permissions;
  await reconcile(spool, permissions, options);
  const eviction = setInterval(() => {
    spool.evictOld().catch(() => log.error("eviction_failed"));
  }, EVICTION_INTERVAL_MS).unref();
  closers.push(() => clearInterval(eviction));
  const pool = new FramePool({
    recipient: options.recipient,
    onCrash: (crash) => log.error("thread_crashed", crashFields(crash)),
  });
  closers.push(() => pool.close());
  // A ledger that is damaged allows nothing: then nothing is sent either.
  const to = damage === undefined ? options.uplink : undefined;
  const link = to && new Link(to, { spool, gate, names }, options);
  if (link) closers.push(() => link.stop(0));
  return { policy, permissions, spool, pool, link, tokens };
}

/** Carries out what the ledger says and a crash kept from the spool, before anything is sent. */
async function reconcile(
  spool: Spool,
  { gate, damage }: Permissions,
  { log }: SidecarOptions,
): Promise<void> {
  if (damage !== undefined) {
    log.error("ledger_damaged", { epoch: damage.epoch });
    return;
  }
  for (const dataClass of DATA_CLASSES) {
    const floor = gate.epochFloor(dataClass);
    const { artefacts, bytes } = await spool.destroy(dataClass, floor, gate.epoch);
    if (artefacts > 0) log.warn("withdrawn_at_start", { dataClass, artefacts, bytes });
  }
}
