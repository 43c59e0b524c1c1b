/**
 * Scans of a CARMEN log: lines `FLASER n r1 .. rn x y theta odom_x odom_y odom_theta time host time`,
 * ranges in metres from the right to the left over half a turn.
 * Format: carmen.sourceforge.net/program_manual, "logger".
 */
import type { Frame } from "../../core/frame.ts";

/** Points become millimetres in i16, times five, as small lidars send them: 131 m are not passed. */
const UNIT_M = 0.005;
const POINT_STEP = 6;
/** Lidars of these logs say 81.9 m where nothing came back. */
const NO_RETURN_M = 81;

const axis = (offset: number) => ({ offset, type: "i16", scale: UNIT_M, bias: 0 }) as const;

function frameOf(line: string): Frame {
  const words = line.split(/\s+/);
  const count = Number(words[1]);
  const numbers = words.slice(2).map(Number);
  const [x, y, theta] = numbers.slice(count, count + 3) as [number, number, number];
  const seconds = numbers[count + 6];
  if (!(count > 1) || seconds === undefined || ![x, y, theta, seconds].every(Number.isFinite)) {
    throw new RangeError(`This is no scan of a CARMEN log: ${line.slice(0, 60)}`);
  }
  const data = new Uint8Array(count * POINT_STEP);
  const view = new DataView(data.buffer);
  // 180 readings stand a degree apart, 361 half a degree.
  const step = (Math.round(360 / count) / 360) * Math.PI;
  for (const [i, range] of numbers.slice(0, count).entries()) {
    if (!(range < NO_RETURN_M)) continue;
    const angle = i * step - Math.PI / 2;
    view.setInt16(i * POINT_STEP, Math.round((range * Math.cos(angle)) / UNIT_M), true);
    view.setInt16(i * POINT_STEP + 2, Math.round((range * Math.sin(angle)) / UNIT_M), true);
  }
  return {
    count,
    layout: { pointStep: POINT_STEP, x: axis(0), y: axis(2), z: axis(4) },
    data,
    stampNs: BigInt(Math.round(seconds * 1e6)) * 1000n,
    pose: {
      translation: [x, y, 0],
      quaternion: [0, 0, Math.sin(theta / 2), Math.cos(theta / 2)],
    },
    metadata: [],
  };
}

/** The scans of a log, points without a return as 0 0 0, each with its pose on the plane. */
export function carmenFrames(log: string): Frame[] {
  return log
    .split("\n")
    .filter((line) => line.startsWith("FLASER "))
    .map(frameOf);
}
