/** Scenes with people, run through a map whose secret is known. */
import type { Pose } from "../../host/core/frame.ts";
import { frameOf, type LabelledScan, makeScene, type SceneTerms } from "../../host/scenes/index.ts";
import type { MapMakerOptions } from "../../host/veil/map-maker.ts";
import { cellKey, cellsOf, type KnownMap, knownMap } from "./maps.ts";

export interface SceneRun extends KnownMap {
  /** Cells that the home was measured in, and those in which people were and the home was not. */
  readonly home: ReadonlySet<number>;
  readonly people: ReadonlySet<number>;
  /** Cells that may leave. */
  readonly kept: ReadonlySet<number>;
}

/** Notes the cells of a scan's points in the turned map; its poses are level. */
function noteCells(
  { points, labels, count, pose }: LabelledScan,
  first: Pose,
  turned: KnownMap["turned"],
  leafM: number,
  to: { home: Set<number>; people: Set<number> },
): void {
  const [, , qz, qw] = pose.quaternion;
  const yaw = 2 * Math.atan2(qz, qw);
  const [cos, sin] = [Math.cos(yaw), Math.sin(yaw)];
  const [tx, ty, tz] = pose.translation.map((value, i) => value - first.translation[i]!) as [
    number,
    number,
    number,
  ];
  for (let i = 0; i < count; i++) {
    const [x, y, z] = [points[3 * i]!, points[3 * i + 1]!, points[3 * i + 2]!];
    const place = turned(cos * x - sin * y + tx, sin * x + cos * y + ty, z + tz);
    (labels[i] === 0 ? to.home : to.people).add(cellKey(...place, leafM));
  }
}

/** Runs a scene through a map of cells of `leafM`. */
export async function runScene(
  yaml: string,
  terms: SceneTerms,
  leafM: number,
  options: Partial<MapMakerOptions> = {},
): Promise<SceneRun> {
  const scene = makeScene(terms);
  const flat = scene.sensor.beams.length === 1;
  const { maker, turned } = await knownMap(yaml, { flat, ...options });
  const cells = { home: new Set<number>(), people: new Set<number>() };
  let first: Pose | undefined;
  for (const scan of scene.scans()) {
    first ??= scan.pose;
    maker.add(frameOf(scan));
    noteCells(scan, first, turned, leafM, cells);
  }
  const people = new Set([...cells.people].filter((cell) => !cells.home.has(cell)));
  return { maker, turned, home: cells.home, people, kept: cellsOf(maker.copyKept(), leafM) };
}

export const countIn = (cells: ReadonlySet<number>, of: ReadonlySet<number>) =>
  [...cells].filter((cell) => of.has(cell)).length;
