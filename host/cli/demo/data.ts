/** The bundled recording of the demo, and the identifiers in it that must not be found elsewhere. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Identifier } from "../../canary/identifier.ts";
import { MapveilError } from "../../core/errors.ts";
import type { Frame } from "../../core/frame.ts";
import { packageRoot } from "../package-root.ts";

const FOLDER = "test/data/ouster";
const STEM = "OS-1-128_v2.3.0_1024x10";

export interface DemoData {
  readonly recording: string;
  readonly metadata: string;
  readonly poses: string;
}

/** Paths of the recording. IO if this is no clone: installed packages do not carry it. */
export function demoData(): DemoData {
  const folder = join(packageRoot(), FOLDER);
  const data = {
    recording: join(folder, `${STEM}_lb_n3.pcap`),
    metadata: join(folder, `${STEM}.json`),
    poses: join(folder, `${STEM}_lb_n3_poses_kitti.txt`),
  };
  const missing = Object.values(data).find((path) => !existsSync(path));
  if (missing === undefined) return data;
  const text =
    `The demo needs the recording in ${FOLDER}, which only a clone of the repository holds. ` +
    "With a recording of your own, start with: mapveil keygen";
  throw new MapveilError("IO", text);
}

/** Everything that a frame says beside its points, its stamp and its place in the map. */
export function identifiersOf(frame: Frame): Identifier[] {
  const found: Identifier[] = frame.metadata.map(({ name, value }) => ({ name, value }));
  if (frame.stampNs !== undefined) {
    found.push({ name: "capture time (ns)", value: frame.stampNs });
    found.push({ name: "capture time (s)", value: Number(frame.stampNs) / 1e9 });
    found.push({ name: "capture second", value: frame.stampNs / 1_000_000_000n });
  }
  const place = [...(frame.pose?.translation ?? []), ...(frame.pose?.quaternion ?? [])];
  for (const value of place) {
    // The first pose is often the origin itself, which says nothing.
    if (!Number.isInteger(value)) found.push({ name: "pose", value });
  }
  return found;
}
