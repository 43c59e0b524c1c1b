/** The frames of a recording one by one, up to a number of them. */
import type { Frame } from "../core/frame.ts";

/**
 * Hands over each frame with its number, from 1, and waits for it. Where the recording breaks, `broken`
 * gets the error and it ends: behind a break there are no further frames.
 */
export async function eachFrame(
  source: AsyncIterable<Frame>,
  most: number | undefined,
  take: (index: number, frame: Frame) => void | Promise<void>,
  broken: (index: number, error: unknown) => void,
): Promise<void> {
  const frames = source[Symbol.asyncIterator]();
  for (let index = 1; index <= (most ?? Number.POSITIVE_INFINITY); index++) {
    let next: IteratorResult<Frame>;
    try {
      next = await frames.next();
    } catch (error) {
      broken(index, error);
      return;
    }
    if (next.done) return;
    await take(index, next.value);
  }
  await frames.return?.();
}
