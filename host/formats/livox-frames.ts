/** Gathers Livox packets into frames of 100 ms. */
import type { Frame } from "../core/frame.ts";
import type { CapturedPayload, PacketFrames } from "./captured-payload.ts";
import { GatheredFrames } from "./gathered-frames.ts";
import { badInput } from "./input-errors.ts";
import { isLivoxControl, tellLivoxIdentity } from "./livox-identity.ts";
import { livoxHeader } from "./livox-packet.ts";
import { LIVOX_FRAME_NS, LIVOX_LAYOUT, writeLivoxPoints } from "./livox-points.ts";
import { isoTime, type MetadataList } from "./metadata-list.ts";
import { frameTime } from "./packet-clock.ts";

/** Some 72,000 come in 100 ms: packets whose clock stands still must not fill the memory. */
const POINTS_MAX = 1 << 20;
/** What is shorter is no frame of its own. */
const PIECE_NS = LIVOX_FRAME_NS / 5;

export class LivoxFrames implements PacketFrames {
  readonly #file: string;
  readonly #frames: GatheredFrames;
  /** Of the frame that fills, on the lidar's clock. */
  #startNs = 0n;
  #lastNs = 0n;
  #control = 0;
  #others = 0;

  /** `said` is what the recording says of itself; it may grow, and every later frame carries it. */
  constructor(file: string, said: MetadataList) {
    this.#file = file;
    this.#frames = new GatheredFrames(LIVOX_LAYOUT, said);
  }

  /**
   * Takes one UDP payload; those without points tell what they name and are counted. Returns the
   * frame that ended before it.
   */
  push({ payload, stampNs, tellOrigin }: CapturedPayload): Frame | undefined {
    const header = livoxHeader(payload);
    if (header === undefined) {
      tellLivoxIdentity(payload, this.#frames.tell);
      if (isLivoxControl(payload)) this.#control++;
      else this.#others++;
      return undefined;
    }
    const { clockNs, firings, form } = header;
    const done = this.#endBefore(clockNs);
    this.#frames.start(frameTime(header.isUnixTime ? clockNs : undefined, stampNs), (tell) => {
      this.#startNs = clockNs;
      if (header.isUnixTime) tell("wall_clock", isoTime(clockNs));
      tell("wall_clock", isoTime(stampNs));
    });
    tellOrigin(this.#frames.tellNow);
    const { view, at } = this.#frames.room(firings * form.echoes);
    const packet = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
    const sinceNs = Number(clockNs - this.#startNs);
    this.#lastNs = clockNs;
    writeLivoxPoints(header, packet, sinceNs, view, at);
    return done ?? (sinceNs >= PIECE_NS ? this.#frames.settle() : undefined);
  }

  /** The frame that is being gathered; call at the end of the recording. */
  flush(): Frame | undefined {
    return this.#frames.flush();
  }

  /** Ends the frame if a packet at that time is of the next one; a piece of a frame goes on. */
  #endBefore(clockNs: bigint): Frame | undefined {
    const { openStampNs, openCount } = this.#frames;
    if (openStampNs === undefined) return undefined;
    const since = clockNs - this.#startNs;
    // A clock that was set anew while recording begins a frame as well.
    const isOver = since < 0n || since >= LIVOX_FRAME_NS || openCount > POINTS_MAX;
    if (!isOver) return undefined;
    const isPiece = this.#lastNs - this.#startNs < PIECE_NS && openCount <= POINTS_MAX;
    if (!isPiece) return this.#frames.end();
    this.#startNs = clockNs;
    return undefined;
  }

  /** Throws BAD_INPUT if no packet held points; says which ones there were. */
  mustHaveDelivered(): void {
    if (this.#frames.given > 0) return;
    throw badInput(
      this.#file,
      `no point packet of a Livox lidar; there are ${this.#control} packets of its control protocol ` +
        `and ${this.#others} others. Capture the port of the points as well.`,
    );
  }
}
