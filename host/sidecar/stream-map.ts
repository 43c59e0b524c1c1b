/**
 * The map of one stream: scans go in, releases come out. The map itself is in the thread's memory
 * and never on a disk; here is what the owner, the policy and the books have to say about it.
 */
import type { Clock } from "../core/clock.ts";
import { MapveilError } from "../core/errors.ts";
import type { Frame } from "../core/frame.ts";
import type { DataClass, Gate } from "../permission/index.ts";
import { LEVELS } from "../policy/fields.ts";
import { type GatheredLevel, holdBackMs, type Level } from "../policy/index.ts";
import type { Spool } from "../spool/types.ts";
import type { Log } from "../telemetry/log.ts";
import type { AddBarrier } from "./add-barrier.ts";
import type { FrameThread, GiveBack } from "./frame-thread.ts";
import type { MadeRelease, StreamRules } from "./frame-worker.ts";
import type { StreamCore } from "./stream-core.ts";

const NS_PER_MS = 1e6;

/** What a map needs of its stream and of its sidecar. */
export interface StreamMapParts {
  readonly gate: Gate;
  readonly spool: Spool;
  readonly barrier: AddBarrier;
  /** Id of the key that artefacts are sealed for, 16 hexadecimal digits. */
  readonly recipient: string;
  readonly dataClass: DataClass;
  readonly core: StreamCore;
  readonly clock: Clock;
  readonly log: Log;
  /** Milliseconds between two releases; 0 for none but those that are asked for. */
  readonly releaseEveryMs: number;
}

/** What a scan was let into the map with. */
export interface MapAdmission {
  readonly epoch: bigint;
  readonly level: GatheredLevel;
}

/** Scans in the map, and those of them that are held back. */
export interface MapState {
  readonly scans: number;
  readonly heldBack: number;
}

/** What became of a release. */
export type ReleaseFate =
  | { readonly kind: "spooled"; readonly artefact: SpooledRelease; readonly epoch: bigint }
  | { readonly kind: "nothing"; readonly heldBack: number }
  /** The owner did not let it pass: the map is gone. */
  | { readonly kind: "refused"; readonly decision: Decision }
  /** The owner withdrew; it counts as captured if it was made and is nowhere else counted. */
  | { readonly kind: "withdrawn"; readonly isCaptured: boolean }
  /** It could not be made, or not be kept: then it counts as captured. */
  | { readonly kind: "failed"; readonly error: unknown; readonly isCaptured: boolean };

export interface SpooledRelease {
  readonly id: string;
  readonly level: GatheredLevel;
  readonly sealedBytes: number;
  readonly scans: number;
  readonly voxels: number;
  readonly removed: number;
}

type Decision = ReturnType<Gate["decideUpload"]> & { allowed: false };

/** One map, from its first scan to its end. */
interface Session {
  /** Number of the map in its stream, by which the thread knows it. */
  readonly id: number;
  /** Epoch and level of its first scan: a withdrawal since then takes all of it. */
  readonly made: MapAdmission;
  readonly rules: StreamRules;
  readonly thread: FrameThread;
  state: MapState;
  /** Scans that are counted as mapped, and those of them that are in a release. */
  counted: number;
  released: number;
  /** Whether scans were taken since the last release, and how many may be at the moment. */
  isFresh: boolean;
  underway: number;
  isOver: boolean;
  releasedAtMs: number;
  /** Capture time of the newest scan that was offered, and when it arrived. */
  newestNs: bigint;
  arrivedMs: number;
  /** Releases that are on their way, one after the other. */
  releasing: Promise<unknown>;
}

export class StreamMap {
  readonly #parts: StreamMapParts;
  #current: Session | undefined;
  #begun = 0;
  /** Ends whose counts are not on the disk yet. */
  readonly #ending = new Set<Promise<void>>();

  constructor(parts: StreamMapParts) {
    this.#parts = parts;
  }

  /** How far the map has come; undefined if there is none. */
  get state(): MapState | undefined {
    return this.#current?.state;
  }

