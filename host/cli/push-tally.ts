/** What became of the frames that were pushed. */
import type { ReceiptView } from "../client/index.ts";

interface ReasonTotal {
  count: number;
  readonly message: string;
  /** The command that would let such frames pass, if one would. */
  readonly restoreCommand?: string;
}

/** Totals, as `--json` prints them. */
interface PushTotals {
  readonly frames: number;
  readonly accepted: number;
  readonly refused: number;
  readonly dropped: number;
  readonly sealedBytes: number;
  /** Refused and dropped frames by reason, with the sentence that the first of them got. */
  readonly reasons: Readonly<Record<string, ReasonTotal>>;
  /** From push to receipt. */
  readonly ms: { readonly median: number; readonly p99: number; readonly max: number };
}

/** Times that are kept; of more frames, the last ones. */
const TIMES_MAX = 10_000;

export class PushTally {
  readonly #counts = { accepted: 0, refused: 0, dropped: 0 };
  readonly #reasons: Record<string, ReasonTotal> = {};
  readonly #times: number[] = [];
  #sealedBytes = 0;

  /** Counts one frame whose receipt came after `milliseconds`. */
  add(receipt: ReceiptView, milliseconds: number): void {
    this.#times[this.frames % TIMES_MAX] = milliseconds;
    this.#counts[receipt.outcome]++;
    if (receipt.outcome === "accepted") {
      this.#sealedBytes += receipt.sealedBytes;
      return;
    }
    const { localized, message, metadata } = receipt.error;
    const text = localized.zh ?? localized.en ?? message;
    this.#reasons[receipt.reason] ??= {
      count: 0,
      message: text,
      ...(metadata.restore_command && { restoreCommand: metadata.restore_command }),
    };
    this.#reasons[receipt.reason]!.count++;
  }

  /** Frames that were counted. */
  get frames(): number {
    return this.#counts.accepted + this.#counts.refused + this.#counts.dropped;
  }

  totals(): PushTotals {
    const sorted = this.#times.toSorted((a, b) => a - b);
    const at = (share: number) => sorted[Math.ceil(share * sorted.length) - 1] ?? 0;
    return {
      frames: this.frames,
      ...this.#counts,
      sealedBytes: this.#sealedBytes,
      reasons: this.#reasons,
      ms: { median: at(0.5), p99: at(0.99), max: at(1) },
    };
  }
}
