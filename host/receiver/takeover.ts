/**
 * One holder for each artefact. Who comes later takes over: the holder before is told to end, and the
 * new one waits until it did, so that two never touch the same bytes.
 */

export interface Hold {
  /** Aborted when another one wants it; the reason says why. */
  readonly ended: AbortSignal;
  /** Lets the next one in. Once is enough, more does no harm. */
  release(): void;
}

interface Held extends Hold {
  readonly controller: AbortController;
  readonly released: Promise<void>;
}

export class Takeover {
  readonly #last = new Map<string, Held>();

  /** Whether somebody has it or waits for it. */
  isHeld(id: string): boolean {
    return this.#last.has(id);
  }

  /** Ends the holder with `reason`, if there is one, and takes its place when it has let go. */
  async take(id: string, reason: unknown): Promise<Hold> {
    const before = this.#last.get(id);
    const hold = this.#enter(id);
    before?.controller.abort(reason);
    await before?.released;
    return hold;
  }

  /** Ends every holder with `reason` and waits until all have let go. */
  async endAll(reason: unknown): Promise<void> {
    const all = [...this.#last.values()];
    for (const held of all) held.controller.abort(reason);
    await Promise.all(all.map((held) => held.released));
  }

  #enter(id: string): Held {
    const controller = new AbortController();
    let letGo = () => {};
    const released = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    const held: Held = {
      controller,
      ended: controller.signal,
      released,
      release: () => {
        if (this.#last.get(id) === held) this.#last.delete(id);
        letGo();
      },
    };
    this.#last.set(id, held);
    return held;
  }
}
