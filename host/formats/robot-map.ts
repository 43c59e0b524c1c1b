/**
 * Maps that Roborock's B01 cleaners upload: one protobuf message, described here by its wire form.
 * Numbers of the fields that are read, from an upload of a real robot:
 *
 *   2 facts { 1 begun s, 2 uploaded s, 7 { 1 digest of the map }, 8 version }
 *   3 head { 1 id, 2 width, 3 height, 4 x min, 5 y min (m, f32), 8 cell (m, f32) }
 *   4 grid { 1 bytes: a byte a cell, the row of the lowest y first: 0 unknown, 127 free, 128 occupied }
 *   5 name { 1 id, 2 name }       6 path { 2 point { 2 x, 3 y (m, f32) } }
 *   7 dock { 1 x, 2 y }           8 robot { 3 x, 4 y }
 *   9 closed areas { 2 type, 4 corner { 1 x, 2 y } }: not in that upload; two corners are a line
 *   12 room { 1 id, 2 name }      14 outline of a room { 1 id, 2 cell { 1 x, 2 y } }
 */
import { BinaryReader, WireType } from "@bufbuild/protobuf/wire";
import type { MetadataField } from "../core/frame.ts";
import { badInput, tooLarge } from "./input-errors.ts";
import { isoTime, MetadataList, type MetadataReads } from "./metadata-list.ts";
import { fillOutline, outlineRows } from "./outline.ts";
import {
  PLAN_FREE,
  PLAN_OCCUPIED,
  PLAN_UNKNOWN,
  type Plan,
  type PlanOptions,
  type Point2,
  type Room,
} from "./plan.ts";
import {
  checkCellM,
  checkPlace,
  checkPlanSize,
  PATH_POINTS_MAX,
  ROOMS_MAX,
} from "./plan-limits.ts";
import { roomType } from "./room-types.ts";

const STATES: Readonly<Record<number, number>> = {
  0: PLAN_UNKNOWN,
  127: PLAN_FREE,
  128: PLAN_OCCUPIED,
};

/** Values of all messages of one file that are looked into; a real map has some 20,000. */
const VALUES_MAX = 1 << 18;

/** How many values may still be read. */
interface Budget {
  left: number;
}

/** The values of one message by the numbers of their fields, in the order of the bytes. */
type Fields = ReadonlyMap<number, readonly (number | Uint8Array)[]>;

/** True if `head`, the first kilobyte or more, begins as such a message does: type, facts, head. */
export function isRobotMap(head: Uint8Array): boolean {
  try {
    const reader = new BinaryReader(head);
    for (const expected of [1, 2]) {
      const [field, wire] = reader.tag();
      if (
        field !== expected ||
        wire !== (field === 1 ? WireType.Varint : WireType.LengthDelimited)
      ) {
        return false;
      }
      reader.skip(wire, field);
    }
    const [field, wire] = reader.tag();
    return field === 3 && wire === WireType.LengthDelimited;
  } catch {
    return false;
  }
}

/** Reads an upload, inflated. BAD_INPUT names the field that is damaged. */
export function readRobotMap(file: string, bytes: Uint8Array, { reads }: PlanOptions): Plan {
  const map = new MapMessage(file, bytes, "the map", { left: VALUES_MAX });
  const head = map.message(3, "head");
  const [width, height] = [head.number(2), head.number(3)];
  const cellM = Number(head.float(8).toPrecision(7));
  const origin = { x: head.float(4), y: head.float(5), yawRad: 0 };
  checkCellM(file, cellM, "head.cell");
  checkPlanSize(file, width, height);
  checkPlace(file, [origin.x, origin.y], "head.min");
  const cells = cellsOf(file, map.message(4, "grid").bytes(1), width * height);
  const { rooms, roomOf } = roomsOf(file, map, cells, width, height);
  const dock = map.messages(7, "dock").map((at) => at.point(1, 2))[0];
  const path = pathOf(file, map);
  return {
    cellM,
    width,
    height,
    origin,
    cells,
    ...(rooms.length > 0 && { roomOf }),
    rooms,
    ...(dock && { dock }),
    ...(path.length > 0 && { path }),
    noGo: areasOf(map).filter((corners) => corners.length > 2),
    metadata: metadataOf(file, map, head, reads),
  };
}

