/**
 * Room for frames whose number of points is not known before: two buffers in turn, so that the frame
 * that was handed out stays valid while the next one fills.
 */
export class PointBuffers {
  readonly #pointStep: number;
  readonly #buffers: [Uint8Array, Uint8Array];
  #turn: 0 | 1 = 0;
  #points = 0;

  constructor(pointStep: number, expectedPoints: number) {
    this.#pointStep = pointStep;
    const room = () => new Uint8Array(pointStep * expectedPoints);
    this.#buffers = [room(), room()];
  }

  /** Points of the frame that fills. */
  get count(): number {
    return this.#points;
  }

  /** Makes room for `points` more; returns the bytes of the frame and where the new points begin. */
  grow(points: number): { view: DataView; at: number } {
    const at = this.#points * this.#pointStep;
    this.#points += points;
    const needed = this.#points * this.#pointStep;
    let buffer = this.#buffers[this.#turn];
    if (needed > buffer.length) {
      const larger = new Uint8Array(Math.max(needed, 2 * buffer.length));
      larger.set(buffer.subarray(0, at));
      this.#buffers[this.#turn] = larger;
      buffer = larger;
    }
    return { view: new DataView(buffer.buffer), at };
  }

  /** The bytes of the frame; the next one starts empty in the other buffer. */
  take(): Uint8Array {
    const bytes = this.#buffers[this.#turn].subarray(0, this.#points * this.#pointStep);
    this.#turn = this.#turn === 0 ? 1 : 0;
    this.#points = 0;
    return bytes;
  }
}
