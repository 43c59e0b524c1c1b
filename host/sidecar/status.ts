/** How a sidecar does, for StatusService and for metrics. */
import type { DataClass } from "../permission/index.ts";
import type { Accounts, SpoolState } from "../spool/types.ts";
import type { UplinkState } from "../uplink/index.ts";
import type { FrameStream } from "./frame-stream.ts";

export interface StreamState {
  readonly dataClass: DataClass;
  /** Frames since it was opened. */
  readonly frames: number;
  /** Frames a second over the last ten. */
  readonly rateHz: number;
  /** Milliseconds from a frame's arrival to its receipt, over the last 1024. */
  readonly latencyP50Ms: number;
  readonly latencyP99Ms: number;
  /** Frames that are being processed. */
  readonly inFlight: number;
  /** Its map, if it has one: scans in it, and those of them that are held back. */
  readonly map: { readonly scans: number; readonly heldBack: number } | undefined;
}

export type LinkState = UplinkState & {
  /** When an artefact was confirmed last since start, milliseconds since the Unix epoch. */
  readonly confirmedAtMs: number | undefined;
};

export interface SidecarStatus {
  readonly version: string;
  /** Milliseconds since the Unix epoch. */
  readonly startMs: number;
  readonly epoch: bigint;
  readonly accounts: Accounts;
  readonly spool: SpoolState;
  /** Undefined if nothing is uploaded: no receiver is configured, or the ledger is damaged. */
  readonly link: LinkState | undefined;
  readonly streams: readonly StreamState[];
  readonly ledgerDamaged: boolean;
}

/** What is told of a stream at a monotonic time. */
export function streamState(stream: FrameStream, nowMs: number): StreamState {
  const { dataClass, inFlight, map, meter } = stream;
  return {
    dataClass,
    frames: meter.frames,
    rateHz: meter.rateHz(nowMs),
    latencyP50Ms: meter.quantileMs(0.5),
    latencyP99Ms: meter.quantileMs(0.99),
    inFlight,
    map,
  };
}
