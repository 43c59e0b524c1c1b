/** One stream of frames: what becomes of each, counted exactly and answered in order. */
import type { Clock } from "../core/clock.ts";
import { MapveilError } from "../core/errors.ts";
import type { Frame, PointLayout } from "../core/frame.ts";
import type * as wire from "../gen/mapveil/v1/sensor_service_pb.ts";
import type { DataClass, Gate, Language } from "../permission/index.ts";
import { isGathered, LEVELS, type Level } from "../policy/fields.ts";
import type { Policy } from "../policy/index.ts";
import type { RefusedReason, Spool } from "../spool/types.ts";
import type { Log } from "../telemetry/log.ts";
import { TokenBucket } from "../veil/token-bucket.ts";
import type { AddBarrier } from "./add-barrier.ts";
import { readFrame } from "./frame-message.ts";
import type { FramePool } from "./frame-pool.ts";
import type { GiveBack } from "./frame-thread.ts";
import type { SealedFrame, StreamRules } from "./frame-worker.ts";
import { LatencyMeter } from "./latency.ts";
import type { SidecarLimits } from "./options.ts";
import {
  type DropReason,
  dropped,
  type OtherRefusal,
  type Outcome,
  type ReleaseOutcome,
  refusalOf,
  refusedByOwner,
  refusedOtherwise,
  released,
  type TurnedAway,
} from "./receipts.ts";
import { StreamCore } from "./stream-core.ts";
import { type MapAdmission, type MapState, type ReleaseFate, StreamMap } from "./stream-map.ts";

/** What all streams share. */
export interface StreamParts {
  readonly gate: Gate;
  readonly spool: Spool;
  readonly barrier: AddBarrier;
  readonly pool: FramePool;
  readonly limits: SidecarLimits;
  /** Milliseconds between two releases of a map; 0 for none but those that are asked for. */
  readonly releaseEveryMs: number;
  /** Id of the key that artefacts are sealed for, 16 hexadecimal digits. */
  readonly recipient: string;
  readonly clock: Clock;
  readonly log: Log;
  /** The policy in force; another object when it changed. */
  readonly policy: () => Policy;
  /** Whether no further frame is taken. */
  readonly stopping: () => boolean;
}

/** What the client said when it opened the stream. */
export interface StreamTerms {
  readonly dataClass: DataClass;
  readonly layout: PointLayout;
  readonly inMapFrame: boolean;
  readonly flat: boolean;
  readonly language: Language;
}

/** What a frame was let into the core with. */
interface Admission {
  readonly epoch: bigint;
  readonly level: Level;
}

/** What becomes of a frame for the books, and what its client is told. */
interface Fate<O = Outcome> {
  /** What is still to be counted; undefined if the spool has counted the frame with its artefact. */
  readonly count: RefusedReason | undefined;
  readonly outcome: O;
}

const DROPPED_CODES: Readonly<Partial<Record<string, DropReason>>> = {
  BAD_INPUT: "BAD_FRAME",
  USAGE: "BAD_FRAME",
  TOO_LARGE: "TOO_LARGE",
  NO_SPACE: "DISK_FULL",
};

const NS_PER_MS = 1e6;
/** A sensor is a little faster than it says; and what has no capture time may come in bunches. */
const RATE_SLACK = 1.05;

export class FrameStream {
  readonly meter = new LatencyMeter();
  readonly #parts: StreamParts;
  readonly #terms: StreamTerms;
  readonly #giveBack: GiveBack | undefined;
  readonly #core: StreamCore;
  readonly #map: StreamMap;
  readonly #rate: TokenBucket;
  readonly #running = new Set<Promise<Outcome>>();
  /** Ends the stream while it waits for a frame. */
  onEvicted: (reason: Error) => void = () => {};
  /** Hears of releases that nobody asked for. */
  onRelease: (release: Promise<ReleaseOutcome>) => void = () => {};
  #rules: StreamRules | undefined;
  /** Until it resolves, one map ends and frames wait for the next one to begin. */
  #turning: Promise<void> | undefined;
  #inFlight = 0;
  #idleSinceMs: number;

  /** `giveBack` takes memory of messages that were worked on. */
  constructor(parts: StreamParts, terms: StreamTerms, giveBack?: GiveBack) {
    const { limits, pool, clock, log } = parts;
    this.#parts = parts;
    this.#giveBack = giveBack;
    this.#terms = terms;
    this.#core = new StreamCore(pool, clock, log);
    this.#map = new StreamMap({ ...parts, dataClass: terms.dataClass, core: this.#core });
    this.#rate = new TokenBucket(limits.rateHz * RATE_SLACK, limits.rateHz);
    this.#idleSinceMs = clock.monotonicMs();
  }

