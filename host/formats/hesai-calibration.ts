/**
 * The angle correction file of a Hesai lidar (.csv): channel, elevation, azimuth in degrees, a line a
 * channel. Names of columns, a version in front and a checksum behind are passed over.
 */
import { openByteFile } from "./byte-file.ts";
import type { BeamAngles } from "./hesai-angles.ts";
import { badInput, tooLarge } from "./input-errors.ts";

const FILE_BYTES_MAX = 64 * 1024;
const ROW = /^\s*(\d{1,3})\s*,\s*(-?\d+(?:\.\d+)?)\s*,\s*(-?\d+(?:\.\d+)?)\s*(?:,.*)?$/;
const CHANNELS_MAX = 256;

/** Reads and checks it; BAD_INPUT names the line or the channel that is wrong. */
export async function readHesaiCalibration(path: string): Promise<BeamAngles> {
  const file = await openByteFile(path);
  try {
    if (file.size > FILE_BYTES_MAX) {
      throw tooLarge(path, `${file.size} bytes; a table of angles has a few kilobytes.`);
    }
    return parse(path, Buffer.from(await file.read(0, file.size)).toString("latin1"));
  } finally {
    await file.close();
  }
}

function parse(path: string, text: string): BeamAngles {
  const elevations: number[] = [];
  const azimuths: number[] = [];
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const match = ROW.exec(line);
    if (match === null) continue;
    const [channel, elevation, azimuth] = match.slice(1, 4).map(Number);
    const where = { line: index + 1, field: "channel" };
    if (channel !== elevations.length + 1 || channel > CHANNELS_MAX) {
      const text = `line ${index + 1} is not that of channel ${elevations.length + 1}; channels stand in order, each once.`;
      throw badInput(path, text, where);
    }
    if (Math.abs(elevation!) > 90 || Math.abs(azimuth!) > 180) {
      throw badInput(path, `line ${index + 1} has an angle outside +-90 or +-180 degrees.`, where);
    }
    elevations.push(elevation!);
    azimuths.push(azimuth!);
  }
  if (elevations.length > 0) return { elevations, azimuths };
  throw badInput(
    path,
    'no line has the form "channel,elevation,azimuth" with degrees; give the lidar\'s angle ' +
      "correction file (.csv), as its web page offers it.",
    { field: "calibration" },
  );
}
