/** Gathers Hesai packets into frames: a frame ends where the azimuth passes 0. */
import type { Frame } from "../core/frame.ts";
import type { CapturedPayload, PacketFrames } from "./captured-payload.ts";
import { GatheredFrames } from "./gathered-frames.ts";
import { type BeamAngles, nominalAngles } from "./hesai-angles.ts";
import { tellHesaiGps } from "./hesai-gps.ts";
import { HESAI_MODELS, type HesaiModel, hesaiModel } from "./hesai-model.ts";
import { blockAzimuth, HESAI_LAYOUT, HesaiGeometry, packetTime, TURN } from "./hesai-packet.ts";
import { badInput } from "./input-errors.ts";
import { isoTime, type MetadataList } from "./metadata-list.ts";
import { frameTime } from "./packet-clock.ts";

/** The slowest head turns once in 0.2 s: after half as much again a frame ends, whatever was lost. */
const FRAME_NS_MAX = 300_000_000n;
/** Twice what the densest lidar gives in a turn: blocks that never pass 0 must not fill the memory. */
const POINTS_MAX = 1 << 21;
/**
 * A step back by more than this is a new turn, a smaller one a packet that came late. Lidars that are
 * set to a part of the turn step back by as much, not by a whole one.
 */
const LATE = TURN / 18;
/** Less of a turn than this is no frame of its own. */
const PIECE = TURN / 12;
const REASONS_MAX = 64;

interface Lidar {
  readonly model: HesaiModel;
  readonly geometry: HesaiGeometry;
  /** One of its packets. */
  readonly sample: Uint8Array;
}

export class HesaiFrames implements PacketFrames {
  readonly #file: string;
  readonly #calibration: BeamAngles | undefined;
  readonly #frames: GatheredFrames;
  readonly #refused = new Map<string, number>();
  #lidar: Lidar | undefined;
  #azimuth = 0;
  /** How far the head turned in the frame that fills, in hundredths of a degree. */
  #turned = 0;

  /**
   * `calibration`: the unit's own angles, if its file is at hand. `said` is what the recording says
   * of itself; it may grow, and every later frame carries it.
   */
  constructor(file: string, calibration: BeamAngles | undefined, said: MetadataList) {
    this.#file = file;
    this.#calibration = calibration;
    this.#frames = new GatheredFrames(HESAI_LAYOUT, said);
  }

  /**
   * Takes one UDP payload. Packets of other kinds and models than the first are counted and left
   * out. Returns the frame that ended in it.
   */
  push({ payload, stampNs, tellOrigin }: CapturedPayload): Frame | undefined {
    const lidar = this.#lidarOf(payload);
    if (lidar === undefined) {
      tellHesaiGps(payload, this.#frames.tell);
      return undefined;
    }
    const { model, geometry } = lidar;
    const frames = this.#frames;
    const packet = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
    const lidarNs = packetTime(model, packet);
    const time = frameTime(lidarNs, stampNs);
    let done = this.#isOver(time) ? this.#end() : undefined;
    let before: number | undefined;
    for (let block = 0; block < model.blocks; block++) {
      const azimuth = blockAzimuth(model, packet, block);
      if (azimuth === undefined) continue;
      const step = azimuth - this.#azimuth;
      this.#azimuth = azimuth;
      if (step < -LATE) done ??= this.#end();
      if (frames.openStampNs === undefined) this.#turned = 0;
      else this.#turned += step < -LATE ? step + TURN : Math.max(0, step);
      frames.start(time, (tell) => {
        tell("sensor_model", model.name);
        for (const clock of [lidarNs ?? stampNs, stampNs]) tell("wall_clock", isoTime(clock));
      });
      const twin = azimuth === before ? block - 1 : undefined;
      const { view, at } = frames.room(model.channels);
      geometry.writeBlock(packet, block, azimuth, twin, view, at);
      before = azimuth;
    }
    tellOrigin(frames.tellNow);
    return done ?? (this.#turned >= PIECE ? frames.settle() : undefined);
  }

  /** The frame that is being gathered; call at the end of the recording. */
  flush(): Frame | undefined {
    return this.#frames.flush();
  }

  /** Throws BAD_INPUT if no packet could be read; says which ones there were. */
  mustHaveDelivered(): void {
    if (this.#frames.given > 0) return;
    const seen = [...this.#refused].map(([reason, count]) => `${count} of ${reason}`).join(", ");
    throw badInput(
      this.#file,
      `no packet of a Hesai lidar that is read (${HESAI_MODELS}). Packets found: ${seen || "none"}. ` +
        "Convert the recording with the maker's tools, to PCD or PointCloud2.",
    );
  }

  /** True if the turn cannot go on, whatever the azimuth: packets were lost, or it does not turn. */
  #isOver(time: bigint): boolean {
    const { openStampNs, openCount } = this.#frames;
    if (openStampNs === undefined) return false;
    return time - openStampNs > FRAME_NS_MAX || openCount > POINTS_MAX;
  }

  /** A piece of a turn goes on instead. */
  #end(): Frame | undefined {
    const isPiece = this.#turned < PIECE && this.#frames.openCount <= POINTS_MAX;
    return isPiece ? undefined : this.#frames.end();
  }

  #lidarOf(payload: Uint8Array): Lidar | undefined {
    const known = this.#lidar;
    if (known !== undefined && isAlike(known, payload)) return known;
    const model = hesaiModel(payload);
    if (model === undefined || typeof model === "string") {
      this.#refuse(model ?? `another kind (${payload.length} bytes)`);
      return undefined;
    }
    if (known !== undefined) {
      this.#refuse(`another lidar (${model.name})`);
      return undefined;
    }
    const geometry = new HesaiGeometry(model, this.#anglesOf(model));
    this.#lidar = { model, geometry, sample: payload.slice() };
    return this.#lidar;
  }

  #anglesOf(model: HesaiModel): BeamAngles {
    const angles = this.#calibration ?? nominalAngles(model.name);
    const need = "give the unit's angle correction file (.csv) with --metadata";
    if (angles === undefined) {
      const text = `each ${model.name} has beam angles of its own: ${need}, or lay it beside the recording under its name.`;
      throw badInput(this.#file, text, { field: "metadata" });
    }
    const count = angles.elevations.length;
    if (count !== model.channels) {
      const text = `the angle correction has ${count} channels, but the ${model.name} of this recording has ${model.channels}; ${need}.`;
      throw badInput(this.#file, text, { field: "metadata" });
    }
    return angles;
  }

  #refuse(reason: string): void {
    if (this.#refused.size < REASONS_MAX || this.#refused.has(reason)) {
      this.#refused.set(reason, (this.#refused.get(reason) ?? 0) + 1);
    }
  }
}

function isAlike({ model, sample }: Lidar, packet: Uint8Array): boolean {
  return packet.length === sample.length && model.marks.every((at) => packet[at] === sample[at]);
}
