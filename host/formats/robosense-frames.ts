/** Gathers RoboSense packets into frames: a frame ends where the packets' count begins anew. */
import type { Frame } from "../core/frame.ts";
import type { CapturedPayload, PacketFrames, PacketVendor } from "./captured-payload.ts";
import { badInput } from "./input-errors.ts";
import { isoTime, type MetadataList, type Tell } from "./metadata-list.ts";
import { frameTime } from "./packet-clock.ts";
import { PointBuffers } from "./point-buffers.ts";
import { isRobosenseDevice, tellRobosenseDevice } from "./robosense-device.ts";
import {
  ROBOSENSE_LAYOUT,
  ROBOSENSE_MODELS,
  ROBOSENSE_POINT_STEP,
  robosensePoints,
  writeRobosensePoints,
} from "./robosense-packet.ts";

/** A packet a few counts behind is late, one further behind is of the next frame. */
const LATE_PACKETS = 10;
/** A frame takes 0.1 s; after this one it ends, whatever was lost. */
const FRAME_NS_MAX = 150_000_000n;
/** Three times what two returns of a frame fill: counts that only rise must not fill the memory. */
const POINTS_MAX = 1 << 19;
const EXPECTED_POINTS = 1 << 16;
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

interface OpenFrame {
  readonly stampNs: bigint;
  readonly metadata: MetadataList;
}

class RobosenseFrames implements PacketFrames {
  readonly #file: string;
  readonly #said: MetadataList;
  readonly #buffers = new PointBuffers(ROBOSENSE_POINT_STEP, EXPECTED_POINTS);
  readonly #refused = new Map<string, number>();
  #open: OpenFrame | undefined;
  #sequence = 0;
  #delivered = 0;

  constructor(file: string, said: MetadataList) {
    this.#file = file;
    this.#said = said;
  }

  push({ payload, stampNs, tellOrigin }: CapturedPayload): Frame | undefined {
    const found = robosensePoints(payload);
    if (found === undefined || typeof found === "string") {
      tellRobosenseDevice(payload, this.#tell);
      this.#refuse(found ?? (isRobosenseDevice(payload) ? "device information" : "another kind"));
      return undefined;
    }
    const { model, count, sequence } = found;
    const time = frameTime(found.timeNs, stampNs);
    const since = this.#open === undefined ? 0n : time - this.#open.stampNs;
    const isAnew = this.#sequence - sequence > LATE_PACKETS || since > FRAME_NS_MAX;
    const done = isAnew || this.#buffers.count > POINTS_MAX ? this.flush() : undefined;
    this.#open ??= this.#start(model.name, time, found.timeNs ?? stampNs, stampNs);
    this.#sequence = sequence;
    tellOrigin(this.#open.metadata.tell);
    const { view, at } = this.#buffers.grow(count);
    const packet = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
    const sinceMicros = Number((time - this.#open.stampNs) / 1000n);
    writeRobosensePoints(model, packet, sinceMicros, view, at);
    return done;
  }

  flush(): Frame | undefined {
    const open = this.#open;
    if (open === undefined) return undefined;
    this.#open = undefined;
    this.#delivered++;
    const count = this.#buffers.count;
    const data = this.#buffers.take();
    const { stampNs, metadata } = open;
    return { count, layout: ROBOSENSE_LAYOUT, data, stampNs, metadata: metadata.list() };
  }

  mustHaveDelivered(): void {
    if (this.#delivered > 0) return;
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

  /** To this frame and to every later one. */
  readonly #tell: Tell = (name, value) => {
    this.#said.add(name, value);
    this.#open?.metadata.add(name, value);
  };

  /** Of the two clocks one gives the stamp; both are told. */
  #start(model: string, stampNs: bigint, ...clocks: bigint[]): OpenFrame {
    const metadata = this.#said.copy();
    metadata.add("sensor_model", model);
    for (const clock of clocks) metadata.add("wall_clock", isoTime(clock));
    return { stampNs, metadata };
  }
}
