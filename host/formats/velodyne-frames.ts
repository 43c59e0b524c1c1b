/** Gathers Velodyne packets into frames: a frame ends where the azimuth begins anew. */
import { type Frame, type PointLayout, RING_SCALE } from "../core/frame.ts";
import type { CapturedPayload, PacketFrames, PacketVendor } from "./captured-payload.ts";
import { badInput } from "./input-errors.ts";
import { isoTime, type MetadataList } from "./metadata-list.ts";
import { VELODYNE_NAMES, type VelodyneModel, velodyneModel } from "./velodyne-models.ts";
import {
  isDataPacket,
  isHdl64Packet,
  microsecondsOf,
  PACKET_POINTS_MAX,
  POINT_AZIMUTH,
  POINT_REFLECTIVITY,
  POINT_RING,
  POINT_STEP,
  productOf,
  returnsOf,
  TURN_UNITS,
  VelodyneDecoder,
} from "./velodyne-packet.ts";
import { isPositionPacket, tellPosition } from "./velodyne-position.ts";

const HOUR_NS = 3_600_000_000_000n;
/** Clocks that are further apart than this are not set by the same time. */
const CLOCKS_APART_NS_MAX = 1_000_000_000n;
/** The slowest turn takes a fifth of a second; after a longer time a new one has begun. */
const TURN_US_MAX = 300_000;
const HOUR_US = 3_600_000_000;
/** Twice what a VLS-128 with two returns measures in its slowest turn. */
const FRAME_POINTS_MAX = 1 << 21;

export const VELODYNE: PacketVendor = {
  name: "velodyne",
  recognises: (payload) => isDataPacket(payload) || isPositionPacket(payload),
  open: async ({ path, said }) => ({ frames: () => new VelodyneFrames(path, said) }),
};

const LAYOUT: PointLayout = {
  pointStep: POINT_STEP,
  x: { offset: 0, type: "f32" },
  y: { offset: 4, type: "f32" },
  z: { offset: 8, type: "f32" },
  intensity: { offset: POINT_REFLECTIVITY, type: "u8", scale: 1 / 255 },
  ring: { offset: POINT_RING, type: "u8", ...RING_SCALE },
  time: { offset: POINT_AZIMUTH, type: "u16", scale: 1 / TURN_UNITS },
  otherFields: [],
};

interface OpenFrame {
  readonly stampNs: bigint;
  /** Time since the full hour of its first packet. */
  readonly startUs: number;
  points: number;
}

/**
 * The points of one sensor, whose model its packets tell. Frames hold the returns alone: what was
 * measured without one is left out. Stamp: the sensor's own time where its clock is set, else the
 * capture of the first packet.
 */
class VelodyneFrames implements PacketFrames {
  readonly #file: string;
  readonly #said: MetadataList;
  /** The frame that was handed out stays valid while the next one fills. */
  readonly #buffers: [Uint8Array, Uint8Array] = [new Uint8Array(0), new Uint8Array(0)];
  readonly #refused = new Map<string, number>();
  #model: VelodyneModel | undefined;
  #decoder: VelodyneDecoder | undefined;
  #open: OpenFrame | undefined;
  /** Of the frame that is being gathered, or of the next one. */
  #metadata: MetadataList | undefined;
  #lastAzimuth = 0;
  #delivered = 0;

  constructor(file: string, said: MetadataList) {
    this.#file = file;
    this.#said = said;
  }

  push(packet: CapturedPayload): Frame | undefined {
    const { payload } = packet;
    if (isPositionPacket(payload)) {
      this.#tell(packet);
      tellPosition(payload, this.#metadata!.tell);
      return undefined;
    }
    const decoder = this.#decoderOf(payload);
    const returns = returnsOf(payload);
    if (decoder === undefined || returns === undefined) {
      this.#refuse(payload, returns);
      return undefined;
    }
    let done = this.#isOver(microsecondsOf(payload)) ? this.flush() : undefined;
    for (let column = 0; column < decoder.columns(returns); column++) {
      const azimuth = decoder.azimuth(payload, returns, column);
      if (azimuth === undefined) continue;
      // Packets that come too late go back a little; a new turn goes back by most of one.
      const isNewTurn = this.#lastAzimuth - azimuth > TURN_UNITS / 2;
      if (isNewTurn && done === undefined) done = this.flush();
      this.#lastAzimuth = azimuth;
      this.#open ??= this.#start(packet);
      if (column === 0 || this.#open.points === 0) this.#tell(packet);
      const points = this.#room(this.#open.points);
      this.#open.points = decoder.decode(payload, returns, column, points, this.#open.points);
    }
    return done;
  }

  flush(): Frame | undefined {
    const open = this.#open;
    if (open === undefined) return undefined;
    this.#open = undefined;
    const data = this.#buffers[this.#delivered % 2]!;
    this.#delivered++;
    const metadata = this.#metadata!.list();
    this.#metadata = undefined;
    return { count: open.points, layout: LAYOUT, data, stampNs: open.stampNs, metadata };
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

  /** True if the frame cannot go on, whatever the azimuth: packets were lost, or it does not turn. */
  #isOver(microseconds: number): boolean {
    if (this.#open === undefined) return false;
    const { startUs, points } = this.#open;
    const passed = (microseconds - startUs + HOUR_US) % HOUR_US;
    const isLate = passed > TURN_US_MAX && passed < HOUR_US / 2;
    return isLate || points > FRAME_POINTS_MAX - PACKET_POINTS_MAX;
  }

  #start({ payload, stampNs }: CapturedPayload): OpenFrame {
    const startUs = microsecondsOf(payload);
    return { stampNs: sensorTime(stampNs, startUs) ?? stampNs, startUs, points: 0 };
  }

  /** What the envelope of a packet and the frame's begin say. */
  #tell({ tellOrigin, stampNs }: CapturedPayload): void {
    if (this.#metadata === undefined) {
      this.#metadata = this.#said.copy();
      this.#metadata.add("wall_clock", isoTime(this.#open?.stampNs ?? stampNs));
      this.#metadata.add("sensor_model", this.#model?.name);
    }
    tellOrigin(this.#metadata.tell);
  }

  /** The buffer of the open frame, with room for one packet more. */
  #room(points: number): DataView {
    const turn = this.#delivered % 2;
    const wanted = (points + PACKET_POINTS_MAX) * POINT_STEP;
    const buffer = this.#buffers[turn]!;
    if (buffer.length < wanted) {
      const larger = new Uint8Array(2 * wanted);
      larger.set(buffer);
      this.#buffers[turn] = larger;
    }
    const { buffer: bytes } = this.#buffers[turn]!;
    return new DataView(bytes);
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
