/** Gathers Ouster packets into frames: a frame ends where the packets' frame number changes. */
import { type Frame, type PointLayout, RING_SCALE } from "../core/frame.ts";
import type { CapturedPayload, PacketFrames } from "./captured-payload.ts";
import { badInput } from "./input-errors.ts";
import { isoTime, type MetadataList } from "./metadata-list.ts";
import { OusterGeometry } from "./ouster-geometry.ts";
import type { OusterMetadata } from "./ouster-metadata.ts";
import {
  decodeColumns,
  POINT_COLUMN,
  POINT_REFLECTIVITY,
  POINT_RING,
  POINT_STEP,
  readPacketHeader,
} from "./ouster-packet.ts";
import { packetBytes } from "./ouster-profile.ts";

/** A packet this many frames behind is late, one further behind means that the count wrapped. */
const LATE_FRAMES = 8;

interface OpenFrame {
  readonly frameId: number;
  /** When its first packet was captured. */
  readonly stampNs: bigint;
  readonly points: DataView;
  readonly metadata: MetadataList;
}

/** Packets of other kinds, ports and sensors are counted and left out. */
export class OusterFrames implements PacketFrames {
  readonly #file: string;
  readonly #metadata: OusterMetadata;
  readonly #geometry: OusterGeometry;
  readonly #packetBytes: number;
  readonly #layout: PointLayout;
  readonly #said: MetadataList;
  /** The frame that was handed out stays valid while the next one fills. */
  readonly #buffers: [Uint8Array | undefined, Uint8Array | undefined] = [undefined, undefined];
  readonly #refused = new Map<string, number>();
  #open: OpenFrame | undefined;
  #delivered = 0;

  /** `said` is what the recording says of itself; it may grow, and every later frame carries it. */
  constructor(file: string, metadata: OusterMetadata, said: MetadataList) {
    this.#file = file;
    this.#metadata = metadata;
    this.#geometry = new OusterGeometry(metadata);
    const { profile, rows, columnsPerPacket } = metadata;
    this.#packetBytes = packetBytes(profile, rows, columnsPerPacket);
    this.#layout = layoutFor(metadata);
    this.#said = said;
  }

  push({ payload, stampNs, port, tellOrigin }: CapturedPayload): Frame | undefined {
    const wanted = this.#metadata.port;
    if (port !== undefined && wanted !== undefined && port !== wanted) {
      this.#refuse("another port");
      return undefined;
    }
    if (payload.length !== this.#packetBytes) {
      this.#refuse(`${payload.length} bytes`);
      return undefined;
    }
    const header = readPacketHeader(this.#metadata, payload);
    const known = this.#metadata.serial;
    if (header.serial && known !== undefined && header.serial !== known) {
      this.#refuse("the serial number of another sensor");
      return undefined;
    }
    const behind = this.#open === undefined ? 0 : (this.#open.frameId - header.frameId) & 0xffff;
    if (behind > 0 && behind <= LATE_FRAMES) return undefined;
    const done = behind === 0 ? undefined : this.flush();
    this.#open ??= this.#start(header.frameId, stampNs);
    const { metadata, points } = this.#open;
    tellOrigin((name, value) => metadata.add(name, value));
    if (header.serial) metadata.add("serial_number", String(header.serial));
    if (header.initId) metadata.add("session_id", String(header.initId));
    decodeColumns(this.#metadata, this.#geometry, payload, points);
    return done;
  }

  /** Counts a packet that is not decoded, for the error in case none is. */
  #refuse(reason: string): void {
    if (this.#refused.size < 64 || this.#refused.has(reason)) {
      this.#refused.set(reason, (this.#refused.get(reason) ?? 0) + 1);
    }
  }

  flush(): Frame | undefined {
    const open = this.#open;
    if (open === undefined) return undefined;
    this.#open = undefined;
    this.#delivered++;
    return {
      count: this.#metadata.rows * this.#metadata.columnsPerFrame,
      layout: this.#layout,
      data: new Uint8Array(open.points.buffer),
      stampNs: open.stampNs,
      metadata: open.metadata.list(),
    };
  }

  mustHaveDelivered(): void {
    if (this.#delivered > 0) return;
    const { profile, rows } = this.#metadata;
    const seen = [...this.#refused].map(([reason, count]) => `${count} with ${reason}`).join(", ");
    throw badInput(
      this.#file,
      `no lidar packet fits the metadata (${profile.name}, ${rows} rows: ${this.#packetBytes} bytes, ` +
        `its port and its serial number). Packets found: ${seen || "none"}. ` +
        "Give the metadata of this recording with --metadata.",
    );
  }

  #start(frameId: number, stampNs: bigint): OpenFrame {
    const turn = this.#delivered % 2;
    const size = this.#metadata.rows * this.#metadata.columnsPerFrame * POINT_STEP;
    this.#buffers[turn] ??= new Uint8Array(size);
    const buffer = this.#buffers[turn]!;
    // Columns that never arrive must be empty, not those of the frame before last.
    buffer.fill(0);
    const metadata = this.#said.copy();
    metadata.add("wall_clock", isoTime(stampNs));
    return { frameId, stampNs, points: new DataView(buffer.buffer), metadata };
  }
}

function layoutFor(metadata: OusterMetadata): PointLayout {
  return {
    pointStep: POINT_STEP,
    x: { offset: 0, type: "f32" },
    y: { offset: 4, type: "f32" },
    z: { offset: 8, type: "f32" },
    intensity: { offset: POINT_REFLECTIVITY, type: "u8", scale: 1 / 255 },
    ring: { offset: POINT_RING, type: "u16", ...RING_SCALE },
    time: { offset: POINT_COLUMN, type: "u16", scale: 1 / metadata.columnsPerFrame },
    otherFields: [],
  };
}
