/** Gathers RoboSense packets into frames: a frame ends where the packets' count begins anew. */
import type { Frame } from "../core/frame.ts";
import type { CapturedPayload, PacketFrames, PacketVendor } from "./captured-payload.ts";
import { GatheredFrames } from "./gathered-frames.ts";
import { badInput } from "./input-errors.ts";
import { isoTime, type MetadataList } from "./metadata-list.ts";
import { frameTime } from "./packet-clock.ts";
import { isRobosenseDevice, tellRobosenseDevice } from "./robosense-device.ts";
import {
  ROBOSENSE_LAYOUT,
  ROBOSENSE_MODELS,
  robosensePoints,
  writeRobosensePoints,
} from "./robosense-packet.ts";

/** A packet a few counts behind is late, one further behind is of the next frame. */
const LATE_PACKETS = 10;
/** A frame takes 0.1 s; after this one it ends, whatever was lost. */
const FRAME_NS_MAX = 150_000_000n;
/** Three times what two returns of a frame fill: counts that only rise must not fill the memory. */
const POINTS_MAX = 1 << 19;
/** What is shorter is no frame of its own. */
const PIECE_NS = 20_000_000n;
const REASONS_MAX = 16;

/**
 * Frames hold a slot for each point that packets have room for; those without a return are exact
 * (0, 0, 0). Stamp: the first packet's by the lidar's clock, see frameTime.
 */
export const ROBOSENSE: PacketVendor = {
  name: "robosense",
  recognises: (payload) => robosensePoints(payload) !== undefined || isRobosenseDevice(payload),
  open: async ({ path, said }) => ({ frames: () => new RobosenseFrames(path, said) }),
};

class RobosenseFrames implements PacketFrames {
  readonly #file: string;
  readonly #frames: GatheredFrames;
  readonly #refused = new Map<string, number>();
  #sequence = 0;
  #lastNs = 0n;

  constructor(file: string, said: MetadataList) {
    this.#file = file;
    this.#frames = new GatheredFrames(ROBOSENSE_LAYOUT, said);
  }

  push({ payload, stampNs, tellOrigin }: CapturedPayload): Frame | undefined {
    const found = robosensePoints(payload);
    if (found === undefined || typeof found === "string") {
      tellRobosenseDevice(payload, this.#frames.tell);
      this.#refuse(found ?? (isRobosenseDevice(payload) ? "device information" : "another kind"));
      return undefined;
    }
    const { model, count, sequence } = found;
    const time = frameTime(found.timeNs, stampNs);
    const isAnew = this.#sequence - sequence > LATE_PACKETS;
    const done = isAnew || this.#isLong(time) ? this.#end() : undefined;
    this.#sequence = sequence;
    this.#lastNs = time;
    this.#frames.start(time, (tell) => {
      tell("sensor_model", model.name);
      for (const clock of [found.timeNs ?? stampNs, stampNs]) tell("wall_clock", isoTime(clock));
    });
    tellOrigin(this.#frames.tellNow);
    const { view, at } = this.#frames.room(count);
    const packet = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
    const sinceNs = time - this.#frames.openStampNs!;
    writeRobosensePoints(model, packet, Number(sinceNs / 1000n), view, at);
    return done ?? (sinceNs >= PIECE_NS ? this.#frames.settle() : undefined);
  }

  flush(): Frame | undefined {
    return this.#frames.flush();
  }

  /** A piece of a frame goes on instead. */
  #end(): Frame | undefined {
    const { openStampNs, openCount } = this.#frames;
    if (openStampNs === undefined) return undefined;
    const isPiece = this.#lastNs - openStampNs < PIECE_NS && openCount <= POINTS_MAX;
    return isPiece ? undefined : this.#frames.end();
  }

  /** True if the frame cannot go on, whatever the count: packets were lost. */
  #isLong(time: bigint): boolean {
    const { openStampNs, openCount } = this.#frames;
    if (openStampNs === undefined) return false;
    return time - openStampNs > FRAME_NS_MAX || openCount > POINTS_MAX;
  }

  mustHaveDelivered(): void {
    if (this.#frames.given > 0) return;
    const seen = [...this.#refused].map(([reason, count]) => `${count} of ${reason}`).join(", ");
    throw badInput(
      this.#file,
      `no point packet of a RoboSense lidar that is read (${ROBOSENSE_MODELS}). Packets found: ` +
        `${seen || "none"}. Record PointCloud2 with the maker's driver, or convert to PCD.`,
    );
  }

  #refuse(reason: string): void {
    if (this.#refused.size < REASONS_MAX || this.#refused.has(reason)) {
      this.#refused.set(reason, (this.#refused.get(reason) ?? 0) + 1);
    }
  }
}
