/** A thread that sanitises frames, as the event loop sees it: promises, and a watchdog. */
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { MapveilError } from "../core/errors.ts";
import type { Frame } from "../core/frame.ts";
import { type Crash, crashOf } from "../telemetry/index.ts";
import type { FrameTerms } from "../veil/sanitizer.ts";
import type {
  Answer,
  FromThread,
  HeldScan,
  MadeRelease,
  ReleaseTerms,
  ScanTerms,
  SealedFrame,
  StreamRules,
  ThreadStart,
  ToThread,
} from "./frame-worker.ts";
import { handedOver } from "./handed-over.ts";

/** Milliseconds that the start of a thread may take: loading and warming up the core, on a slow robot. */
const START_TIMEOUT_MS = 60_000;
/** Milliseconds without an answer after which a thread counts as hung. */
const FRAME_TIMEOUT_MS = 10_000;

export interface ThreadOptions extends ThreadStart {
  /** Script of the thread; default the compiled frame-worker.js. */
  readonly entry?: URL;
  /** Milliseconds without an answer after which a thread counts as hung. */
  readonly frameTimeoutMs?: number;
  /** Told of what nobody foresaw in the thread. */
  readonly onCrash?: (crash: Crash) => void;
}

/** The compiled entry: beside this file, or in dist/ when the sources run as they are. */
function compiledEntry(): URL {
  const places = ["./", "../../dist/host/sidecar/"].map(
    (place) => new URL(`${place}frame-worker.js`, import.meta.url),
  );
  const found = places.find((url) => existsSync(fileURLToPath(url)));
  if (found !== undefined) return found;
  throw new MapveilError(
    "INTERNAL",
    `The frame worker is not built: ${fileURLToPath(places[0]!)} is missing. Run npm run build:host.`,
  );
}

/** Takes the memory that a frame lay in, zeroed, once the thread is done with it. */
export type GiveBack = (memory: ArrayBuffer) => void;

interface Waiting {
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: MapveilError) => void;
  readonly giveBack: GiveBack;
}

export class FrameThread {
  readonly #worker: Worker;
  readonly #frameTimeoutMs: number;
  readonly #onCrash: (crash: Crash) => void;
  /** Frames and releases without an answer, in the order in which the answers come. */
  readonly #waiting: Waiting[] = [];
  #watchdog: NodeJS.Timeout;
  #ready = false;
  #dead = false;

