/** Gathers Velodyne packets into frames: a frame ends where the azimuth begins anew. */
import type { Frame } from "../core/frame.ts";
import type { CapturedPayload, PacketFrames, PacketVendor } from "./captured-payload.ts";
import { GatheredFrames } from "./gathered-frames.ts";
import { badInput } from "./input-errors.ts";
import { isoTime, type MetadataList } from "./metadata-list.ts";
import { frameTime } from "./packet-clock.ts";
import { VELODYNE_NAMES, type VelodyneModel, velodyneModel } from "./velodyne-models.ts";
import {
  isDataPacket,
  isHdl64Packet,
  microsecondsOf,
  productOf,
  returnsOf,
  TURN_UNITS,
  VELODYNE_LAYOUT,
  VelodyneDecoder,
} from "./velodyne-packet.ts";
import { isPositionPacket, tellPosition } from "./velodyne-position.ts";

const HOUR_NS = 3_600_000_000_000n;
/** The slowest turn takes a fifth of a second; after a longer time a new one has begun. */
const TURN_US_MAX = 300_000;
const HOUR_US = 3_600_000_000;
/** Twice what a VLS-128 with two returns measures in its slowest turn. */
const TURN_POINTS_MAX = 1 << 21;
/** Less than this of a turn (30 degrees) is a piece: alone it would look like a beam at rest. */
const PIECE_UNITS = 3000;

export const VELODYNE: PacketVendor = {
  name: "velodyne",
  recognises: (payload) => isDataPacket(payload) || isPositionPacket(payload),
  open: async ({ path, said }) => ({ frames: () => new VelodyneFrames(path, said) }),
};

/**
 * The points of one sensor, whose model its packets tell. Frames hold the returns alone: what was
 * measured without one is left out. Stamp: the first packet's by the lidar's clock, see frameTime.
 */
class VelodyneFrames implements PacketFrames {
  readonly #file: string;
  readonly #frames: GatheredFrames;
  readonly #refused = new Map<string, number>();
  #model: VelodyneModel | undefined;
  #decoder: VelodyneDecoder | undefined;
  #lastAzimuth = 0;
  /** How far the head has turned in the frame that fills, in hundredths of a degree. */
  #spanUnits = 0;
  /** Time since the full hour of its first packet. */
  #startUs = 0;

  constructor(file: string, said: MetadataList) {
    this.#file = file;
    this.#frames = new GatheredFrames(VELODYNE_LAYOUT, said);
  }

  push(packet: CapturedPayload): Frame | undefined {
    const { payload, tellOrigin } = packet;
    if (isPositionPacket(payload)) {
      // Before the first frame it is kept for it, later it goes to the one that fills.
      const { tell, tellNow, openStampNs } = this.#frames;
      const toFrame = openStampNs === undefined ? tell : tellNow;
      tellOrigin(toFrame);
      tellPosition(payload, toFrame);
      return undefined;
    }
    const decoder = this.#decoderOf(payload);
    const returns = returnsOf(payload);
    if (decoder === undefined || returns === undefined) {
      this.#refuse(payload, returns);
      return undefined;
    }
    let done = this.#isOver(microsecondsOf(payload)) ? this.#endTurn() : undefined;
    for (let column = 0; column < decoder.columns(returns); column++) {
      const azimuth = decoder.azimuth(payload, returns, column);
      if (azimuth === undefined) continue;
      const step = azimuth - this.#lastAzimuth;
      this.#lastAzimuth = azimuth;
      // Packets that come too late go back a little; a new turn goes back by most of one.
      const isNewTurn = step < -TURN_UNITS / 2;
      if (isNewTurn) done ??= this.#endTurn();
      this.#begin(packet, isNewTurn ? step + TURN_UNITS : step);
      const { view, at } = this.#frames.room(decoder.room(returns));
      const written = decoder.decode(payload, returns, column, view, at);
      this.#frames.giveBack(decoder.room(returns) - written);
      if (this.#spanUnits >= PIECE_UNITS) done ??= this.#frames.settle();
    }
    if (this.#frames.openStampNs !== undefined) tellOrigin(this.#frames.tellNow);
    return done;
  }

  flush(): Frame | undefined {
    return this.#frames.flush();
  }

  mustHaveDelivered(): void {
    if (this.#frames.given > 0) return;
    const seen = [...this.#refused].map(([reason, count]) => `${count} ${reason}`).join(", ");
    throw badInput(
      this.#file,
      `no packet is of a model whose angles are known (${VELODYNE_NAMES}). Packets found: ` +
        `${seen || "none with points"}. The angles of an HDL-64E are measured for each unit: turn its ` +
        "capture into .pcd with the driver and the unit's calibration file.",
    );
  }

  /** Of the first model that is known; packets of another are not this sensor's. */
  #decoderOf(payload: Uint8Array): VelodyneDecoder | undefined {
    if (!isDataPacket(payload) || isHdl64Packet(payload)) return undefined;
    const model = velodyneModel(productOf(payload));
    this.#model ??= model;
    if (model === undefined || model !== this.#model) return undefined;
    this.#decoder ??= new VelodyneDecoder(model);
    return this.#decoder;
  }

  /** Counts a packet that is not decoded, for the error in case none is. */
  #refuse(payload: Uint8Array, returns: 1 | 2 | undefined): void {
    let reason = "of another product";
    if (!isDataPacket(payload)) reason = "of other sizes or marks";
    else if (isHdl64Packet(payload)) reason = "of an HDL-64E";
    else if (returns === undefined) reason = "in another mode of returns";
    this.#refused.set(reason, (this.#refused.get(reason) ?? 0) + 1);
  }

  /** Begins a frame if none fills, else notes how far the head has turned in it. */
  #begin({ payload, stampNs }: CapturedPayload, step: number): void {
    if (this.#frames.openStampNs !== undefined) {
      this.#spanUnits += Math.max(0, step);
      return;
    }
    this.#spanUnits = 0;
    this.#startUs = microsecondsOf(payload);
    const startNs = frameTime(sensorTime(stampNs, this.#startUs), stampNs);
    this.#frames.start(startNs, (tell) => {
      tell("sensor_model", this.#model?.name);
      tell("wall_clock", isoTime(startNs));
    });
  }

  /** Ends the frame that fills, unless it is only a piece of a turn: then it goes on. */
  #endTurn(): Frame | undefined {
    const isPiece = this.#spanUnits < PIECE_UNITS && this.#frames.openCount < TURN_POINTS_MAX;
    return isPiece ? undefined : this.#frames.end();
  }

  /** True if the frame cannot go on, whatever the azimuth: packets were lost, or it does not turn. */
  #isOver(microseconds: number): boolean {
    if (this.#frames.openStampNs === undefined) return false;
    const passed = (microseconds - this.#startUs + HOUR_US) % HOUR_US;
    const isLate = passed > TURN_US_MAX && passed < HOUR_US / 2;
    return isLate || this.#frames.openCount >= TURN_POINTS_MAX;
  }
}

/** The sensor's time since the full hour, in the hour that brings it nearest to the capture. */
function sensorTime(capturedNs: bigint, microseconds: number): bigint | undefined {
  if (microseconds >= HOUR_US) return undefined;
  const time = capturedNs - (capturedNs % HOUR_NS) + BigInt(microseconds) * 1000n;
  if (time - capturedNs > HOUR_NS / 2n) return time - HOUR_NS;
  return capturedNs - time > HOUR_NS / 2n ? time + HOUR_NS : time;
}
