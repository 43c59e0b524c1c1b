/**
 * Group commit: what is asked for while a transaction is being written goes into the next one
 * together. Plans are made one after the other against what is committed, so that nothing happens
 * between a look and a change.
 */
import { MapveilError } from "../core/errors.ts";
import type { Draft } from "./draft.ts";

const PLANS_MAX = 64;
const ADDED_BYTES_MAX = 8_388_608;

/**
 * Puts its changes into the draft and says its result, or "later" if it needs a draft of its own;
 * never that for an untouched one. May be called again for another draft. What it throws is its
 * caller's failure alone.
 */
export type Plan<T> = (draft: Draft) => { readonly result: T } | "later";

interface Work {
  readonly plan: Plan<unknown>;
  readonly isAdding: boolean;
  result: unknown;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: unknown) => void;
}

export class WorkQueue {
  readonly #begin: () => Draft;
  readonly #commit: (draft: Draft) => Promise<void>;
  #waiting: Work[] = [];
  #running: Promise<void> | undefined;
  #isClosed = false;

  /** `begin` makes an empty draft of what is committed; `commit` writes one and applies it. */
  constructor(begin: () => Draft, commit: (draft: Draft) => Promise<void>) {
    this.#begin = begin;
    this.#commit = commit;
  }

  /** Resolves with the plan's result when its changes are on the disk. USAGE after close(). */
  run<T>(plan: Plan<T>, isAdding = false): Promise<T> {
    if (this.#isClosed) {
      return Promise.reject(new MapveilError("USAGE", "The spool is closed; open it again."));
    }
    return new Promise<T>((resolve, reject) => {
      const work = { plan, isAdding, result: undefined, resolve, reject } as unknown as Work;
      this.#waiting.push(work);
      this.#running ??= this.#drain();
    });
  }

  /** Takes nothing more; resolves when everything taken is done. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#running;
  }

  async #drain(): Promise<void> {
    // Whatever else is asked for in this turn of the event loop goes into the first transaction.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const draft = this.#begin();
      const works = this.#take(draft);
      if (works.length === 0) continue;
      try {
        if (draft.isChanged) await this.#commit(draft);
        for (const work of works) work.resolve(work.result);
      } catch (error) {
        this.#fail(works, error);
      }
    }
    // In the same turn as the look at what waits, so that nothing can come in between.
    this.#running = undefined;
  }

  #take(draft: Draft): Work[] {
    const works: Work[] = [];
    while (this.#waiting.length > 0 && works.length < PLANS_MAX) {
      if (draft.addedBytes > ADDED_BYTES_MAX) break;
      const work = this.#waiting[0]!;
      let outcome: ReturnType<typeof work.plan>;
      try {
        outcome = work.plan(draft);
      } catch (error) {
        return this.#without(work, error, works);
      }
      if (outcome === "later") break;
      work.result = outcome.result;
      this.#waiting.shift();
      works.push(work);
    }
    return works;
  }

  /** Nobody knows how far a plan that threw had come: the others begin again, without it. */
  #without(work: Work, error: unknown, taken: readonly Work[]): Work[] {
    work.reject(error);
    this.#waiting = [...taken, ...this.#waiting.slice(1)];
    return [];
  }

  /** A full disk fails artefacts only: the rest of the transaction is tried without them. */
  #fail(works: readonly Work[], error: unknown): void {
    const isFull = error instanceof MapveilError && error.code === "NO_SPACE";
    const isMixed = works.some(({ isAdding }) => isAdding);
    const again = isFull && isMixed ? works.filter(({ isAdding }) => !isAdding) : [];
    for (const work of works) if (!again.includes(work)) work.reject(error);
    this.#waiting = [...again, ...this.#waiting];
  }
}
