/** Counts what the receiver refused, by reason, since it was started. */
import { RpcError } from "../rpc/index.ts";
import { REASONS, type Reason } from "./reasons.ts";

const isReason = (text: string): text is Reason => (REASONS as readonly string[]).includes(text);

export class Refusals {
  readonly #counts: Partial<Record<Reason, number>> = {};

  /** How often each reason was given; reasons that never were are not there. */
  counts(): Readonly<Partial<Record<Reason, number>>> {
    return { ...this.#counts };
  }

  /** Counts an error if it is a refusal, and gives it back to be thrown. */
  count(error: unknown): unknown {
    if (error instanceof RpcError && isReason(error.reason)) {
      this.#counts[error.reason] = (this.#counts[error.reason] ?? 0) + 1;
    }
    return error;
  }

  /** Runs a handler. */
  async watch<T>(run: () => Promise<T>): Promise<T> {
    try {
      return await run();
    } catch (error) {
      throw this.count(error);
    }
  }

  /** Runs a handler that answers with many messages. */
  async *watchStream<T>(run: () => AsyncIterable<T>): AsyncIterable<T> {
    try {
      yield* run();
    } catch (error) {
      throw this.count(error);
    }
  }
}
