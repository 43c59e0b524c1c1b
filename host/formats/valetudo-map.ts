/**
 * Maps of robot cleaners as Valetudo gives them, whatever the robot's maker: JSON with layers of
 * cells and entities. Format: Hypfer/Valetudo, docs "map-data-format", versions 1 and 2. Lengths are
 * centimetres, y goes down; the plan's y goes up, from the lower edge of the map.
 */
import { z } from "zod";
import { badInput, tooLarge } from "./input-errors.ts";
import { MetadataList, type MetadataReads } from "./metadata-list.ts";
import {
  PLAN_FREE,
  PLAN_OCCUPIED,
  type Plan,
  type PlanOptions,
  type Point2,
  type Room,
} from "./plan.ts";
import { checkCellM, checkPlanSize, PATH_POINTS_MAX, ROOMS_MAX } from "./plan-limits.ts";
import { roomType } from "./room-types.ts";

/** The largest home of the data that is at hand has 640 kB. */
const JSON_CHARS_MAX = 1 << 24;

const numbers = z.array(z.number().min(-1e7).max(1e7));
const pixels = z.array(z.int().min(0).max(1e7));
const facts = z.record(z.string(), z.unknown()).default({});
const layerSchema = z.looseObject({
  type: z.string(),
  metaData: facts,
  /** x y x y ... */
  pixels: pixels.default([]),
  /** x y count, x y count ...: runs along x. */
  compressedPixels: pixels.default([]),
});
const entitySchema = z.looseObject({ type: z.string(), metaData: facts, points: numbers });
const schema = z.looseObject({
  __class: z.literal("ValetudoMap"),
  metaData: facts,
  size: z.object({ x: z.number().positive().max(1e7), y: z.number().positive().max(1e7) }),
  pixelSize: z.number(),
  layers: z.array(layerSchema).max(1024),
  entities: z.array(entitySchema).max(1 << 16),
});
type ValetudoMap = z.infer<typeof schema>;
type Layer = z.infer<typeof layerSchema>;

const LAYER_STATES: Readonly<Record<string, number>> = {
  floor: PLAN_FREE,
  segment: PLAN_FREE,
  wall: PLAN_OCCUPIED,
};

/** True if text begins as such a map does, not as any other JSON. */
export function isValetudo(head: string): boolean {
  return /^\s*\{/.test(head) && head.includes('"ValetudoMap"');
}

/** Reads a map. BAD_INPUT names the part that is not as it should be. */
export function readValetudo(file: string, text: string, { reads }: PlanOptions): Plan {
  const map = parse(file, text);
  const cellM = map.pixelSize / 100;
  checkCellM(file, cellM, "pixelSize");
  const runs = map.layers.map((layer, i) => runsOf(file, layer, `layers[${i}]`));
  const box = boxOf(file, runs);
  // The map's lower edge in the robot's sheet, where the plan's y begins.
  const toPlan = (x: number, y: number): Point2 => ({ x: x / 100, y: (map.size.y - y) / 100 });
  const { rooms, cells, roomOf } = fill(file, map, runs, box);
  const corner = toPlan(box.minX * map.pixelSize, (box.minY + box.height) * map.pixelSize);
  const of = (type: string) => map.entities.filter((entity) => entity.type === type);
  const pointsOf = ({ points }: { points: number[] }): Point2[] =>
    Array.from({ length: points.length >> 1 }, (_, i) =>
      toPlan(points[2 * i]!, points[2 * i + 1]!),
    );
  const dock = of("charger_location").flatMap(pointsOf)[0];
  const path = of("path").flatMap(pointsOf);
  if (path.length > PATH_POINTS_MAX) throw tooLong(file, path.length);
  return {
    cellM,
    width: box.width,
    height: box.height,
    origin: { ...corner, yawRad: 0 },
    cells,
    ...(rooms.length > 0 && { roomOf }),
    rooms,
    ...(dock && { dock }),
    ...(path.length > 0 && { path: Float64Array.from(path.flatMap(({ x, y }) => [x, y])) }),
    noGo: of("no_go_area").map(pointsOf),
    metadata: metadataOf(file, map, corner, reads),
  };
}

function parse(file: string, text: string): ValetudoMap {
  if (text.length > JSON_CHARS_MAX) {
    throw tooLarge(
      file,
      `${text.length} characters; a map of a cleaner has at most ${JSON_CHARS_MAX}.`,
    );
  }
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    const what = "it is not valid JSON; it is cut short or damaged, save the map again.";
    throw badInput(file, what, {}, error);
  }
  const result = schema.safeParse(json);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const field = issue!.path.join(".") || "the file";
  const what = `${field} is not as a Valetudo map has it (${issue!.message}); save the map again.`;
  throw badInput(file, what, { field });
}

/** x, y, count of each run of cells of a layer. */
function runsOf(file: string, layer: Layer, field: string): number[] {
  const { pixels: single, compressedPixels } = layer;
  const whole = single.length % 2 === 0 && compressedPixels.length % 3 === 0;
  if (!whole) {
    const text = `the pixels of ${field} are cut short: pairs, or runs of three numbers, must be whole.`;
    throw badInput(file, text, { field });
  }
  const runs = compressedPixels.slice();
  for (let i = 0; i < single.length; i += 2) runs.push(single[i]!, single[i + 1]!, 1);
  return runs;
}

