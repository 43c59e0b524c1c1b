/** What the robot does in the demo: pushes frames at the sensor's rate and keeps its receipts. */
import {
  type AcceptedView,
  type ReceiptView,
  receiptWords,
  type SensorStream,
} from "../../client/index.ts";
import { systemClock } from "../../core/clock.ts";
import { MapveilError } from "../../core/errors.ts";
import type { Frame } from "../../core/frame.ts";
import type { Parties } from "./parties.ts";

/** How long the link may take for what the demo uploads. */
const UPLOAD_MS = 20_000;
const LOOK_MS = 10;

export interface Pushed {
  readonly receipts: readonly ReceiptView[];
  /** From push to receipt, milliseconds, frame by frame. */
  readonly latenciesMs: readonly number[];
}

/** Pushes the frames one after the other, `periodMs` apart. */
export async function pushFrames(
  stream: SensorStream,
  frames: readonly Frame[],
  periodMs: number,
): Promise<Pushed> {
  const receipts: ReceiptView[] = [];
  const latenciesMs: number[] = [];
  for (const frame of frames) {
    const startMs = systemClock.monotonicMs();
    receipts.push(await stream.push(frame));
    const tookMs = systemClock.monotonicMs() - startMs;
    latenciesMs.push(tookMs);
    await systemClock.sleep(Math.max(0, periodMs - tookMs));
  }
  return { receipts, latenciesMs };
}

/** The receipts as those of accepted frames. Throws INTERNAL, with the reason, if one is another. */
export function allAccepted(receipts: readonly ReceiptView[]): AcceptedView[] {
  return receipts.map((receipt) => {
    if (receipt.outcome === "accepted") return receipt;
    throw new MapveilError("INTERNAL", `A frame was not accepted: ${receiptWords(receipt)}.`);
  });
}

/** The reason and sentence of a frame that must not have passed. */
export function refusedOne(receipts: readonly ReceiptView[]): {
  readonly reason: string;
  readonly message: string;
  readonly metadata: Readonly<Record<string, string>>;
} {
  const receipt = receipts[0];
  if (receipt?.outcome === "refused") {
    const { message, metadata } = receipt.error;
    return { reason: receipt.reason, message, metadata };
  }
  throw new MapveilError("INTERNAL", "A frame passed that the owner did not let pass.");
}

/** Waits until nothing is left to upload. */
export async function untilUploaded({ sidecar }: Parties): Promise<void> {
  const endMs = systemClock.monotonicMs() + UPLOAD_MS;
  while (sidecar.status().spool.artefacts > 0) {
    if (systemClock.monotonicMs() > endMs) {
      throw new MapveilError("UNAVAILABLE", "The receiver does not take what waits for it.");
    }
    await systemClock.sleep(LOOK_MS);
  }
}
