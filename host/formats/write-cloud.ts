/**
 * Writes clouds as PCD or PLY, binary little-endian. The headers hold the fields that are there and
 * nothing else: no comment, no program name, no date.
 */
import { MapveilError } from "../core/errors.ts";
import { type AtomicFile, type AtomicFileOptions, createAtomicFile } from "./atomic-file.ts";
import { type Cloud, cloudFields, packPoints } from "./cloud.ts";

const POINTS_PER_WRITE = 1 << 16;

/**
 * Writes `cloud` to `path` (.pcd or .ply) atomically. USAGE for another extension or for columns
 * that are shorter than `count`; IO and NO_SPACE as createAtomicFile.
 */
export async function writeCloud(
  path: string,
  cloud: Cloud,
  options: AtomicFileOptions = {},
): Promise<void> {
  const header = headerFor(path, cloud);
  checkColumns(path, cloud);
  const file = await createAtomicFile(path, options);
  try {
    await writeAll(file, header, cloud);
  } catch (error) {
    await file.abort();
    throw error;
  }
}

async function writeAll(file: AtomicFile, header: string, cloud: Cloud): Promise<void> {
  await file.write(Buffer.from(header, "latin1"));
  for (let start = 0; start < cloud.count; start += POINTS_PER_WRITE) {
    await file.write(packPoints(cloud, start, Math.min(start + POINTS_PER_WRITE, cloud.count)));
  }
  await file.commit();
}

function headerFor(path: string, cloud: Cloud): string {
  const extension = path.slice(path.lastIndexOf(".") + 1).toLowerCase();
  if (extension === "pcd") return pcdHeader(cloud);
  if (extension === "ply" && cloud.viewpoint === undefined) return plyHeader(cloud);
  if (extension === "ply") {
    const text = `${path}: a PLY file has no place for a viewpoint; write a .pcd instead.`;
    throw new MapveilError("USAGE", text, { file: path, field: "viewpoint" });
  }
  const text = `${path}: clouds are written as .pcd or .ply; give the file one of these endings.`;
  throw new MapveilError("USAGE", text, { file: path });
}

function pcdHeader(cloud: Cloud): string {
  const fields = cloudFields(cloud);
  const row = (values: readonly (string | number)[]) => values.join(" ");
  return [
    "VERSION 0.7",
    `FIELDS ${row(fields.map((f) => f.name))}`,
    `SIZE ${row(fields.map((f) => (f.type === "f32" ? 4 : 2)))}`,
    `TYPE ${row(fields.map((f) => (f.type === "f32" ? "F" : "U")))}`,
    `COUNT ${row(fields.map(() => 1))}`,
    `WIDTH ${cloud.count}`,
    "HEIGHT 1",
    `VIEWPOINT ${row(viewpointOf(cloud))}`,
    `POINTS ${cloud.count}`,
    "DATA binary\n",
  ].join("\n");
}

/** tx ty tz qw qx qy qz; no place and no turn by default. */
function viewpointOf({ viewpoint }: Cloud): readonly number[] {
  if (viewpoint === undefined) return [0, 0, 0, 1, 0, 0, 0];
  const [x, y, z, w] = viewpoint.quaternion;
  return [...viewpoint.translation, w, x, y, z];
}

function plyHeader(cloud: Cloud): string {
  return [
    "ply",
    "format binary_little_endian 1.0",
    `element vertex ${cloud.count}`,
    ...cloudFields(cloud).map((f) => `property ${f.type === "f32" ? "float" : "ushort"} ${f.name}`),
    "end_header\n",
  ].join("\n");
}

function checkColumns(path: string, cloud: Cloud): void {
  const columns = { intensity: cloud.intensity, ring: cloud.ring, time: cloud.time };
  const short = Object.entries(columns).find(([, c]) => c !== undefined && c.length < cloud.count);
  const whole = Number.isSafeInteger(cloud.count) && cloud.count >= 0;
  if (whole && cloud.positions.length >= 3 * cloud.count && short === undefined) return;
  const field = short?.[0] ?? "positions";
  const text = `${path}: the cloud's ${field} have fewer values than its ${cloud.count} points need.`;
  throw new MapveilError("USAGE", text, { file: path, field });
}
