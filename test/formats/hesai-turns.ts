/** Turns of Hesai lidars as packets, with made-up returns. */
import { nominalAngles } from "../../host/formats/hesai-angles.ts";
import {
  ENCODED_MODELS,
  type EncodedBlock,
  type EncodedModel,
  hesaiPacket,
} from "./hesai-encoder.ts";

/** Firings a turn. */
export const FIRINGS = 40;
export const STEP = 36_000 / FIRINGS;
/** Return modes: strongest; last and strongest. */
const SINGLE = 0x37;
export const DUAL = 0x39;
/** By the lidar's clock. */
export const START_NS = BigInt(Date.UTC(2024, 4, 17, 8, 30, 59)) * 1_000_000n + 990_000_000n;
/** By that of the capture. */
export const CAPTURED_NS = START_NS + 7_000_000n;
export const modelNamed = (name: string) => ENCODED_MODELS.find((model) => model.name === name)!;

export interface Turns {
  readonly model: EncodedModel;
  readonly turns: number;
  readonly mode?: number;
  /** Year of the lidar's clock. */
  readonly year?: number;
  /** Firings a turn. */
  readonly each?: number;
  /** Hundredths of a degree of each turn that are fired at. */
  readonly sector?: number;
}

/** A distance and a reflectivity for each firing: some have none, some have two alike. */
export function returnOf(firing: number, channel: number, echo: number) {
  const distance = (firing * 7 + channel) % 9 === 0 ? 0 : 500 + firing * 31 + channel * 3;
  const isTwice = (firing + channel) % 5 === 0;
  const later = echo > 0 && !isTwice ? 40 : 0;
  return {
    distance: distance === 0 ? 0 : distance + later,
    reflectivity: (channel * 2 + firing) % 256,
  };
}

/** Packets of an evenly turning head, 100 ms a turn. */
export function packetsOf({
  model,
  turns,
  mode = SINGLE,
  year = 2024,
  each = FIRINGS,
  sector = 36_000,
}: Turns) {
  const echoes = mode === DUAL ? 2 : 1;
  const firings = Math.round(turns * each);
  const blocks: EncodedBlock[] = [];
  for (let firing = 0; firing < firings; firing++) {
    for (let echo = 0; echo < echoes; echo++) {
      const returns = Array.from({ length: model.channels }, (_, c) => returnOf(firing, c, echo));
      blocks.push({ azimuth: (firing % each) * (sector / each) + 5, returns });
    }
  }
  const packets = [];
  for (let at = 0; at + model.blocks <= blocks.length; at += model.blocks) {
    const sinceNs = BigInt(Math.floor(at / echoes)) * BigInt(100_000_000 / each);
    const atNs = START_NS + sinceNs;
    const clock = new Date(Number(atNs / 1_000_000n));
    const micros = Number((atNs / 1000n) % 1_000_000n);
    const [month, day, hour, minute, second] = clock
      .toISOString()
      .match(/\d+/g)!
      .slice(1)
      .map(Number);
    packets.push({
      payload: hesaiPacket(model, blocks.slice(at, at + model.blocks), {
        date: [year, month!, day!, hour!, minute!, second!],
        micros,
        mode,
      }),
      timeNs: CAPTURED_NS + sinceNs,
    });
  }
  return { packets, blocks: blocks.slice(0, packets.length * model.blocks), echoes };
}

/** Beam angles, nominal or made up; those without a table get a file beside the recording. */
export function anglesOf(model: EncodedModel): { elevations: number[]; azimuths: number[] } {
  const angles = nominalAngles(model.name);
  if (angles) return { elevations: [...angles.elevations], azimuths: [...angles.azimuths] };
  const channels = Array.from({ length: model.channels }, (_, c) => c);
  return {
    elevations: channels.map((c) => 15 - c * 0.25),
    azimuths: channels.map((c) => (c % 4) - 1.5),
  };
}

export function calibrationOf(model: EncodedModel): string {
  const { elevations, azimuths } = anglesOf(model);
  const rows = elevations.map((elevation, c) => `${c + 1},${elevation},${azimuths[c]}`);
  return ["EEFF,1,1", "Laser id,Elevation,Azimuth", ...rows, "5c9a0d7b", ""].join("\r\n");
}
