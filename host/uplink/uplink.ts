/**
 * Brings what waits in the spool to the receiver, once, whole, and only while the gate allows it.
 *
 * One loop starts the uploads, in the order of the spool, as many at a time as the options say, each
 * with one artefact in memory. A failure of the link makes all wait; an artefact that fails again
 * and again is passed over for a while, so that it blocks no other. With a cadence, what was there at
 * a tick leaves at that tick, and nothing in between but withdrawals. A connection carries one
 * pseudonym: for the next one it is closed and another is made. An artefact counts as uploaded only
 * after the receiver said that it has it whole: a robot that dies in between sends the last
 * piece again, and the receiver says so again.
 */
import { MapveilError } from "../core/errors.ts";
import type { DataClass } from "../permission/vocabulary.ts";
import { RpcError } from "../rpc/index.ts";
import type { SpooledArtefact } from "../spool/types.ts";
import { backoffMs } from "./backoff.ts";
import { Bandwidth } from "./bandwidth.ts";
import { Floors } from "./floors.ts";
import { leaversNow, mayLeave } from "./may-leave.ts";
import { newProgress, type Progress } from "./progress.ts";
import { Sender } from "./sender.ts";
import type { IngestLink, SourceName, UplinkParts, UplinkPhase, UplinkState } from "./types.ts";
import { problemOf, type Verdict, verdictOf } from "./verdict.ts";
import { UploadWindow } from "./window.ts";
import { artefactName } from "./wire-names.ts";

/** The gate may open, and the clock go on, without a word: looked at again after this. */
const LOOK_AGAIN_MS = 1_000;
/** Failures in a row after which others go first. */
const FAILURES_MAX = 3;
/** Answers in a row that the bytes arrived damaged, after which the artefact counts as refused. */
const CORRUPTIONS_MAX = 3;
/** Longest pause that a receiver may ask for: it must not stop a robot for good. */
const RETRY_DELAY_MS_MAX = 3_600_000;
/** Artefacts whose progress is remembered; a forgotten one is told its offset by the receiver. */
const PROGRESS_MAX = 1_000;

interface Job {
  readonly artefact: SpooledArtefact;
  readonly over: AbortController;
  readonly done: Promise<void>;
}

/** A connection, and the only pseudonym that is used on it. */
interface NamedLink {
  readonly link: IngestLink;
  readonly name: SourceName;
}

