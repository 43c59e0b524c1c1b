/** The life of a service: start, reload on SIGHUP, stop within its time on SIGTERM or SIGINT. */
import { setTimeout as sleep } from "node:timers/promises";
import type { ServiceSettings } from "../config/index.ts";
import { MapveilError } from "../core/errors.ts";
import { RpcError } from "../rpc/index.ts";
import {
  crashFields,
  createLog,
  readCrashes,
  type ServiceLog,
  serveTelemetry,
  type TelemetryServer,
} from "../telemetry/index.ts";
import type { CliIo, Signal } from "./io.ts";
import { packageVersion } from "./package-root.ts";

/** Milliseconds for the last lines of the log. */
const FLUSH_MS = 1000;

export interface ServiceConfig<C> {
  readonly service: ServiceSettings;
  changedKeys(other: C): string[];
}

/** Keys that the process around a service changes without a restart. */
const LIVE_KEYS = ["log.level", "stop_timeout"];

/** Whether a key is one of `keys`, or in a section among them. */
function isBelow(key: string, keys: readonly string[]): boolean {
  return keys.some((one) => key === one || key.startsWith(`${one}.`));
}

/** A service that runs. */
export interface RunningService<C> {
  /** What /metrics says. */
  readonly metrics: { readonly contentType: string; text(): Promise<string> };
  /** Whether it can do its work now. */
  isReady(): boolean;
  /** Keys and sections that a reload changes; all others need a restart. */
  readonly liveKeys: readonly string[];
  /** Takes over the live keys of another configuration. */
  reload(config: C): Promise<void>;
  /** Lets what runs come to its end, for at most `graceMs` milliseconds, and ends the rest. */
  stop(graceMs: number): Promise<void>;
}

export interface ServiceParts<C extends ServiceConfig<C>> {
  /** Where it keeps its state, and counts its crashes. */
  readonly folderOf: (config: C) => string;
  /** Reads and checks the configuration. */
  readonly load: () => Promise<C>;
  readonly start: (config: C, log: ServiceLog) => Promise<RunningService<C>>;
}

/** The code of an error, for the log. Its text may name files of this machine, so it is not logged. */
function codeOf(error: unknown): string {
  return error instanceof MapveilError || error instanceof RpcError ? error.code : "INTERNAL";
}

async function serve<C>(
  settings: ServiceSettings,
  { metrics }: RunningService<C>,
  isReady: () => boolean,
): Promise<TelemetryServer | undefined> {
  if (settings.metrics === undefined) return undefined;
  try {
    return await serveTelemetry({ listen: settings.metrics, metrics, isReady });
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const text = `metrics.listen: cannot listen there (${code}); choose another address.`;
    throw new MapveilError("IO", text, { field: "metrics.listen" }, cause);
  }
}

class Life<C extends ServiceConfig<C>> {
  readonly #parts: ServiceParts<C>;
  readonly #log: ServiceLog;
  readonly #service: RunningService<C>;
  /** What it was started with: keys that are not live stay like this. */
  readonly #started: C;
  #config: C;
  #reloading: Promise<void> = Promise.resolve();

  constructor(parts: ServiceParts<C>, config: C, log: ServiceLog, service: RunningService<C>) {
    this.#parts = parts;
    this.#started = config;
    this.#config = config;
    this.#log = log;
    this.#service = service;
  }

  get stopTimeoutMs(): number {
    return this.#config.service.stopTimeoutMs;
  }

  /** One reload after the other; a wrong file changes nothing. */
  reload(): void {
    this.#reloading = this.#reloading.then(() => this.#reload());
  }

