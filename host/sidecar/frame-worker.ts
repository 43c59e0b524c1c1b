/**
 * Entry of the thread in which the frames of one stream are sanitised and sealed, one after the other,
 * or gathered in a map, off the event loop. Bytes are handed over both ways, never copied.
 */
import { parentPort, workerData } from "node:worker_threads";
import { type ErrorCode, type ErrorDetails, MapveilError } from "../core/errors.ts";
import type { Frame } from "../core/frame.ts";
import { defaultPolicy, type GatheredLevel, type Policy } from "../policy/index.ts";
import { type Crash, crashOf } from "../telemetry/index.ts";
import { type FrameTerms, Sanitizer } from "../veil/sanitizer.ts";
import { ThreadMap } from "./thread-map.ts";

/** What the thread is started with. */
export interface ThreadStart {
  /** Public key, 32 bytes. */
  readonly recipient: Uint8Array;
}

/** What holds for the frames that follow. */
export interface StreamRules {
  /** Of a level at which anything may leave. */
  readonly policy: Policy;
  readonly inMapFrame: boolean;
  /** The sensor measures in one plane. */
  readonly flat: boolean;
}

/** What holds for one scan of a map. */
export interface ScanTerms {
  /** Number of the map; another one than before begins another map. */
  readonly map: number;
  readonly level: GatheredLevel;
}

export interface ReleaseTerms {
  /** Number of the map. */
  readonly map: number;
  /** Permission epoch that the release is made under. */
  readonly epoch: bigint;
}

export type ToThread =
  | { readonly kind: "rules"; readonly rules: StreamRules }
  | { readonly kind: "frame"; readonly frame: Frame; readonly terms: FrameTerms }
  | { readonly kind: "scan"; readonly frame: Frame; readonly terms: ScanTerms }
  | { readonly kind: "release"; readonly terms: ReleaseTerms }
  | { readonly kind: "forget frame" }
  | { readonly kind: "forget map" }
  /** Forget all that was told of frames, the map included. */
  | { readonly kind: "wipe" };

/** The sealed form of a frame, and what may be told of it. */
export interface SealedFrame {
  readonly veil: Uint8Array;
  readonly pointsIn: number;
  readonly voxels: number;
  /** Names of what came with the frame and stays on the robot. */
  readonly stripped: readonly string[];
}

/** How far a map has come with a scan. */
export interface HeldScan {
  readonly scans: number;
  readonly heldBack: number;
}

/** The sealed form of a release, and what may be told of it. */
export interface MadeRelease {
  readonly veil: Uint8Array;
  /** Scans that are in it. */
  readonly scans: number;
  readonly voxels: number;
  /** Cells that were hit and stay on the robot. */
  readonly removed: number;
}

/** To a frame, a scan and a release. */
export type Answer = SealedFrame | HeldScan | MadeRelease | undefined;

type Outcome =
  | { readonly kind: "done"; readonly answer: Answer }
  | {
      readonly kind: "failed";
      readonly code: ErrorCode;
      readonly message: string;
      readonly details: ErrorDetails;
    };

/** One answer to each, in their order; to a frame and a scan with its memory, zeroed. */
export type FromThread =
  | { readonly kind: "ready" }
  /** The last thing that it says. */
  | { readonly kind: "crashed"; readonly crash: Crash }
  | (Outcome & { readonly memory?: ArrayBuffer });

function seal(sanitizer: Sanitizer, frame: Frame, terms: FrameTerms): SealedFrame {
  const { veil, report } = sanitizer.sanitize(frame, terms);
  const { pointsIn, voxels, stripped, strippedPointFields } = report;
  return { veil, pointsIn, voxels, stripped: [...stripped, ...strippedPointFields] };
}

function outcomeOf(work: () => Answer): Outcome {
  try {
    return { kind: "done", answer: work() };
  } catch (error) {
    // What is no MapveilError is a defect, and ends the thread: its core may be in any state.
    if (!(error instanceof MapveilError)) throw error;
    const { code, message, details } = error;
    return { kind: "failed", code, message, details };
  }
}

/** Carries out a message; undefined for one that has no answer. */
function workOn(message: ToThread, sanitizer: Sanitizer, map: ThreadMap): Outcome | undefined {
  switch (message.kind) {
    case "rules":
      map.setRules(message.rules);
      // One of maps alone lets no single frame leave, so that the sanitizer has nothing to do.
      if (!map.isOnly) sanitizer.setRules(message.rules);
      return undefined;
    case "frame":
      return outcomeOf(() => seal(sanitizer, message.frame, message.terms));
    case "scan":
      return outcomeOf(() => map.scan(message.frame, message.terms));
    case "release":
      return outcomeOf(() => map.release(message.terms));
    case "forget frame":
      sanitizer.wipe();
      return undefined;
    case "forget map":
      map.forget();
      return undefined;
    case "wipe":
      sanitizer.wipe();
      map.forget();
      return undefined;
  }
}

async function main(): Promise<void> {
  const port = parentPort;
  if (port === null) return;
  // Left to Node, message and stack would go to the other thread as they are.
  process.on("uncaughtException", (error) => {
    port.postMessage({ kind: "crashed", crash: crashOf(error) } satisfies FromThread);
    process.exit(1);
  });
  const { recipient } = workerData as ThreadStart;
  const sanitizer = await Sanitizer.create({ recipient, policy: defaultPolicy() });
  const map = await ThreadMap.create(recipient);
  port.on("message", (message: ToThread) => {
    const outcome = workOn(message, sanitizer, map);
    if (outcome === undefined) return;
    const handed: ArrayBuffer[] = [];
    if (outcome.kind === "done" && outcome.answer && "veil" in outcome.answer) {
      handed.push(outcome.answer.veil.buffer as ArrayBuffer);
    }
    if (!("frame" in message)) return port.postMessage(outcome satisfies FromThread, handed);
    const memory = message.frame.data.buffer as ArrayBuffer;
    new Uint8Array(memory).fill(0);
    port.postMessage({ ...outcome, memory } satisfies FromThread, [...handed, memory]);
  });
  port.postMessage({ kind: "ready" } satisfies FromThread);
}

await main();