function cellsOf(file: string, bytes: Uint8Array, count: number): Uint8Array {
  if (bytes.length !== count) {
    const text = `the grid has ${bytes.length} cells, but the head declares ${count}; upload the map again.`;
    throw badInput(file, text, { field: "grid" });
  }
  return Uint8Array.from(bytes, (byte, at) => {
    const state = STATES[byte];
    if (state !== undefined) return state;
    const text = `cell ${at} of the grid is none of 0, 127 and 128. The map is damaged, or of another robot.`;
    throw badInput(file, text, { field: "grid" });
  });
}

function roomsOf(file: string, map: MapMessage, cells: Uint8Array, width: number, height: number) {
  const named = map.messages(12, "room");
  if (named.length > ROOMS_MAX) {
    throw tooLarge(file, `${named.length} rooms; at most ${ROOMS_MAX} are read.`, {
      field: "room",
    });
  }
  const rooms: Room[] = named.map((room, i) => ({
    number: i + 1,
    ...(room.text(2) !== "" && { type: roomType(room.text(2)) }),
  }));
  const roomOf = new Uint8Array(cells.length);
  // A hostile file may go around the same cells over and over: no more than this is ever looked at.
  let left = 4 * cells.length;
  for (const outline of map.messages(14, "outline")) {
    const number = named.findIndex((room) => room.number(1) === outline.number(1)) + 1;
    const corners = outline
      .messages(2, "cell")
      .map((cell) => ({ x: cell.number(1), y: cell.number(2) }));
    const outside = corners.find(({ x, y }) => !(x < width && y < height));
    if (outside !== undefined) {
      const text = "the outline of a room leaves the map; upload it again.";
      throw badInput(file, text, { field: "outline" });
    }
    left -= outlineRows(corners);
    if (left < 0 || number === 0) continue;
    fillOutline(corners, width, (at) => {
      if (left-- > 0 && cells[at] === PLAN_FREE) roomOf[at] = number;
    });
  }
  if (left < 0) {
    const text = "the outlines of its rooms lie on one another more than four times.";
    throw badInput(file, text, { field: "outline" });
  }
  return { rooms, roomOf };
}

function pathOf(file: string, map: MapMessage): Float64Array {
  const points = map.messages(6, "path").flatMap((path) => path.messages(2, "point"));
  if (points.length > PATH_POINTS_MAX) {
    const text = `the path has ${points.length} points; at most ${PATH_POINTS_MAX} are read.`;
    throw tooLarge(file, text, { field: "path" });
  }
  return Float64Array.from(points.flatMap((at) => [at.float(2), at.float(3)]));
}

function areasOf(map: MapMessage): Point2[][] {
  return map
    .messages(9, "areas")
    .map((area) => area.messages(4, "corner").map((corner) => corner.point(1, 2)));
}

function metadataOf(
  file: string,
  map: MapMessage,
  head: MapMessage,
  reads: MetadataReads | undefined,
): MetadataField[] {
  const metadata = MetadataList.ofFile(file, reads);
  metadata.add("map_origin", `${head.float(4)} ${head.float(5)} 0`);
  metadata.add("session_id", `${head.number(1)}`);
  for (const facts of map.messages(2, "facts")) {
    for (const field of [1, 2]) {
      const seconds = facts.number(field);
      if (seconds > 0) metadata.add("wall_clock", isoTime(BigInt(seconds) * 1_000_000_000n));
    }
    for (const bounds of facts.messages(7, "bounds")) metadata.add("session_id", bounds.text(1));
    if (facts.number(8) > 0) metadata.add("software", `map version ${facts.number(8)}`);
  }
  for (const name of map.messages(5, "name")) metadata.add("raw_text", `map name: ${name.text(2)}`);
  for (const room of map.messages(12, "room")) {
    metadata.add("raw_text", `name: ${room.text(2)}`);
    metadata.add("session_id", `${room.number(1)}`);
  }
  const say = (what: string, points: readonly Point2[]) =>
    metadata.add("raw_text", `${what}: ${points.map(({ x, y }) => `${x} ${y}`).join(" ")}`);
  for (const robot of map.messages(8, "robot")) say("robot_position", [robot.point(3, 4)]);
  for (const corners of areasOf(map)) if (corners.length <= 2) say("virtual_wall", corners);
  return metadata.list();
}

