/** Waiting for a condition, never for a time. */
import { setTimeout as sleep } from "node:timers/promises";

/** Asks again and again until `probe` gives something; names what it waited for when time is up. */
export async function until<T>(
  what: string,
  timeoutMs: number,
  probe: () => Promise<T | undefined | false>,
): Promise<T> {
  const begin = performance.now();
  for (;;) {
    const found = await probe();
    if (found !== undefined && found !== false) return found;
    if (performance.now() - begin > timeoutMs) {
      throw new Error(`waited ${Math.round(timeoutMs / 1000)} s in vain for ${what}`);
    }
    await sleep(15);
  }
}