  /** Starts a thread; frames may be given to it at once and wait until it is warm. */
  constructor(options: ThreadOptions) {
    const { recipient, entry = compiledEntry() } = options;
    this.#frameTimeoutMs = options.frameTimeoutMs ?? FRAME_TIMEOUT_MS;
    this.#onCrash = options.onCrash ?? (() => {});
    this.#worker = new Worker(entry, {
      name: "mapveil-frames",
      workerData: { recipient } satisfies ThreadStart,
      // Flags and environment of the host are no business of the thread.
      execArgv: [],
      env: {},
    });
    this.#worker.on("message", (message: FromThread) => this.#answer(message));
    this.#worker.on("error", (cause) => this.#crashed(crashOf(cause)));
    this.#worker.on("messageerror", (cause) => this.#crashed(crashOf(cause)));
    this.#worker.on("exit", () => this.#die("ended"));
    this.#watchdog = this.#watch(START_TIMEOUT_MS);
  }

  /** Whether frames can still be given to it. */
  get alive(): boolean {
    return !this.#dead;
  }

  /** Puts rules in place for the frames that are given from now on. The first ones come before any frame. */
  setRules(rules: StreamRules): void {
    this.#post({ kind: "rules", rules });
  }

  /** Makes the thread forget what it was told of frames. */
  wipe(): void {
    this.#post({ kind: "wipe" });
  }

  /**
   * Sanitises and seals a frame; its bytes belong to the thread from now on, and are empty here.
   * @throws MapveilError BAD_INPUT, USAGE, TOO_LARGE, REFUSED; INTERNAL if the thread crashed or hung
   */
  process(frame: Frame, terms: FrameTerms, giveBack?: GiveBack): Promise<SealedFrame> {
    const data = handedOver(frame.data);
    const message: ToThread = { kind: "frame", frame: { ...frame, data }, terms };
    return this.#ask(message, [data.buffer], giveBack) as Promise<SealedFrame>;
  }

  /**
   * Puts a scan into a map, of which another one is begun with the first scan that names it. Its bytes
   * belong to the thread from now on, and are empty here.
   * @throws MapveilError BAD_INPUT, USAGE, TOO_LARGE, REFUSED; INTERNAL if the thread crashed or hung
   */
  scan(frame: Frame, terms: ScanTerms, giveBack?: GiveBack): Promise<HeldScan> {
    const data = handedOver(frame.data);
    const message: ToThread = { kind: "scan", frame: { ...frame, data }, terms };
    return this.#ask(message, [data.buffer], giveBack) as Promise<HeldScan>;
  }

  /**
   * Releases a map, which goes on; undefined if all of it is held back.
   * @throws MapveilError TOO_LARGE, REFUSED; INTERNAL if the thread crashed or hung
   */
  release(terms: ReleaseTerms): Promise<MadeRelease | undefined> {
    return this.#ask({ kind: "release", terms }) as Promise<MadeRelease | undefined>;
  }

  /** Makes the thread forget the frame that it had last, of which its core holds much until the next one. */
  forgetFrame(): void {
    this.#post({ kind: "forget frame" });
  }

  /** Makes the thread forget its map. */
  forgetMap(): void {
    this.#post({ kind: "forget map" });
  }

  /** Ends the thread; frames that wait fail as INTERNAL. */
  async close(): Promise<void> {
    this.#die("ended");
    await this.#worker.terminate();
  }

  #ask(
    message: ToThread,
    handed: readonly ArrayBuffer[] = [],
    giveBack: GiveBack = () => {},
  ): Promise<Answer> {
    if (this.#dead) return Promise.reject(this.#deadError("ended"));
    return new Promise((resolve, reject) => {
      if (this.#ready && this.#waiting.length === 0) this.#arm();
      this.#waiting.push({ resolve, reject, giveBack });
      this.#post(message, handed);
    });
  }

  #post(message: ToThread, handed: readonly ArrayBuffer[] = []): void {
    if (!this.#dead) this.#worker.postMessage(message, handed);
  }

  #answer(message: FromThread): void {
    if (this.#dead) return;
    if (message.kind === "crashed") this.#crashed(message.crash);
    else if (message.kind === "ready") this.#ready = true;
    else {
      const waiting = this.#waiting.shift();
      if (message.memory) waiting?.giveBack(message.memory);
      if (message.kind === "done") waiting?.resolve(message.answer);
      else {
        const { code, message: text, details } = message;
        waiting?.reject(new MapveilError(code, text, details));
      }
    }
    if (this.#waiting.length > 0) this.#arm();
    else clearTimeout(this.#watchdog);
  }

  #arm(): void {
    clearTimeout(this.#watchdog);
    this.#watchdog = this.#watch(this.#frameTimeoutMs);
  }

  #watch(ms: number): NodeJS.Timeout {
    return setTimeout(() => {
      this.#die("hung");
      void this.#worker.terminate();
    }, ms).unref();
  }

  #crashed(crash: Crash): void {
    if (!this.#dead) this.#onCrash(crash);
    this.#die("crashed");
  }

  #die(how: string): void {
    if (this.#dead) return;
    this.#dead = true;
    clearTimeout(this.#watchdog);
    for (const { reject } of this.#waiting.splice(0)) reject(this.#deadError(how));
  }

  #deadError(how: string): MapveilError {
    return new MapveilError("INTERNAL", `The thread that sanitises frames ${how}.`);
  }
}
