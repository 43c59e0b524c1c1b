/**
 * Gathers points into frames while packets come in. A frame is held back until the next one is more
 * than a piece, and takes the piece over if nothing follows: where a recording breaks off, no frame
 * of some degrees is left over, which the guard against still beams would refuse.
 */
import type { Frame, PointLayout } from "../core/frame.ts";
import type { MetadataList, Tell } from "./metadata-list.ts";

/** One is handed out, one held back, one fills. */
const BUFFERS = 3;
const EXPECTED_POINTS = 1 << 14;

interface Gathered {
  readonly stampNs: bigint;
  readonly metadata: MetadataList;
  readonly points: PointBuffer;
}

export class GatheredFrames {
  readonly #layout: PointLayout;
  readonly #said: MetadataList;
  /** Not in use, the one that was handed out last at the end. */
  readonly #free: PointBuffer[];
  #held: Gathered | undefined;
  #open: Gathered | undefined;
  #given = 0;

  /** `said` is what the recording says of itself; it may grow, and every later frame carries it. */
  constructor(layout: PointLayout, said: MetadataList) {
    this.#layout = layout;
    this.#said = said;
    this.#free = Array.from({ length: BUFFERS }, () => new PointBuffer(layout.pointStep));
  }

  /** Frames that were given. */
  get given(): number {
    return this.#given;
  }

  /** Stamp of the frame that fills; undefined if none does. */
  get openStampNs(): bigint | undefined {
    return this.#open?.stampNs;
  }

  /** Points of the frame that fills. */
  get openCount(): number {
    return this.#open?.points.count ?? 0;
  }

  /** Begins a frame, if none fills; `facts` tells what it says beside its points. */
  start(stampNs: bigint, facts: (tell: Tell) => void): void {
    if (this.#open !== undefined) return;
    const points = this.#free.shift()!;
    points.count = 0;
    const metadata = this.#said.copy();
    facts(metadata.tell);
    this.#open = { stampNs, metadata, points };
  }

  /** Room for `points` more in the frame that fills, which there must be. */
  room(points: number): { view: DataView; at: number } {
    return this.#open!.points.grow(points);
  }

  /** Returns room that was not used, at the end. */
  giveBack(points: number): void {
    this.#open!.points.count -= points;
  }

  /** To this frame and to every later one. */
  readonly tell: Tell = (name, value) => {
    this.#said.add(name, value);
    this.tellNow(name, value);
  };

  /** To the frames that are not given yet. */
  readonly tellNow: Tell = (name, value) => {
    this.#held?.metadata.add(name, value);
    this.#open?.metadata.add(name, value);
  };

  /** Ends the frame that fills; gives the one before, if it is still held back. */
  end(): Frame | undefined {
    if (this.#open === undefined) return undefined;
    const done = this.settle();
    this.#held = this.#open;
    this.#open = undefined;
    return done;
  }

  /** Gives the frame that is held back: the one that fills is more than a piece. */
  settle(): Frame | undefined {
    const held = this.#held;
    if (held === undefined) return undefined;
    this.#held = undefined;
    return this.#give(held);
  }

  /** The last frame, with the piece that followed it. */
  flush(): Frame | undefined {
    const [held, open] = [this.#held, this.#open];
    this.#held = undefined;
    this.#open = undefined;
    if (held !== undefined && open !== undefined) held.points.append(open.points);
    const last = held ?? open;
    return last && this.#give(last);
  }

  #give({ stampNs, metadata, points }: Gathered): Frame {
    this.#given++;
    this.#free.push(points);
    const { count, bytes } = points;
    return { count, layout: this.#layout, data: bytes, stampNs, metadata: metadata.list() };
  }
}

/** Points in memory that grows with them. */
class PointBuffer {
  readonly #pointStep: number;
  #bytes: Uint8Array;
  count = 0;

  constructor(pointStep: number) {
    this.#pointStep = pointStep;
    this.#bytes = new Uint8Array(pointStep * EXPECTED_POINTS);
  }

  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.count * this.#pointStep);
  }

  /** Makes room for `points` more; returns all bytes and where the new points begin. */
  grow(points: number): { view: DataView; at: number } {
    const at = this.count * this.#pointStep;
    this.count += points;
    const needed = this.count * this.#pointStep;
    if (needed > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(needed, 2 * this.#bytes.length));
      larger.set(this.#bytes.subarray(0, at));
      this.#bytes = larger;
    }
    return { view: new DataView(this.#bytes.buffer), at };
  }

  append(other: PointBuffer): void {
    const { at } = this.grow(other.count);
    this.#bytes.set(other.bytes, at);
  }
}
