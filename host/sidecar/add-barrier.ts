/**
 * What is being added to the spool while the owner withdraws: the gate is closed first, then all that
 * had passed it is waited for, and only then is the class destroyed. Nothing slips in between.
 */
import type { DataClass } from "../permission/vocabulary.ts";

export class AddBarrier {
  readonly #running = new Map<DataClass, Set<Promise<unknown>>>();

  /** Runs `add`, which asks the gate and begins to add before its first pause. */
  async run<T>(dataClass: DataClass, add: () => Promise<T>): Promise<T> {
    const running = this.#running.get(dataClass) ?? new Set();
    this.#running.set(dataClass, running);
    const adding = add();
    running.add(adding);
    try {
      return await adding;
    } finally {
      running.delete(adding);
    }
  }

  /** Resolves when all that was begun before is done, whether well or not. */
  async settle(dataClass: DataClass): Promise<void> {
    await Promise.allSettled([...(this.#running.get(dataClass) ?? [])]);
  }
}