  async #reload(): Promise<void> {
    try {
      const next = await this.#parts.load();
      const changed = next.changedKeys(this.#config);
      const live = [...this.#service.liveKeys, ...LIVE_KEYS];
      await this.#service.reload(next);
      this.#log.setLevel(next.service.logLevel);
      this.#config = next;
      const count = changed.filter((key) => isBelow(key, live)).length;
      this.#log.info("configuration_reloaded", { count });
      const waiting = next.changedKeys(this.#started).filter((key) => !isBelow(key, live));
      for (const key of waiting) this.#log.warn("restart_needed", { key });
    } catch (error) {
      this.#log.error("configuration_rejected", { code: codeOf(error) });
    }
  }

  /** Stops in time; true if everything came to its end. */
  async stop(): Promise<boolean> {
    // The last moments are for cutting what did not end by itself.
    const timeoutMs = this.stopTimeoutMs;
    const graceMs = Math.max(0, timeoutMs - Math.min(1000, timeoutMs / 2));
    const stopped = this.#service.stop(graceMs).then(() => true);
    return Promise.race([stopped, sleep(timeoutMs, false, { ref: false })]);
  }
}

/** Signals while a service runs: the first that stops, reloads, and the second that ends the process. */
class Signals {
  readonly #io: CliIo;
  readonly #giveBack: () => void;
  #stop: (signal: Signal) => void = () => {};
  #isStopping = false;
  #reload: (() => void) | undefined;
  #mustReload = false;
  /** The signal that stops the service. */
  readonly stopped = new Promise<Signal>((resolve) => {
    this.#stop = resolve;
  });

  constructor(io: CliIo) {
    this.#io = io;
    this.#giveBack = io.host.takeSignals((signal) => this.#take(signal));
  }

  #take(signal: Signal): void {
    if (signal === "SIGHUP") {
      if (this.#isStopping) return;
      this.#mustReload = this.#reload === undefined;
      this.#reload?.();
    } else if (this.#isStopping) {
      this.#io.host.exit(signal === "SIGINT" ? 130 : 143);
    } else {
      this.#isStopping = true;
      this.#stop(signal);
    }
  }

  /** Whether a signal came that stops the service. */
  get isStopping(): boolean {
    return this.#isStopping;
  }

  /** Does what SIGHUP asks for from now on, and what it asked for since the settings were read. */
  reloadWith(reload: () => void): void {
    this.#reload = reload;
    if (this.#mustReload) reload();
    this.#mustReload = false;
  }

  giveBack(): void {
    this.#giveBack();
  }
}

/**
 * Runs a service until a signal stops it. Throws CONFIG and the like if it cannot start.
 * @returns the exit code: 0 if it stopped by itself, 1 if its time was over first
 */
export async function runService<C extends ServiceConfig<C>>(
  io: CliIo,
  parts: ServiceParts<C>,
): Promise<number> {
  const signals = new Signals(io);
  try {
    return await run(io, parts, signals);
  } finally {
    signals.giveBack();
  }
}

async function run<C extends ServiceConfig<C>>(
  io: CliIo,
  parts: ServiceParts<C>,
  signals: Signals,
): Promise<number> {
  const config = await parts.load();
  io.host.guard?.protectService(parts.folderOf(config));
  const log = createLog({ level: config.service.logLevel, stream: io.host.log });
  let service: RunningService<C> | undefined;
  try {
    const running = await parts.start(config, log);
    service = running;
    const isReady = () => !signals.isStopping && running.isReady();
    const telemetry = await serve(config.service, running, isReady);
    const life = new Life(parts, config, log, running);
    signals.reloadWith(() => life.reload());
    const crashes = readCrashes(parts.folderOf(config));
    if (crashes.last)
      log.warn("crashed_before", { count: crashes.count, ...crashFields(crashes.last) });
    log.info("started", { version: packageVersion() });
    log.info("stopping", { signal: await signals.stopped });
    const isDone = await life.stop();
    await telemetry?.close();
    if (isDone) log.info("stopped");
    else log.error("stop_timed_out", { durationMs: life.stopTimeoutMs });
    await log.flush(FLUSH_MS);
    // What did not end in time would keep the process alive.
    if (!isDone) io.host.exit(1);
    return isDone ? 0 : 1;
  } catch (error) {
    await service?.stop(0).catch(() => {});
    await log.flush(FLUSH_MS);
    throw error;
  }
}