export class Uplink {
  readonly #parts: UplinkParts;
  readonly #sender: Sender;
  readonly #floors: Floors;
  readonly #window: UploadWindow;
  readonly #jobs = new Map<string, Job>();
  /** Of artefacts that failed; others begin at the first byte. */
  readonly #progress = new Map<string, Progress>();
  readonly #over = new AbortController();
  readonly #figures = {
    sentBytes: 0,
    resentBytes: 0,
    confirmed: 0,
    confirmMs: undefined as number | undefined,
  };
  #link: NamedLink | undefined;
  #isLinkBad = false;
  #linkFailures = 0;
  #waiting: { retryAtMs: number; wallMs: number; problem: string } | undefined;
  #wakeUp = () => {};
  #loop: Promise<void> | undefined;
  #isStopping = false;

  constructor(parts: UplinkParts) {
    const { options, clock, random, spool } = parts;
    this.#parts = parts;
    this.#floors = new Floors(parts);
    this.#window = new UploadWindow(options, spool, clock, random);
    const bandwidth = new Bandwidth(options.bandwidthBytesPerS, clock);
    this.#sender = new Sender(parts, bandwidth, (bytes, resentBytes) => {
      this.#figures.sentBytes += bytes;
      this.#figures.resentBytes += resentBytes;
    });
  }

  /** Begins to upload. USAGE if it was started or stopped before. */
  start(): void {
    if (this.#loop || this.#isStopping) {
      throw new MapveilError("USAGE", "The uplink was started or stopped before; make a new one.");
    }
    const end = this.#parts.spool.onChange(() => this.#wakeUp());
    this.#loop = this.#run().finally(end);
  }

  /**
   * Stops: lets what is on its way end within `graceMs`, then cancels it. What was not confirmed
   * stays in the spool. Resolves when no call is open any more.
   */
  async stop(graceMs: number): Promise<void> {
    this.#isStopping = true;
    this.#wakeUp();
    const grace = new AbortController();
    const jobs = Promise.all([...this.#jobs.values()].map(({ done }) => done));
    await Promise.race([jobs, this.#parts.clock.sleep(graceMs, grace.signal)]);
    grace.abort();
    this.#over.abort();
    this.#wakeUp();
    for (const { over } of this.#jobs.values()) over.abort();
    await Promise.all([...this.#jobs.values()].map(({ done }) => done));
    await this.#loop;
    this.#dropLink();
  }

  /**
   * The owner withdrew the class; the gate says so already. Resolves when no byte of the class can
   * be written any more; the receiver is told in the background until it knows.
   */
  async withdraw(dataClass: DataClass): Promise<void> {
    const jobs = [...this.#jobs.values()].filter(
      ({ artefact }) => artefact.dataClass === dataClass,
    );
    for (const { over } of jobs) over.abort();
    await Promise.all(jobs.map(({ done }) => done));
    // What the receiver has of these serves nobody; nor do bytes of them that are still on some way.
    for (const { artefact } of this.#progress.values()) {
      const isWithdrawn = artefact.epoch < this.#parts.gate.epochFloor(dataClass);
      if (artefact.dataClass !== dataClass || !isWithdrawn) continue;
      this.#progress.delete(artefact.id);
      this.#floors.owe(this.#parts.names.sourceOf(artefact), dataClass);
    }
    this.#wakeUp();
  }

  /** What it does, and figures since it was made. */
  state(): UplinkState {
    const leftMs = this.#window.nextTickMs();
    const nextTickMs = leftMs === undefined ? undefined : this.#parts.clock.wallMs() + leftMs;
    return { ...this.#phase(), ...this.#figures, nextTickMs };
  }

  #phase(): UplinkPhase {
    if (!this.#loop || this.#isStopping) return { phase: "stopped" };
    if (this.#waiting) {
      const { wallMs, problem } = this.#waiting;
      return { phase: "waiting", retryAtMs: wallMs, problem };
    }
    if (this.#jobs.size > 0) return { phase: "uploading", artefacts: this.#jobs.size };
    return { phase: "idle" };
  }

  async #run(): Promise<void> {
    while (!this.#isStopping) {
      // Made before the look at what there is to do, so that no news between the two is lost.
      const awake = new AbortController();
      this.#wakeUp = () => awake.abort();
      const pauseMs = await this.#step();
      if (this.#isStopping) return;
      await this.#parts.clock.sleep(pauseMs, awake.signal);
    }
  }

  /** Starts whatever can be started; milliseconds until the next look. */
  async #step(): Promise<number> {
    const nowMs = this.#parts.clock.monotonicMs();
    if (this.#waiting && nowMs < this.#waiting.retryAtMs) return this.#waiting.retryAtMs - nowMs;
    this.#waiting = undefined;
    if (this.#isLinkBad && this.#jobs.size === 0) this.#dropLink();
    try {
      const name = this.#nextName();
      if (name !== undefined && (await this.#hasLinkFor(name))) this.#startJobs();
      if (this.#jobs.size > 0 || this.#nextName() !== undefined) return LOOK_AGAIN_MS;
      this.#rest();
    } catch (error) {
      if (this.#isStopping) return 0;
      this.#linkFailed(problemOf(error), error instanceof RpcError ? (error.retryDelayMs ?? 0) : 0);
      return 0;
    }
    return this.#window.pauseMs(LOOK_AGAIN_MS);
  }

  /** The pseudonym under which there is something to do: withdrawals first, then the next artefact. */
  #nextName(): SourceName | undefined {
    const isOpen = this.#window.isOpen();
    const owed = this.#floors.next();
    if (owed !== undefined || !isOpen) return owed;
    for (const artefact of this.#startable()) return this.#parts.names.sourceOf(artefact);
    return undefined;
  }

  /**
   * Makes a connection for this pseudonym, if there is none, and says over it what is owed. False
   * while another pseudonym still has uploads under way on its own, or if a stop has begun.
   */
  async #hasLinkFor(name: SourceName): Promise<boolean> {
    if (this.#link && this.#link.name.source !== name.source) {
      if (this.#jobs.size > 0) return false;
      this.#dropLink();
    }
    this.#link ??= { link: this.#parts.connect(), name };
    await this.#floors.announce(this.#link.link, name, this.#over.signal);
    return !this.#isStopping;
  }

  /** Nothing is left to do: a connection that stays would outlive its tick, or its pseudonym. */
  #rest(): void {
    const { names, clock } = this.#parts;
    const isOfNow = this.#link?.name.source === names.sourceAt(clock.wallMs()).source;
    if (this.#window.close() || !isOfNow) this.#dropLink();
  }

  /** Artefacts that could set out now, in the order of the spool. */
  *#startable(): Generator<SpooledArtefact> {
    const isLeaver = leaversNow(this.#parts.gate);
    let seen = 0;
    for (let limit = 64; ; limit *= 4) {
      const waiting = this.#parts.spool.nextToUpload(limit);
      for (const artefact of waiting.slice(seen)) {
        if (this.#window.has(artefact) && this.#canStart(artefact) && isLeaver(artefact)) {
          yield artefact;
        }
      }
      seen = waiting.length;
      if (seen < limit) return;
    }
  }

  /** Starts what may set out over the link, up to the first that has another pseudonym. */
  #startJobs(): void {
    const { link, name } = this.#link!;
    if (!this.#window.isOpen()) return;
    for (const artefact of this.#startable()) {
      if (this.#jobs.size >= this.#parts.options.parallel) return;
      if (this.#parts.names.sourceOf(artefact).source !== name.source) return;
      this.#window.take(artefact);
      this.#startJob(link, name.source, artefact);
    }
  }

  #canStart({ id }: SpooledArtefact): boolean {
    if (this.#jobs.has(id)) return false;
    const notBeforeMs = this.#progress.get(id)?.notBeforeMs ?? 0;
    return this.#parts.clock.monotonicMs() >= notBeforeMs;
  }

  #startJob(link: IngestLink, source: string, artefact: SpooledArtefact): void {
    const over = new AbortController();
    const done = this.#upload(link, source, artefact, over.signal)
      // The spool could not be read or written: it is tried again like a link that failed.
      .catch((error: unknown) => {
        this.#linkFailed(problemOf(error), 0);
        const progress = this.#progressOf(artefact);
        progress.failures++;
        this.#setAside(progress);
      })
      .finally(() => {
        this.#jobs.delete(artefact.id);
        this.#wakeUp();
      });
    this.#jobs.set(artefact.id, { artefact, over, done });
  }

  /** The whole of a job: as many attempts as bring it on at once, and the entry in the accounts. */
  async #upload(
    link: IngestLink,
    source: string,
    artefact: SpooledArtefact,
    signal: AbortSignal,
  ): Promise<void> {
    const { spool, clock } = this.#parts;
    const veil = await spool.read(artefact.id);
    if (!veil) return this.#gone(link, artefact, signal);
    if (signal.aborted) return;
    const progress = this.#progressOf(artefact);
    const beganMs = clock.monotonicMs();
    try {
      await this.#sender.send(link, source, artefact, veil, progress, signal);
    } catch (error) {
      if (signal.aborted || !mayLeave(this.#parts.gate, artefact)) return;
      await this.#judged(artefact, progress, verdictOf(error, artefact.sealedBytes));
      return;
    }
    this.#figures.confirmMs = clock.monotonicMs() - beganMs;
    await this.#confirmed(artefact);
  }

  #progressOf(artefact: SpooledArtefact): Progress {
    const { id } = artefact;
    if (this.#progress.size >= PROGRESS_MAX) {
      for (const other of this.#progress.keys()) {
        if (!this.#jobs.has(other)) this.#progress.delete(other);
      }
    }
    const progress = this.#progress.get(id) ?? newProgress(artefact);
    this.#progress.set(id, progress);
    return progress;
  }

  async #judged(artefact: SpooledArtefact, progress: Progress, verdict: Verdict): Promise<void> {
    if (verdict.kind === "uploaded") return this.#confirmed(artefact);
    if (verdict.kind === "refused") return this.#refused(artefact, verdict.reason);
    const { log } = this.#parts;
    if (verdict.kind === "link") {
      // An attempt that began farther on than the one before shows that the link lets something pass.
      if (progress.failures === 0) this.#linkFailures = 0;
      this.#linkFailed(verdict.problem, verdict.retryDelayMs);
    } else if (verdict.kind === "corrupted") {
      if (++progress.corruptions >= CORRUPTIONS_MAX) {
        return this.#refused(artefact, "RECEIVER_REFUSED");
      }
      progress.offset = 0;
    } else if (verdict.kind === "resume") {
      progress.offset = verdict.offset;
    } else {
      log.warn("upload_failed", { code: verdict.problem, dataClass: artefact.dataClass });
    }
    progress.failures++;
    if (verdict.kind !== "later" && progress.failures < FAILURES_MAX) return;
    this.#setAside(progress);
  }

  /** Others go first for a while. */
  #setAside(progress: Progress): void {
    const { clock, random } = this.#parts;
    const fromMs = Math.max(clock.monotonicMs(), this.#waiting?.retryAtMs ?? 0);
    progress.notBeforeMs = fromMs + Math.max(LOOK_AGAIN_MS, backoffMs(progress.failures, random));
  }

  async #confirmed(artefact: SpooledArtefact): Promise<void> {
    await this.#parts.spool.markUploaded(artefact.id);
    this.#figures.confirmed++;
    this.#linkFailures = 0;
    this.#progress.delete(artefact.id);
  }

  async #refused(
    artefact: SpooledArtefact,
    reason: "RECEIVER_REFUSED" | "STALE_EPOCH",
  ): Promise<void> {
    await this.#parts.spool.reject(artefact.id, reason);
    this.#progress.delete(artefact.id);
    this.#parts.log.warn("artefact_refused", { reason, dataClass: artefact.dataClass });
  }

  /** It had to make room, or was damaged: what the receiver has of it serves nobody. */
  async #gone(link: IngestLink, artefact: SpooledArtefact, signal: AbortSignal): Promise<void> {
    const hasBegun = this.#progress.delete(artefact.id);
    if (!hasBegun) return;
    const timeoutMs = this.#parts.options.stallTimeoutMs;
    const name = artefactName(artefact);
    await link.client.cancelWrite({ name }, { timeoutMs, signal }).catch(() => {});
  }

  #linkFailed(problem: string, retryDelayMs: number): void {
    const { clock, random, log } = this.#parts;
    this.#isLinkBad = true;
    // Uploads that fail together are one failure of the link.
    if (!this.#waiting) this.#linkFailures++;
    const askedMs = Math.min(retryDelayMs, RETRY_DELAY_MS_MAX);
    const pauseMs = Math.max(askedMs, backoffMs(Math.max(1, this.#linkFailures), random));
    const retryAtMs = Math.max(this.#waiting?.retryAtMs ?? 0, clock.monotonicMs() + pauseMs);
    this.#waiting = { retryAtMs, wallMs: clock.wallMs() + pauseMs, problem };
    log.warn("link_failed", { code: problem, delayMs: pauseMs });
  }

  #dropLink(): void {
    this.#link?.link.close();
    this.#link = undefined;
    this.#isLinkBad = false;
  }
}
