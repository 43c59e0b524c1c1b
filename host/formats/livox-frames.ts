/** Gathers Livox packets into frames of 100 ms. */
import type { Frame } from "../core/frame.ts";
import type { CapturedPayload, PacketFrames } from "./captured-payload.ts";
import { badInput } from "./input-errors.ts";
import { isLivoxControl, tellLivoxIdentity } from "./livox-identity.ts";
import { livoxHeader } from "./livox-packet.ts";
import {
  LIVOX_FRAME_NS,
  LIVOX_LAYOUT,
  LIVOX_POINT_STEP,
  writeLivoxPoints,
} from "./livox-points.ts";
import { isoTime, type MetadataList, type Tell } from "./metadata-list.ts";
import { frameTime } from "./packet-clock.ts";
import { PointBuffers } from "./point-buffers.ts";

/** Some 72,000 come in 100 ms: packets whose clock stands still must not fill the memory. */
const POINTS_MAX = 1 << 20;
const EXPECTED_POINTS = 1 << 15;

interface OpenFrame {
  readonly stampNs: bigint;
  /** On the lidar's clock. */
  readonly startNs: bigint;
  readonly metadata: MetadataList;
}

export class LivoxFrames implements PacketFrames {
  readonly #file: string;
  readonly #said: MetadataList;
  readonly #buffers = new PointBuffers(LIVOX_POINT_STEP, EXPECTED_POINTS);
  #open: OpenFrame | undefined;
  #delivered = 0;
  #control = 0;
  #others = 0;

  /** `said` is what the recording says of itself; it may grow, and every later frame carries it. */
  constructor(file: string, said: MetadataList) {
    this.#file = file;
    this.#said = said;
  }

  /**
   * Takes one UDP payload; those without points tell what they name and are counted. Returns the
   * frame that ended before it.
   */
  push({ payload, stampNs, tellOrigin }: CapturedPayload): Frame | undefined {
    const header = livoxHeader(payload);
    if (header === undefined) {
      tellLivoxIdentity(payload, this.#tell);
      if (isLivoxControl(payload)) this.#control++;
      else this.#others++;
      return undefined;
    }
    const { clockNs, isUnixTime, firings, form } = header;
    const since = this.#open === undefined ? 0n : clockNs - this.#open.startNs;
    // A clock that was set anew while recording begins a frame as well.
    const isOver = since < 0n || since >= LIVOX_FRAME_NS || this.#buffers.count > POINTS_MAX;
    const done = isOver ? this.flush() : undefined;
    this.#open ??= this.#start(clockNs, isUnixTime ? clockNs : undefined, stampNs);
    tellOrigin(this.#open.metadata.tell);
    const { view, at } = this.#buffers.grow(firings * form.echoes);
    const packet = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
    writeLivoxPoints(header, packet, Number(clockNs - this.#open.startNs), view, at);
    return done;
  }

  /** The frame that is being gathered; call at the end of the recording. */
  flush(): Frame | undefined {
    const open = this.#open;
    if (open === undefined) return undefined;
    this.#open = undefined;
    this.#delivered++;
    const count = this.#buffers.count;
    const data = this.#buffers.take();
    const { stampNs, metadata } = open;
    return { count, layout: LIVOX_LAYOUT, data, stampNs, metadata: metadata.list() };
  }

  /** Throws BAD_INPUT if no packet held points; says which ones there were. */
  mustHaveDelivered(): void {
    if (this.#delivered > 0) return;
    throw badInput(
      this.#file,
      `no point packet of a Livox lidar; there are ${this.#control} packets of its control protocol ` +
        `and ${this.#others} others. Capture the port of the points as well.`,
    );
  }

  /** To this frame and to every later one. */
  readonly #tell: Tell = (name, value) => {
    this.#said.add(name, value);
    this.#open?.metadata.add(name, value);
  };

  #start(startNs: bigint, lidarNs: bigint | undefined, captureNs: bigint): OpenFrame {
    const metadata = this.#said.copy();
    const stampNs = frameTime(lidarNs, captureNs);
    if (lidarNs !== undefined) metadata.add("wall_clock", isoTime(lidarNs));
    metadata.add("wall_clock", isoTime(captureNs));
    return { startNs, stampNs, metadata };
  }
}
