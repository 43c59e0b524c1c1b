/** One stream of frames: what becomes of each, counted exactly and answered in order. */
import type { Clock } from "../core/clock.ts";
import { MapveilError } from "../core/errors.ts";
import type { PointLayout } from "../core/frame.ts";
import type * as wire from "../gen/mapveil/v1/sensor_service_pb.ts";
import type { DataClass, Gate, Language } from "../permission/index.ts";
import { LEVELS, type Level } from "../policy/fields.ts";
import type { Policy } from "../policy/index.ts";
import type { RefusedReason, Spool } from "../spool/types.ts";
import type { Log } from "../telemetry/log.ts";
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
  refusedByOwner,
  refusedOtherwise,
} from "./receipts.ts";
import { StreamCore } from "./stream-core.ts";

/** What all streams share. */
export interface StreamParts {
  readonly gate: Gate;
  readonly spool: Spool;
  readonly barrier: AddBarrier;
  readonly pool: FramePool;
  readonly limits: SidecarLimits;
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
  readonly language: Language;
}

/** What a frame was let into the core with. */
interface Admission {
  readonly epoch: bigint;
  readonly level: Level;
}

/** What becomes of a frame for the books, and what its client is told. */
interface Fate {
  /** What is still to be counted; undefined if the spool has counted the frame with its artefact. */
  readonly count: RefusedReason | undefined;
  readonly outcome: Outcome;
}

const DROPPED_CODES: Readonly<Partial<Record<string, DropReason>>> = {
  BAD_INPUT: "BAD_FRAME",
  USAGE: "BAD_FRAME",
  TOO_LARGE: "TOO_LARGE",
  NO_SPACE: "DISK_FULL",
};

export class FrameStream {
  readonly meter = new LatencyMeter();
  readonly #parts: StreamParts;
  readonly #terms: StreamTerms;
  readonly #giveBack: GiveBack | undefined;
  readonly #core: StreamCore;
  readonly #running = new Set<Promise<Outcome>>();
  /** Ends the stream while it waits for a frame. */
  onEvicted: (reason: Error) => void = () => {};
  #rules: StreamRules | undefined;
  #inFlight = 0;
  #idleSinceMs: number;

  /** `giveBack` takes memory of messages that were worked on. */
  constructor(parts: StreamParts, terms: StreamTerms, giveBack?: GiveBack) {
    this.#parts = parts;
    this.#giveBack = giveBack;
    this.#terms = terms;
    this.#core = new StreamCore(parts.pool, parts.clock, parts.log);
    this.#idleSinceMs = parts.clock.monotonicMs();
  }

  get dataClass(): DataClass {
    return this.#terms.dataClass;
  }

  /** Frames that are being processed. */
  get inFlight(): number {
    return this.#inFlight;
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
    return running;
  }

  /** Resolves when every frame that was taken has its outcome. */
  async idle(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
  }

  /** Waits for the frames that were taken, and gives the core back. */
  async close(): Promise<void> {
    await this.idle();
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
    if (!decision.allowed) return this.#refusedByOwner(decision);
    if (inForce.level === "nothing") return this.#refuse("POLICY_NOTHING", decision.epoch);
    const { frame, unknown } = readFrame(message, layout, limits.frameBytes);
    const { epoch, level } = decision;
    const made = { epoch, level };
    const rules = this.#rulesOf(inForce);
    const sealed = await this.#core.process(frame, made, rules, this.#giveBack);
    const { barrier } = this.#parts;
    return barrier.run(dataClass, () => this.#spool(sealed, made, unknown));
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
      this.#rules = { policy, inMapFrame: this.#terms.inMapFrame };
    }
    return this.#rules;
  }

  #refusedByOwner(decision: ReturnType<Gate["decideUpload"]> & { allowed: false }): Fate {
    const { refusal, epoch } = decision;
    const outcome = refusedByOwner(refusal, epoch, this.#terms.language);
    return { count: refusal.reason, outcome };
  }

  #refuse(reason: OtherRefusal, epoch: bigint): Fate {
    return { count: reason, outcome: refusedOtherwise(reason, epoch, this.#terms.language) };
  }

  #drop(reason: DropReason, what = "", field = ""): Fate {
    const { epoch } = this.#parts.gate;
    return {
      count: reason,
      outcome: dropped(reason, epoch, this.#terms.language, { what, field }),
    };
  }

  #failed(error: unknown): Fate {
    const code = error instanceof MapveilError ? error.code : "INTERNAL";
    if (error instanceof MapveilError) {
      // The sanitizer refuses but for one thing: no pose where the policy has no-go areas.
      if (code === "REFUSED") return this.#refuse("POSE_MISSING", this.#parts.gate.epoch);
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
