/**
 * Entry of the thread in which the frames of one stream are sanitised and sealed, one after the other,
 * off the event loop. Bytes are handed over both ways, never copied.
 */
import { parentPort, workerData } from "node:worker_threads";
import { type ErrorCode, MapveilError } from "../core/errors.ts";
import type { Frame } from "../core/frame.ts";
import { defaultPolicy, type Policy } from "../policy/index.ts";
import { type FrameTerms, Sanitizer } from "../veil/sanitizer.ts";

/** What the thread is started with. */
export interface ThreadStart {
  /** Public key, 32 bytes. */
  readonly recipient: Uint8Array;
}

/** What holds for the frames that follow. */
export interface StreamRules {
  /** Of a level at which frames may leave. */
  readonly policy: Policy;
  readonly inMapFrame: boolean;
}

export type ToThread =
  | { readonly kind: "rules"; readonly rules: StreamRules }
  | { readonly kind: "frame"; readonly frame: Frame; readonly terms: FrameTerms }
  /** Forget all that was told of frames. */
  | { readonly kind: "wipe" };

/** The sealed form of a frame, and what may be told of it. */
export interface SealedFrame {
  readonly veil: Uint8Array;
  readonly pointsIn: number;
  readonly voxels: number;
  /** Names of what came with the frame and stays on the robot. */
  readonly stripped: readonly string[];
}

type Outcome =
  | { readonly kind: "sealed"; readonly sealed: SealedFrame }
  | {
      readonly kind: "failed";
      readonly code: ErrorCode;
      readonly message: string;
      readonly field?: string;
    };

/** One answer to every frame, in their order; with it the memory that the frame lay in, zeroed. */
export type FromThread = { readonly kind: "ready" } | (Outcome & { readonly memory: ArrayBuffer });

function process(sanitizer: Sanitizer, frame: Frame, terms: FrameTerms): Outcome {
  try {
    const { veil, report } = sanitizer.sanitize(frame, terms);
    const { pointsIn, voxels, stripped, strippedPointFields } = report;
    const names = [...stripped, ...strippedPointFields];
    return { kind: "sealed", sealed: { veil, pointsIn, voxels, stripped: names } };
  } catch (error) {
    // What is no MapveilError is a defect, and ends the thread: its core may be in any state.
    if (!(error instanceof MapveilError)) throw error;
    const { code, message, details } = error;
    return { kind: "failed", code, message, ...(details.field && { field: details.field }) };
  }
}

async function main(): Promise<void> {
  const port = parentPort;
  if (port === null) return;
  const { recipient } = workerData as ThreadStart;
  const sanitizer = await Sanitizer.create({ recipient, policy: defaultPolicy() });
  port.on("message", (message: ToThread) => {
    if (message.kind === "rules") sanitizer.setRules(message.rules);
    else if (message.kind === "wipe") sanitizer.wipe();
    else {
      const outcome = process(sanitizer, message.frame, message.terms);
      const memory = message.frame.data.buffer as ArrayBuffer;
      new Uint8Array(memory).fill(0);
      const answer: FromThread = { ...outcome, memory };
      const sealed = outcome.kind === "sealed" ? [outcome.sealed.veil.buffer as ArrayBuffer] : [];
      port.postMessage(answer, [memory, ...sealed]);
    }
  });
  port.postMessage({ kind: "ready" } satisfies FromThread);
}

await main();
