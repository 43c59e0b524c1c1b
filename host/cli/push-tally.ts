/** What became of the frames that were pushed, and of the map that they went into. */
import type { ReceiptView, ReleaseView } from "../client/index.ts";
import type { RpcError } from "../rpc/index.ts";
import { type Spread, spread } from "./spread.ts";

interface ReasonTotal {
  count: number;
  readonly message: string;
  /** The command that would let such frames pass, if one would. */
  readonly restoreCommand?: string;
}

/** A release, as `--json` prints it. */
type ReleaseTotal =
  | Omit<ReleaseView & { outcome: "released" }, "epoch">
  | Omit<ReleaseView & { outcome: "nothing" }, "epoch">
  | { readonly outcome: "refused" | "dropped"; readonly reason: string; readonly message: string };

/** Totals, as `--json` prints them. */
export interface PushTotals {
  readonly frames: number;
  readonly accepted: number;
  /** Taken into the sidecar's map. */
  readonly held: number;
  readonly refused: number;
  readonly dropped: number;
  readonly sealedBytes: number;
  /** Releases of the map, whether or not they were asked for. */
  readonly releases: readonly ReleaseTotal[];
  /** Refused and dropped frames by reason, with the sentence that the first of them got. */
  readonly reasons: Readonly<Record<string, ReasonTotal>>;
  /** From push to receipt. */
  readonly ms: Spread;
}

/** Times that are kept; of more frames, the last ones. */
const TIMES_MAX = 10_000;

const textOf = ({ localized, message }: RpcError) => localized.zh ?? localized.en ?? message;

export class PushTally {
  readonly #counts = { accepted: 0, held: 0, refused: 0, dropped: 0 };
  readonly #releases: ReleaseTotal[] = [];
  readonly #reasons: Record<string, ReasonTotal> = {};
  readonly #times: number[] = [];
  #sealedBytes = 0;

  /** Counts one frame whose receipt came after `milliseconds`. */
  add(receipt: ReceiptView, milliseconds: number): void {
    this.#times[this.frames % TIMES_MAX] = milliseconds;
    this.#counts[receipt.outcome]++;
    if (receipt.outcome === "accepted") this.#sealedBytes += receipt.sealedBytes;
    if (!("error" in receipt)) return;
    const { metadata } = receipt.error;
    const text = textOf(receipt.error);
    this.#reasons[receipt.reason] ??= {
      count: 0,
      message: text,
      ...(metadata.restore_command && { restoreCommand: metadata.restore_command }),
    };
    this.#reasons[receipt.reason]!.count++;
  }

  /** Keeps what became of a release. */
  addRelease(release: ReleaseView): void {
    if ("error" in release) {
      const { outcome, reason, error } = release;
      this.#releases.push({ outcome, reason, message: textOf(error) });
      return;
    }
    const { epoch: _, ...total } = release;
    this.#releases.push(total);
  }

  /** Frames that were counted. */
  get frames(): number {
    return Object.values(this.#counts).reduce((sum, frames) => sum + frames, 0);
  }

  totals(): PushTotals {
    return {
      frames: this.frames,
      ...this.#counts,
      sealedBytes: this.#sealedBytes,
      releases: this.#releases,
      reasons: this.#reasons,
      ms: spread(this.#times),
    };
  }
}