interface Box {
  readonly minX: number;
  readonly minY: number;
  readonly width: number;
  readonly height: number;
}

/** What the layers cover; the sheet around it is empty. */
function boxOf(file: string, layers: readonly (readonly number[])[]): Box {
  let [minX, minY] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  let [maxX, maxY] = [-1, -1];
  for (const runs of layers) {
    for (let i = 0; i < runs.length; i += 3) {
      const [x, y, count] = [runs[i]!, runs[i + 1]!, runs[i + 2]!];
      if (count < 1)
        throw badInput(file, "a run of no cells; save the map again.", { field: "layers" });
      minX = Math.min(minX, x);
      minY = Math.min(minY, y);
      maxX = Math.max(maxX, x + count - 1);
      maxY = Math.max(maxY, y);
    }
  }
  if (maxX < 0) {
    throw badInput(file, "no layer has a cell: the robot has no map yet.", { field: "layers" });
  }
  const box = { minX, minY, width: maxX - minX + 1, height: maxY - minY + 1 };
  checkPlanSize(file, box.width, box.height);
  return box;
}

interface Filled {
  readonly cells: Uint8Array;
  readonly roomOf: Uint8Array;
  readonly rooms: Room[];
}

function fill(file: string, map: ValetudoMap, layers: number[][], box: Box): Filled {
  const cells = new Uint8Array(box.width * box.height);
  const roomOf = new Uint8Array(cells.length);
  const rooms: Room[] = [];
  // A hostile file may name the same cells over and over: no more than this is ever written.
  let left = 4 * cells.length;
  for (const [i, { type, metaData }] of map.layers.entries()) {
    const state = LAYER_STATES[type];
    const runs = layers[i]!;
    if (state === undefined || runs.length === 0) continue;
    const number = type === "segment" ? addRoom(file, rooms, metaData.name) : 0;
    for (let r = 0; r < runs.length; r += 3) {
      const row = box.height - 1 - (runs[r + 1]! - box.minY);
      const start = row * box.width + runs[r]! - box.minX;
      const end = start + runs[r + 2]!;
      left -= end - start;
      if (left < 0) {
        throw badInput(file, "its layers lie on one another more than four times.", {
          field: "layers",
        });
      }
      for (let at = start; at < end; at++) {
        // A wall that crosses a room is still a wall.
        if (cells[at] !== PLAN_OCCUPIED) cells[at] = state;
        if (number > 0) roomOf[at] = number;
      }
    }
  }
  for (let at = 0; at < cells.length; at++) if (cells[at] === PLAN_OCCUPIED) roomOf[at] = 0;
  return { cells, roomOf, rooms };
}

function addRoom(file: string, rooms: Room[], name: unknown): number {
  const number = rooms.length + 1;
  if (number > ROOMS_MAX) {
    throw tooLarge(file, `more than ${ROOMS_MAX} rooms; join some in the robot's app.`, {
      field: "layers",
    });
  }
  rooms.push({ number, ...(typeof name === "string" && name !== "" && { type: roomType(name) }) });
  return number;
}

/** Which name of ours a key of the map's own metadata has; all others are text. */
const KEYS: Readonly<Record<string, "session_id" | "software">> = {
  vendorMapId: "session_id",
  nonce: "session_id",
  id: "session_id",
  segmentId: "session_id",
  version: "software",
};

/** Entities that become part of the plan; of all others the file's words are reported. */
const TAKEN = new Set(["charger_location", "path", "no_go_area"]);

function metadataOf(
  file: string,
  map: ValetudoMap,
  corner: Point2,
  reads: MetadataReads | undefined,
) {
  const metadata = MetadataList.ofFile(file, reads);
  const tell = (facts: Record<string, unknown>) => {
    for (const [key, value] of Object.entries(facts)) {
      const text = textOf(value);
      const name = Object.hasOwn(KEYS, key) ? KEYS[key] : undefined;
      metadata.add(name ?? "raw_text", name === undefined ? `${key}: ${text}` : text);
    }
  };
  metadata.add("map_origin", `${corner.x} ${corner.y} 0`);
  tell(map.metaData);
  for (const { metaData } of map.layers) tell(metaData);
  for (const { type, metaData, points } of map.entities) {
    tell(metaData);
    if (!TAKEN.has(type)) metadata.add("raw_text", `${type}: ${points.slice(0, 64).join(" ")}`);
  }
  return metadata.list();
}

function textOf(value: unknown): string {
  if (typeof value !== "object") return String(value);
  try {
    return JSON.stringify(value);
  } catch {
    // Nested more deeply than the engine follows.
    return "(nested)";
  }
}

function tooLong(file: string, points: number) {
  const text = `the path has ${points} points; at most ${PATH_POINTS_MAX} are read.`;
  return tooLarge(file, text, { field: "path" });
}
