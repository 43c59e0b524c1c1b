/** The cloud's side: takes sealed artefacts, keeps them, and gives them to those they are for. */
import { ArtefactService } from "../gen/mapveil/v1/artefact_service_pb.ts";
import { IngestService } from "../gen/mapveil/v1/ingest_service_pb.ts";
import { type CertificateSource, certificateSource, RpcServer } from "../rpc/index.ts";
import { artefactHandlers } from "./artefact-handlers.ts";
import { ByteRates } from "./byte-rates.ts";
import { ClientRegistry } from "./client-registry.ts";
import { ingestHandlers } from "./ingest-handlers.ts";
import { openLocalStore } from "./local-store.ts";
import type { ReceiverClient, ReceiverLimits, ReceiverOptions } from "./options.ts";
import type { ReceiverParts } from "./parts.ts";
import type { Reason } from "./reasons.ts";
import { Refusals } from "./refusals.ts";
import type { StoreAccounts } from "./store.ts";

/** A piece of at most 1 MiB with everything around it. */
const MESSAGE_BYTES_MAX = 2 ** 20 + 2 ** 16;

/** Between two looks for unfinished writes that are too old: this part of their age, in these bounds. */
const SWEEPS_PER_AGE = 20;
const SWEEP_MS = { min: 100, max: 600_000 } as const;

/** Exact at every moment. `refused` counts from the start of the receiver, the rest from the first. */
export interface ReceiverAccounts extends StoreAccounts {
  readonly refused: Readonly<Partial<Record<Reason, number>>>;
}

export class Receiver {
  /** Where it listens. */
  readonly port: number;
  readonly #options: ReceiverOptions;
  readonly #parts: ReceiverParts;
  readonly #server: RpcServer;
  readonly #certificates: CertificateSource;
  readonly #limits: { now: ReceiverLimits };
  readonly #stopping = new AbortController();
  readonly #sweeping: Promise<void>;
  #stopped: Promise<void> | undefined;
  #final: StoreAccounts | undefined;

  private constructor(
    port: number,
    options: ReceiverOptions,
    parts: ReceiverParts,
    server: RpcServer,
    certificates: CertificateSource,
    limits: { now: ReceiverLimits },
  ) {
    this.port = port;
    this.#options = options;
    this.#parts = parts;
    this.#server = server;
    this.#certificates = certificates;
    this.#limits = limits;
    this.#sweeping = this.#sweep();
  }

  /**
   * Opens the folder and listens. Throws MapveilError: CONFIG for certificates that are no good, IO,
   * NO_SPACE or INTEGRITY for the folder, UNAVAILABLE if another process has folder or port.
   */
  static async start(options: ReceiverOptions): Promise<Receiver> {
    const { clock, log, certificatePath, keyPath, clientCaPath: caPath } = options;
    const store = await openLocalStore({ folder: options.dataDir, clock, log });
    const certificates = certificateSource({ certificatePath, keyPath, caPath, log, clock });
    const limits = { now: options.limits };
    const refusals = new Refusals();
    const clients = new ClientRegistry(options.clients, refusals);
    const [rates, wrongKeys] = [new ByteRates(clock), new ByteRates(clock)];
    const parts = { store, clients, refusals, rates, wrongKeys, clock, limits: () => limits.now };
    const server = serverOf(parts, options);
    try {
      const port = await server.listenTls(options.listen, certificates);
      log.info("receiver_started", { artefacts: store.accounts().kept });
      return new Receiver(port, options, parts, server, certificates, limits);
    } catch (error) {
      certificates.close();
      await server.stop(0);
      await store.close();
      throw error;
    }
  }

  /** Replaces who may call. Counts at once: open calls of others end at their next message. */
  setClients(clients: readonly ReceiverClient[]): void {
    this.#parts.clients.replace(clients);
  }

  /** Replaces the limits, for open calls too. */
  setLimits(limits: ReceiverLimits): void {
    this.#limits.now = limits;
  }

  /** What was taken, kept, deleted and refused; after `stop`, as it was in the end. */
  accounts(): ReceiverAccounts {
    const stored = this.#final ?? this.#parts.store.accounts();
    return { ...stored, refused: this.#parts.refusals.counts() };
  }

  /** When the certificate in use expires, in milliseconds since the Unix epoch, and what is wrong. */
  certificate(): { expiresMs: number | undefined; problem: string | undefined } {
    const expiresMs = this.#certificates.current()?.expiresMs;
    return { expiresMs, problem: this.#certificates.problem() };
  }

  /**
   * Stops taking calls, gives open ones `graceMs` milliseconds, and closes the folder. What was
   * received of unfinished writes is kept. Never throws.
   */
  stop(graceMs: number): Promise<void> {
    this.#stopped ??= this.#stop(graceMs);
    return this.#stopped;
  }

  async #stop(graceMs: number): Promise<void> {
    const { log } = this.#options;
    this.#stopping.abort();
    await this.#server.stop(graceMs);
    await this.#sweeping;
    this.#certificates.close();
    this.#final = this.#parts.store.accounts();
    await this.#parts.store.close().catch((error: Error) => {
      log.error("store_not_closed", { reason: error.name });
    });
    log.info("receiver_stopped");
  }

  /** Discards unfinished writes that nobody goes on with. */
  async #sweep(): Promise<void> {
    const { clock, log } = this.#options;
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      const { unfinishedMaxAgeMs } = this.#limits.now;
      const waitMs = Math.min(unfinishedMaxAgeMs / SWEEPS_PER_AGE, SWEEP_MS.max);
      await clock.sleep(Math.max(waitMs, SWEEP_MS.min), signal);
      if (signal.aborted) return;
      try {
        const artefacts = await this.#parts.store.discardIdle(unfinishedMaxAgeMs);
        if (artefacts > 0) log.info("writes_discarded", { artefacts, reason: "IDLE" });
      } catch (error) {
        log.warn("sweep_failed", { reason: (error as Error).name });
      }
    }
  }
}

function serverOf(parts: ReceiverParts, options: ReceiverOptions): RpcServer {
  const { callsPerClient } = parts.limits();
  const server = new RpcServer({
    authorise: parts.clients.authorise,
    log: options.log,
    limits: {
      maxMessageBytes: MESSAGE_BYTES_MAX,
      maxConcurrentStreamsPerConnection: callsPerClient,
      get maxCallsPerClient() {
        return parts.limits().callsPerClient;
      },
    },
  });
  return server
    .add(IngestService, ingestHandlers(parts))
    .add(ArtefactService, artefactHandlers(parts));
}