  get dataClass(): DataClass {
    return this.#terms.dataClass;
  }

  /** Frames that are being processed. */
  get inFlight(): number {
    return this.#inFlight;
  }

  /** How far its map has come; undefined if it has none. */
  get map(): MapState | undefined {
    return this.#map.state;
  }

  /** When it had its last frame, or was opened; monotonic. Later than any time while it works on one. */
  get idleSinceMs(): number {
    return this.#running.size > 0 ? Number.POSITIVE_INFINITY : this.#idleSinceMs;
  }

  /** Takes a frame and begins to work on it; the answer never rejects, and is counted by then. */
  take(message: wire.Frame): Promise<Outcome> {
    const { clock } = this.#parts;
    const arrivedMs = clock.monotonicMs();
    this.#idleSinceMs = arrivedMs;
    this.meter.arrived(arrivedMs);
    const running = this.#decide(message).finally(() => {
      this.#running.delete(running);
      this.meter.answered(clock.monotonicMs() - arrivedMs);
    });
    this.#running.add(running);
    if (this.#map.isDue) this.onRelease(this.release());
    return running;
  }

  /** Releases what the frames before put into the map; the answer never rejects, and is counted by then. */
  async release(): Promise<ReleaseOutcome> {
    const before = Promise.all(this.#running);
    const { count, outcome } = this.#releaseFate(await this.#map.release(before));
    if (count !== undefined) await this.#count(count);
    return outcome;
  }

  /** Releases the map for the last time, if there is one, and forgets what is held back. */
  async finish(): Promise<void> {
    await this.#turning;
    if (this.#map.state !== undefined) await this.#turnOver();
    await this.idle();
  }

  /** Forgets the map if it was begun under an epoch below this one, and what the core holds of a frame. */
  forget(epochFloor: bigint): void {
    this.#map.forget(epochFloor);
    this.#core.forgetFrame();
  }

  /** Resolves when every frame that was taken has its outcome, and the end of every map is counted. */
  async idle(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
    await this.#map.settled();
  }

  /** Waits for the frames that were taken, releases their map, and gives the core back. */
  async close(): Promise<void> {
    await this.finish();
    await this.#core.close();
  }

  async #decide(message: wire.Frame): Promise<Outcome> {
    const { limits, stopping } = this.#parts;
    let fate: Fate;
    if (stopping()) fate = this.#drop("STOPPING");
    else if (this.#inFlight >= limits.inFlight) fate = this.#drop("OVERLOADED");
    else {
      this.#inFlight++;
      fate = await this.#admit(message).catch((error) => this.#failed(error));
      this.#inFlight--;
    }
    // What the thread did not take over: a copy was enough, or it was turned away.
    const memory = message.data.buffer as ArrayBuffer;
    if (memory.byteLength > 0) this.#giveBack?.(memory);
    if (fate.count !== undefined) await this.#count(fate.count);
    return fate.outcome;
  }

  /** Asks the owner and the policy before anything of the frame is looked at. */
  async #admit(message: wire.Frame): Promise<Fate> {
    const { gate, limits, policy } = this.#parts;
    const { dataClass, layout } = this.#terms;
    const inForce = policy();
    const wanted = inForce.level === "nothing" ? "frames" : inForce.level;
    const decision = gate.decideUpload(dataClass, wanted);
    const rules = this.#rulesOf(inForce);
    // What was gathered under other terms ends here, also if this frame goes no further.
    if (!decision.allowed || inForce.level === "nothing" || !isGathered(decision.level)) {
      this.#map.forget();
    }
    if (!decision.allowed) return this.#refusedByOwner(decision);
    if (inForce.level === "nothing") return this.#refuse("POLICY_NOTHING", decision.epoch);
    const { frame, unknown } = readFrame(message, layout, limits.frameBytes);
    if (!this.#rate.take(this.#capturedMs(frame))) return this.#drop("TOO_FAST");
    const { epoch, level } = decision;
    if (isGathered(level)) return this.#gather(frame, { epoch, level }, rules);
    const made = { epoch, level };
    const sealed = await this.#core.thread(rules).process(frame, made, this.#giveBack);
    const { barrier } = this.#parts;
    return barrier.run(dataClass, () => this.#spool(sealed, made, unknown));
  }

  /** Puts a frame into the map; into another one if its time leaps ahead. */
  async #gather(frame: Frame, made: MapAdmission, rules: StreamRules): Promise<Fate> {
    if (this.#turning === undefined && this.#map.leapsWith(frame)) {
      this.#turning = this.#turnOver();
    }
    if (this.#turning !== undefined) await this.#turning;
    const taken = await this.#map.take(frame, made, rules, this.#giveBack);
    if (taken === "withdrawn") return this.#refuse("WITHDRAWN", this.#parts.gate.epoch);
    if ("allowed" in taken) return this.#refusedByOwner(taken);
    const { epoch } = made;
    return {
      count: undefined,
      outcome: { permissionEpoch: epoch, outcome: { case: "held", value: taken } },
    };
  }

  /** Releases the map, and ends it. */
  async #turnOver(): Promise<void> {
    const last = this.release();
    this.onRelease(last);
    await last;
    this.#map.forget();
    this.#turning = undefined;
  }

  #releaseFate(fate: ReleaseFate): Fate<ReleaseOutcome> {
    const { gate } = this.#parts;
    switch (fate.kind) {
      case "refused":
        // Nothing was made, so that there is nothing to count.
        return { ...this.#refusedByOwner(fate.decision), count: undefined };
      case "withdrawn": {
        const { count, outcome } = this.#refuse("WITHDRAWN", gate.epoch);
        return { count: fate.isCaptured ? count : undefined, outcome };
      }
      case "failed": {
        const { count, outcome } = this.#failed(fate.error);
        return { count: fate.isCaptured ? count : undefined, outcome };
      }
      default:
        return { count: undefined, outcome: released(fate, gate.epoch) };
    }
  }

  /** Asks again, and adds in the same breath: what the owner decided meanwhile holds. */
  async #spool(sealed: SealedFrame, made: Admission, unknown: readonly string[]): Promise<Fate> {
    const { gate, recipient, spool } = this.#parts;
    const { dataClass } = this.#terms;
    const { epoch, level } = made;
    const now = gate.decideUpload(dataClass, level);
    if (!now.allowed) return this.#refusedByOwner(now);
    const lowered = LEVELS.indexOf(now.level) < LEVELS.indexOf(level);
    if (lowered || epoch < gate.epochFloor(dataClass)) return this.#refuse("WITHDRAWN", now.epoch);
    const { veil, pointsIn, voxels, stripped } = sealed;
    const { id } = await spool.add({ dataClass, level, epoch, recipient, veil });
    // Withdrawn while it was written: the withdrawal destroys it and counts it.
    if (epoch < gate.epochFloor(dataClass)) {
      return { ...this.#refuse("WITHDRAWN", gate.epoch), count: undefined };
    }
    const value = {
      artefactId: id,
      sealedBytes: BigInt(veil.length),
      pointsIn,
      voxels,
      stripped: [...stripped, ...unknown],
    };
    return {
      count: undefined,
      outcome: { permissionEpoch: epoch, outcome: { case: "accepted", value } },
    };
  }

  /** Another object when the policy is another one, so that the core is told once. */
  #rulesOf(policy: Policy): StreamRules {
    if (this.#rules?.policy !== policy) {
      const { inMapFrame, flat } = this.#terms;
      this.#rules = { policy, inMapFrame, flat };
    }
    return this.#rules;
  }

  /** When a frame was captured, or arrived if nobody says; milliseconds that the rate is counted by. */
  #capturedMs({ stampNs }: Frame): number {
    return stampNs === undefined ? this.#parts.clock.monotonicMs() : Number(stampNs) / NS_PER_MS;
  }

  #refusedByOwner(
    decision: ReturnType<Gate["decideUpload"]> & { allowed: false },
  ): Fate<TurnedAway> {
    const { refusal, epoch } = decision;
    const outcome = refusedByOwner(refusal, epoch, this.#terms.language);
    return { count: refusal.reason, outcome };
  }

  #refuse(reason: OtherRefusal, epoch: bigint): Fate<TurnedAway> {
    return { count: reason, outcome: refusedOtherwise(reason, epoch, this.#terms.language) };
  }

  #drop(reason: DropReason, what = "", field = ""): Fate<TurnedAway> {
    const { epoch } = this.#parts.gate;
    return {
      count: reason,
      outcome: dropped(reason, epoch, this.#terms.language, { what, field }),
    };
  }

  #failed(error: unknown): Fate<TurnedAway> {
    const code = error instanceof MapveilError ? error.code : "INTERNAL";
    if (error instanceof MapveilError) {
      const refusal = refusalOf(error.details.reason);
      if (refusal !== undefined) return this.#refuse(refusal, this.#parts.gate.epoch);
      const reason = DROPPED_CODES[code];
      if (reason) return this.#drop(reason, error.message, error.details.field ?? "data");
    }
    this.#parts.log.error("frame_failed", { code });
    return this.#drop("INTERNAL");
  }

  async #count(reason: RefusedReason): Promise<void> {
    try {
      await this.#parts.spool.refuse(reason);
    } catch (error) {
      const code = error instanceof MapveilError ? error.code : "INTERNAL";
      this.#parts.log.error("frame_not_counted", { code, reason });
    }
  }
}
