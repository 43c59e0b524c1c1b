/** Waiting that comes to an end. */
import type { Clock } from "../core/clock.ts";
import { RpcError } from "../rpc/index.ts";

/** Gives what `work` gives, or throws DEADLINE_EXCEEDED after `timeoutMs`. */
export async function withoutStall<T>(
  work: Promise<T>,
  timeoutMs: number,
  clock: Clock,
): Promise<T> {
  const over = new AbortController();
  const stalled = clock.sleep(timeoutMs, over.signal).then((): Promise<T> => {
    if (over.signal.aborted) return work;
    throw new RpcError("DEADLINE_EXCEEDED", "STALLED", "The receiver took nothing for too long.");
  });
  try {
    return await Promise.race([work, stalled]);
  } finally {
    over.abort();
  }
}
