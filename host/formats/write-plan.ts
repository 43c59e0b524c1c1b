/** Writes released plans and paths for other programs and for people, whole or not at all. */
import { basename, dirname, extname, join } from "node:path";
import { MapveilError } from "../core/errors.ts";
import { type AtomicFile, type AtomicFileOptions, createAtomicFile } from "./atomic-file.ts";
import { LAYER_NONE, LAYER_ROOMS, type PlanTile, ROOM_TYPES } from "./plan.ts";
import { planGeoJson } from "./plan-geojson.ts";
import { checkPlanSize } from "./plan-limits.ts";
import { planPgm, planYaml } from "./plan-pgm.ts";
import { planPng } from "./plan-png.ts";

export interface WritePlanOptions extends AtomicFileOptions {
  /** What the tile was sealed as; cells of a path are no walls. Default "grid". */
  readonly kind?: "grid" | "path";
}

/** Endings that writePlan knows. */
export const PLAN_ENDINGS: readonly string[] = [".yaml", ".geojson", ".json", ".png"];

const LAYERS = LAYER_ROOMS + ROOM_TYPES.length;

/**
 * Writes `tile` by the ending of `path`: .yaml (and the .pgm of the same name beside it, for
 * map_server and nav2), .geojson or .json (polygons in metres), .png (a picture). The files hold the
 * plan and nothing else: no date, no name of a program. USAGE for another ending or a tile that is
 * none; IO and NO_SPACE as createAtomicFile. Returns the paths of the files.
 */
export async function writePlan(
  path: string,
  tile: PlanTile,
  options: WritePlanOptions = {},
): Promise<string[]> {
  const files = filesOf(path, tile, options.kind ?? "grid");
  const open: AtomicFile[] = [];
  try {
    for (const { to, content } of files) {
      const file = await createAtomicFile(to, options);
      open.push(file);
      await file.write(content());
    }
    // Only when all of them are on the disk does the first take its place.
    for (const file of open) await file.commit();
  } catch (error) {
    for (const file of open) await file.abort();
    throw error;
  }
  return files.map(({ to }) => to);
}

interface Content {
  readonly to: string;
  readonly content: () => Uint8Array;
}

function filesOf(path: string, tile: PlanTile, kind: "grid" | "path"): Content[] {
  const ending = extname(path).toLowerCase();
  checkTile(path, tile);
  if (ending === ".png") return [{ to: path, content: () => planPng(tile, kind) }];
  if (ending === ".geojson" || ending === ".json") {
    return [{ to: path, content: () => Buffer.from(planGeoJson(tile, kind)) }];
  }
  if (ending === ".yaml") {
    const image = `${basename(path, extname(path))}.pgm`;
    return [
      { to: join(dirname(path), image), content: () => planPgm(tile, kind) },
      { to: path, content: () => Buffer.from(planYaml(tile, image)) },
    ];
  }
  const text = `${path}: plans are written as ${PLAN_ENDINGS.join(", ")}; give the file one of these endings.`;
  throw new MapveilError("USAGE", text, { file: path });
}

function checkTile(path: string, { layers, width, height, cellM }: PlanTile): void {
  checkPlanSize(path, width, height);
  const usage = (field: string, text: string) =>
    new MapveilError("USAGE", `${path}: the plan's ${text}.`, { file: path, field });
  if (!(cellM > 0 && Number.isFinite(cellM))) throw usage("cellM", `cells are ${cellM} m wide`);
  if (layers.length !== width * height) {
    throw usage("layers", `layers have ${layers.length} cells, not ${width} x ${height}`);
  }
  const odd = layers.findIndex((layer) => layer >= LAYERS && layer !== LAYER_NONE);
  if (odd >= 0) throw usage("layers", `cell ${odd} is of layer ${layers[odd]}, which is none`);
}
