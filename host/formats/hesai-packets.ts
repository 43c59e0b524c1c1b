/** Recordings of Hesai packets: their frames, with the unit's own beam angles where its file is. */
import { readdir } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { PacketVendor } from "./captured-payload.ts";
import { readHesaiCalibration } from "./hesai-calibration.ts";
import { HesaiFrames } from "./hesai-frames.ts";
import { isHesaiGps } from "./hesai-gps.ts";
import { hesaiModel } from "./hesai-model.ts";

/**
 * Frames hold a slot for every return that packets have room for, in the order of measuring; slots
 * without one are exact (0, 0, 0). Stamp: the first packet's by the lidar's clock, see frameTime. Beam
 * angles: `metadataPath` (angle correction .csv), or <name>.csv beside the recording, or the model's
 * nominal ones.
 */
export const HESAI: PacketVendor = {
  name: "hesai",
  recognises: (payload) => hesaiModel(payload) !== undefined || isHesaiGps(payload),
  async open({ path, said }, { metadataPath }) {
    const file = metadataPath ?? (await findCalibration(path));
    const calibration = file === undefined ? undefined : await readHesaiCalibration(file);
    if (calibration !== undefined) {
      said.add("calibration", `angle correction: ${calibration.elevations.length} channels`);
    }
    return { frames: () => new HesaiFrames(path, calibration, said) };
  },
};

async function findCalibration(path: string): Promise<string | undefined> {
  const name = `${basename(path).replace(/\.[^.]*$/, "")}.csv`;
  const names = await readdir(dirname(path)).catch((): string[] => []);
  return names.includes(name) ? join(dirname(path), name) : undefined;
}