  /** Whether the next release by the clock is due. */
  get isDue(): boolean {
    const { clock, releaseEveryMs } = this.#parts;
    const map = this.#current;
    if (map === undefined || releaseEveryMs === 0) return false;
    return clock.monotonicMs() - map.releasedAtMs >= releaseEveryMs;
  }

  /**
   * Whether capture times leap ahead of the robot's stopwatch, as when its clock is set: in a map that
   * went on, what is held back would seem old enough to leave.
   */
  leapsWith({ stampNs }: Frame): boolean {
    const map = this.#current;
    if (map === undefined || stampNs === undefined || map.state.scans + map.underway === 0) {
      return false;
    }
    const { policy } = map.rules;
    const passedMs = this.#parts.clock.monotonicMs() - map.arrivedMs;
    const leapMs = Number(stampNs - map.newestNs) / NS_PER_MS - passedMs;
    return holdBackMs(policy) > 0 && leapMs > holdBackMs(policy);
  }

  /**
   * Puts a scan into the map, of which there is another one if level, policy or thread changed, or
   * if the owner withdrew since the map began. Resolves with how far the map is when the scan is
   * counted as mapped; with the owner's decision, or "withdrawn", if that changed meanwhile: then
   * nothing is counted.
   * @throws MapveilError as FrameThread.scan does, NO_SPACE, IO; nothing is counted then
   */
  async take(
    frame: Frame,
    made: MapAdmission,
    rules: StreamRules,
    giveBack?: GiveBack,
  ): Promise<MapState | Decision | "withdrawn"> {
    const map = this.#open(made, rules);
    let state: MapState;
    const { stampNs = 0n } = frame;
    if (stampNs > map.newestNs) map.newestNs = stampNs;
    map.arrivedMs = this.#parts.clock.monotonicMs();
    map.underway++;
    try {
      state = await map.thread.scan(frame, { map: map.id, level: made.level }, giveBack);
    } catch (error) {
      if (!map.thread.alive) this.#end(map);
      throw error;
    } finally {
      map.underway--;
    }
    const now = this.#askAgain(map);
    if (now !== undefined) return now;
    map.state = state;
    map.isFresh = true;
    await this.#count(map);
    return state;
  }

  /** Forgets the map, if there is one that was begun before this epoch: what is in no release is gone. */
  forget(epochFloor?: bigint): void {
    const map = this.#current;
    if (map === undefined) return;
    if (epochFloor === undefined || map.made.epoch < epochFloor) this.#end(map);
  }

  /**
   * Releases what the map may tell by now; the map goes on.
   * @param before settles when all scans that were taken before have been counted
   */
  release(before: Promise<unknown>): Promise<ReleaseFate> {
    const map = this.#current;
    if (map === undefined) return Promise.resolve({ kind: "nothing", heldBack: 0 });
    map.releasedAtMs = this.#parts.clock.monotonicMs();
    const fate = map.releasing.then(() => this.#release(map, before));
    map.releasing = fate;
    return fate;
  }

  /** Resolves when all that became of maps is counted. */
  async settled(): Promise<void> {
    while (this.#ending.size > 0) await Promise.all(this.#ending);
  }

  #open(made: MapAdmission, rules: StreamRules): Session {
    const { clock, core, gate, dataClass } = this.#parts;
    const map = this.#current;
    const goesOn =
      map?.thread.alive &&
      map.rules === rules &&
      map.made.level === made.level &&
      map.made.epoch >= gate.epochFloor(dataClass);
    if (map && goesOn) return map;
    if (map) this.#end(map);
    const session: Session = {
      id: ++this.#begun,
      made,
      rules,
      thread: core.thread(rules),
      state: { scans: 0, heldBack: 0 },
      counted: 0,
      released: 0,
      isFresh: false,
      underway: 0,
      isOver: false,
      releasedAtMs: clock.monotonicMs(),
      newestNs: 0n,
      arrivedMs: clock.monotonicMs(),
      releasing: Promise.resolve(),
    };
    this.#current = session;
    return session;
  }

  /** Whether what was made under the map's epoch and level may still leave; ends the map if not. */
  #askAgain(map: Session): Decision | "withdrawn" | undefined {
    const { gate, dataClass } = this.#parts;
    const { epoch, level } = map.made;
    const now = gate.decideUpload(dataClass, level);
    if (now.allowed && !isLower(now.level, level) && epoch >= gate.epochFloor(dataClass)) {
      return undefined;
    }
    this.#end(map);
    return now.allowed ? "withdrawn" : now;
  }

