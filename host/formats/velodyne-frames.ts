/** Gathers Velodyne packets into frames: a frame ends where the azimuth begins anew. */
import type { Frame } from "../core/frame.ts";
import type { CapturedPayload, PacketFrames, PacketVendor } from "./captured-payload.ts";
import { badInput } from "./input-errors.ts";
import { isoTime, type MetadataList } from "./metadata-list.ts";
import { VELODYNE_NAMES, type VelodyneModel, velodyneModel } from "./velodyne-models.ts";
import {
  isDataPacket,
  isHdl64Packet,
  microsecondsOf,
  productOf,
  returnsOf,
  TURN_UNITS,
  VelodyneDecoder,
} from "./velodyne-packet.ts";
import { isPositionPacket, tellPosition } from "./velodyne-position.ts";
import { PointBuffer, VelodyneTurn } from "./velodyne-turn.ts";

const HOUR_NS = 3_600_000_000_000n;
/** Clocks that are further apart than this are not set by the same time. */
const CLOCKS_APART_NS_MAX = 1_000_000_000n;
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
 * measured without one is left out. Stamp: the sensor's own time where its clock is set, else the
 * capture of the first packet. A turn is given once the next one has begun in earnest, so that pieces
 * of a turn at the ends of a recording go to the turn beside them.
 */
class VelodyneFrames implements PacketFrames {
  readonly #file: string;
  readonly #said: MetadataList;
  readonly #refused = new Map<string, number>();
  #model: VelodyneModel | undefined;
  #decoder: VelodyneDecoder | undefined;
  /** Those in no turn's use; the one of the turn that was given last stands at the end. */
  readonly #buffers: PointBuffer[] = [new PointBuffer(), new PointBuffer(), new PointBuffer()];
  /** The turn before, as long as the one that is open may be only a piece. */
  #whole: VelodyneTurn | undefined;
  #open: VelodyneTurn | undefined;
  /** What was told before the first data packet. */
  #early: MetadataList | undefined;
  #lastAzimuth = 0;
  #delivered = 0;

  constructor(file: string, said: MetadataList) {
    this.#file = file;
    this.#said = said;
  }

  push(packet: CapturedPayload): Frame | undefined {
    const { payload } = packet;
    if (isPositionPacket(payload)) {
      if (this.#open === undefined) this.#early ??= this.#said.copy();
      this.#tell(packet);
      return undefined;
    }
    const decoder = this.#decoderOf(payload);
    const returns = returnsOf(payload);
    if (decoder === undefined || returns === undefined) {
      this.#refuse(payload, returns);
      return undefined;
    }
    let isEnd = this.#isOver(microsecondsOf(payload));
    let done: Frame | undefined;
    for (let column = 0; column < decoder.columns(returns); column++) {
      const azimuth = decoder.azimuth(payload, returns, column);
      if (azimuth === undefined) continue;
      const step = azimuth - this.#lastAzimuth;
      this.#lastAzimuth = azimuth;
      // Packets that come too late go back a little; a new turn goes back by most of one.
      const isNewTurn = step < -TURN_UNITS / 2;
      if (isEnd || isNewTurn) done ??= this.#endTurn();
      isEnd = false;
      if (this.#open === undefined) this.#open = this.#start(packet);
      else this.#open.spanUnits += Math.max(0, isNewTurn ? step + TURN_UNITS : step);
      const open = this.#open;
      if (open.points === 0 || column === 0) this.#tell(packet);
      const points = open.buffer.room(open.points);
      open.points = decoder.decode(payload, returns, column, points, open.points);
      if (open.spanUnits >= PIECE_UNITS) done ??= this.#give();
    }
    return done;
  }

  flush(): Frame | undefined {
    const [whole, open] = [this.#whole, this.#open];
    this.#whole = whole ?? open;
    this.#open = undefined;
    if (whole !== undefined && open !== undefined) whole.append(open);
    return this.#give();
  }

  mustHaveDelivered(): void {
    if (this.#delivered > 0) return;
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

  /** Closes the open turn, unless it is only a piece: then it goes on. Gives the one before. */
  #endTurn(): Frame | undefined {
    const open = this.#open;
    if (open === undefined) return undefined;
    if (open.spanUnits < PIECE_UNITS && open.points < TURN_POINTS_MAX) return undefined;
    const done = this.#give();
    this.#whole = open;
    this.#open = undefined;
    return done;
  }

  /** The turn before the open one, if it still is to be given. */
  #give(): Frame | undefined {
    const whole = this.#whole;
    if (whole === undefined) return undefined;
    this.#whole = undefined;
    this.#buffers.push(whole.buffer);
    this.#delivered++;
    return whole.toFrame();
  }

  /** True if the turn cannot go on, whatever the azimuth: packets were lost, or it does not turn. */
  #isOver(microseconds: number): boolean {
    if (this.#open === undefined) return false;
    const { startUs, points } = this.#open;
    const passed = (microseconds - startUs + HOUR_US) % HOUR_US;
    const isLate = passed > TURN_US_MAX && passed < HOUR_US / 2;
    return isLate || points >= TURN_POINTS_MAX;
  }

  #start({ payload, stampNs }: CapturedPayload): VelodyneTurn {
    const startUs = microsecondsOf(payload);
    const metadata = this.#early ?? this.#said.copy();
    this.#early = undefined;
    const startNs = sensorTime(stampNs, startUs) ?? stampNs;
    metadata.add("wall_clock", isoTime(startNs));
    metadata.add("sensor_model", this.#model?.name);
    return new VelodyneTurn(this.#buffers.shift()!, metadata, startNs, startUs);
  }

  /** What a packet and its envelope say, to every turn that it may come to belong to. */
  #tell({ payload, tellOrigin }: CapturedPayload): void {
    for (const metadata of [this.#whole?.metadata, this.#open?.metadata, this.#early]) {
      if (metadata === undefined) continue;
      tellOrigin(metadata.tell);
      if (isPositionPacket(payload)) tellPosition(payload, metadata.tell);
    }
  }
}

/**
 * The sensor's time since the full hour, joined with the hour of the capture; undefined if its clock is
 * not set: without GPS it counts from when it was switched on.
 */
function sensorTime(capturedNs: bigint, microseconds: number): bigint | undefined {
  if (microseconds >= HOUR_US) return undefined;
  const hour = capturedNs - (capturedNs % HOUR_NS);
  const around = [hour - HOUR_NS, hour, hour + HOUR_NS];
  const times = around.map((start) => start + BigInt(microseconds) * 1000n);
  return times.find((time) => {
    const apart = time > capturedNs ? time - capturedNs : capturedNs - time;
    return time > 0n && apart <= CLOCKS_APART_NS_MAX;
  });
}