/** Fields of one message, with errors that name it. Fields that are missing are 0, as in proto3. */
class MapMessage {
  readonly #file: string;
  readonly #budget: Budget;
  readonly #fields: Fields;

  constructor(file: string, bytes: Uint8Array, name: string, budget: Budget) {
    this.#file = file;
    this.#budget = budget;
    this.#fields = fieldsOf(file, bytes, name, budget);
  }

  /** The one message of a field that must be there. */
  message(field: number, name: string): MapMessage {
    const [first] = this.messages(field, name);
    if (first !== undefined) return first;
    const text = `field ${field} (${name}) is missing: it is no map of such a robot, or cut short.`;
    throw badInput(this.#file, text, { field: name });
  }

  messages(field: number, name: string): MapMessage[] {
    return this.#values(field).map((value) => {
      if (typeof value !== "number") {
        return new MapMessage(this.#file, value, name, this.#budget);
      }
      const text = `field ${field} (${name}) is no message; the map is damaged.`;
      throw badInput(this.#file, text, { field: name });
    });
  }

  /** A whole number. */
  number(field: number): number {
    const value = this.#last(field);
    if (Number.isSafeInteger(value)) return value;
    throw this.#fail(field, "is no whole number");
  }

  /** A float of 32 bits, in metres. */
  float(field: number): number {
    const value = this.#last(field);
    if (Math.abs(value) <= 1e6) return value;
    throw this.#fail(field, "is no length in metres");
  }

  point(x: number, y: number): Point2 {
    return { x: this.float(x), y: this.float(y) };
  }

  bytes(field: number): Uint8Array {
    const value = this.#values(field).at(-1);
    return value instanceof Uint8Array ? value : new Uint8Array(0);
  }

  text(field: number): string {
    return Buffer.from(this.bytes(field)).toString("utf8");
  }

  /** The last value counts, as protobuf has it. */
  #last(field: number): number {
    const value = this.#values(field).at(-1) ?? 0;
    return typeof value === "number" ? value : Number.NaN;
  }

  #fail(field: number, text: string) {
    const message = `field ${field} ${text}; the map is damaged, upload it again.`;
    return badInput(this.#file, message, { field: `${field}` });
  }

  #values(field: number): readonly (number | Uint8Array)[] {
    return this.#fields.get(field) ?? [];
  }
}

function fieldsOf(file: string, bytes: Uint8Array, name: string, budget: Budget): Fields {
  const fields = new Map<number, (number | Uint8Array)[]>();
  const reader = new BinaryReader(bytes);
  try {
    while (reader.pos < reader.len) {
      const [field, wire] = reader.tag();
      if (budget.left-- <= 0) break;
      const value = readValue(reader, field, wire);
      if (value === undefined) continue;
      const values = fields.get(field);
      if (values) values.push(value);
      else fields.set(field, [value]);
    }
  } catch (error) {
    const text = `${name} is damaged at byte ${reader.pos} of ${bytes.length}; upload the map again.`;
    throw badInput(file, text, { field: name }, error);
  }
  if (budget.left >= 0) return fields;
  const text = `it has more than ${VALUES_MAX} values, more than any map of a home; upload it again.`;
  throw tooLarge(file, text, { field: name });
}

function readValue(reader: BinaryReader, field: number, wire: WireType) {
  switch (wire) {
    case WireType.Varint:
      return Number(reader.uint64());
    case WireType.Bit32:
      return reader.float();
    case WireType.LengthDelimited:
      return reader.bytes();
    default:
      reader.skip(wire, field);
      return undefined;
  }
}