  async #count(map: Session): Promise<void> {
    const { spool } = this.#parts;
    if (map.isOver) {
      // Another map was begun while the scan was on its way into this one.
      await spool.countMapped();
      await this.#countLost(1);
      return;
    }
    map.counted++;
    try {
      await spool.countMapped();
    } catch (error) {
      map.counted--;
      // A scan that the books do not know must not leave.
      this.#end(map);
      throw error;
    }
  }

  /** The map ends here and now; what it is counted as follows. */
  #end(map: Session): void {
    if (map.isOver) return;
    map.isOver = true;
    if (this.#current === map) this.#current = undefined;
    map.thread.forgetMap();
    // Once it is known whether the last release came about.
    const ending: Promise<void> = map.releasing
      .then(() => this.#countLost(map.counted - map.released))
      .finally(() => this.#ending.delete(ending));
    this.#ending.add(ending);
  }

  /** Counts scans that are in no release and will be in none; never fails. */
  async #countLost(scans: number): Promise<void> {
    if (scans === 0) return;
    await this.#parts.spool.countLost(scans).catch((error: unknown) => {
      const code = error instanceof MapveilError ? error.code : "INTERNAL";
      this.#parts.log.error("lost_scans_not_counted", { code, count: scans });
    });
  }

  async #release(map: Session, before: Promise<unknown>): Promise<ReleaseFate> {
    if (map.isOver) return { kind: "nothing", heldBack: 0 };
    const now = this.#askAgain(map);
    if (now === "withdrawn") return { kind: "withdrawn", isCaptured: false };
    if (now !== undefined) return { kind: "refused", decision: now };
    const { heldBack } = map.state;
    if (!map.isFresh && map.underway === 0) return { kind: "nothing", heldBack };
    map.isFresh = false;
    let isCaptured = false;
    try {
      const made = await map.thread.release({ map: map.id, epoch: map.made.epoch });
      // The same scans twice would tell nothing but that the robot stood by.
      if (made === undefined || made.scans <= map.released) {
        return { kind: "nothing", heldBack: map.state.heldBack };
      }
      isCaptured = true;
      await before;
      const { barrier, dataClass } = this.#parts;
      return await barrier.run(dataClass, () => this.#spool(map, made));
    } catch (error) {
      map.isFresh = true;
      if (!map.thread.alive) this.#end(map);
      return { kind: "failed", error, isCaptured };
    }
  }

  /** Asks again, and adds in the same breath: what the owner decided meanwhile holds. */
  async #spool(map: Session, made: MadeRelease): Promise<ReleaseFate> {
    const { dataClass, gate, recipient, spool } = this.#parts;
    const { epoch, level } = map.made;
    const mayLeave = !map.isOver && this.#askAgain(map) === undefined;
    if (!mayLeave) return { kind: "withdrawn", isCaptured: true };
    const { veil, voxels, removed } = made;
    const releasedScans = Math.min(made.scans, map.counted) - map.released;
    map.released += releasedScans;
    let id: string;
    try {
      ({ id } = await spool.add({ dataClass, level, epoch, recipient, veil, releasedScans }));
    } catch (error) {
      map.released -= releasedScans;
      throw error;
    }
    // Withdrawn while it was written: the withdrawal destroys it and counts it.
    if (epoch < gate.epochFloor(dataClass)) return { kind: "withdrawn", isCaptured: false };
    const { scans } = made;
    const artefact = { id, level, sealedBytes: veil.length, scans, voxels, removed };
    return { kind: "spooled", artefact, epoch };
  }
}

const isLower = (a: Level, b: Level) => LEVELS.indexOf(a) < LEVELS.indexOf(b);
