/** The points of one scan of an E57 file, packet by packet (ASTM E2807-11, section 9.3 to 9.7). */
import type { ByteFile } from "./byte-file.ts";
import { type E57Field, E57Values, e57Field } from "./e57-fields.ts";
import { child, numberIn } from "./e57-header.ts";
import { E57Stream } from "./e57-pages.ts";
import { badInput } from "./input-errors.ts";
import type { LocalCloud } from "./local-cloud.ts";
import type { XmlElement } from "./xml-tree.ts";

const SECTION_BYTES = 32;
const SECTION_ID = 1;
const PACKET_HEAD_BYTES = 4;
const PACKET_INDEX = 0;
const PACKET_DATA = 1;
const PACKET_EMPTY = 2;
const FIELDS_MAX = 256;

/** From the scanner's frame to that of the file: 3 x 3 turn and place, row by row. */
type Placing = (x: number, y: number, z: number) => readonly [number, number, number];

export class E57Scan {
  readonly count: number;
  readonly #file: ByteFile;
  readonly #values: readonly E57Values[];
  readonly #scan: XmlElement;
  readonly #offset: number;

  /** Undefined without points; BAD_INPUT for points that are not described as the standard has it. */
  static of(file: ByteFile, scan: XmlElement): E57Scan | undefined {
    const points = child(scan, "points");
    return points === undefined ? undefined : new E57Scan(file, scan, points);
  }

  private constructor(file: ByteFile, scan: XmlElement, points: XmlElement) {
    this.#file = file;
    this.#scan = scan;
    this.count = Number(points.attributes.get("recordCount") ?? Number.NaN);
    this.#offset = Number(points.attributes.get("fileOffset") ?? Number.NaN);
    const columns = child(points, "prototype")?.children ?? [];
    const fields = columns.map(e57Field);
    const sound = fields.length > 0 && fields.length <= FIELDS_MAX && !fields.includes(undefined);
    if (!sound || !Number.isSafeInteger(this.count) || !Number.isSafeInteger(this.#offset)) {
      throw this.#damaged("the points of a scan are not described as numbers of a known kind");
    }
    if ((child(points, "codecs")?.children.length ?? 0) > 0) {
      throw this.#damaged(
        "the points of a scan are packed in a way that the standard does not have",
      );
    }
    this.#values = (fields as E57Field[]).map((field) => new E57Values(field));
    const isBare = this.#values.every(({ field }) => field.bits === 0);
    if (isBare && this.count > 1) throw this.#damaged("the points of a scan have no bytes at all");
  }

  /** Names of what a point has beside its place and its intensity. */
  get otherFields(): string[] {
    const taken = /^(cartesian|spherical)|^intensity$/;
    return this.#values.map(({ field }) => field.name).filter((name) => !taken.test(name));
  }

  /** Adds all points that are valid to `cloud`. */
  async addTo(cloud: LocalCloud): Promise<void> {
    if (this.count === 0) return;
    const head = await new E57Stream(this.#file, this.#offset).take(SECTION_BYTES, "a scan's head");
    const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
    if (view.getUint8(0) !== SECTION_ID) throw this.#damaged("no points begin where a scan says");
    const packets = new E57Stream(this.#file, Number(view.getBigUint64(16, true)));
    const add = this.#adder(cloud);
    for (let left = this.count; left > 0; ) {
      await this.#readPacket(packets);
      const ready = Math.min(left, ...this.#values.map((values) => values.ready));
      for (let i = 0; i < ready; i++) add();
      left -= ready;
    }
  }

  /** One packet's bytes, each stream to its field; packets of the index are passed over. */
  async #readPacket(packets: E57Stream): Promise<void> {
    // Its type and, behind it, its length less one.
    const head = (await packets.take(PACKET_HEAD_BYTES, "a packet's head")).slice();
    const length = head[2]! + 256 * head[3]! + 1;
    if (length < PACKET_HEAD_BYTES) throw this.#damaged("a packet of points is damaged");
    const body = await packets.take(length - PACKET_HEAD_BYTES, "a packet");
    if (head[0] === PACKET_INDEX || head[0] === PACKET_EMPTY) return;
    const count = this.#values.length;
    const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
    const isSound = head[0] === PACKET_DATA && body.length >= 2 + 2 * count;
    if (!isSound || view.getUint16(0, true) !== count)
      throw this.#damaged("a packet of points is damaged");
    let at = 2 + 2 * count;
    for (const [i, values] of this.#values.entries()) {
      const bytes = view.getUint16(2 + 2 * i, true);
      if (at + bytes > body.length) throw this.#damaged("a packet of points is damaged");
      values.push(body.subarray(at, at + bytes));
      at += bytes;
    }
  }

  /** What takes one value of each field and adds the point, if it is one. */
  #adder(cloud: LocalCloud): () => void {
    const names = this.#values.map(({ field }) => field.name);
    const at = (name: string) => names.indexOf(name);
    const row = new Float64Array(names.length);
    const columnOf = (index: number, fallback: number) => (index < 0 ? fallback : row[index]!);
    const [x, y, z] = ["cartesianX", "cartesianY", "cartesianZ"].map(at) as [
      number,
      number,
      number,
    ];
    const [range, azimuth, elevation] = ["Range", "Azimuth", "Elevation"].map((name) =>
      at(`spherical${name}`),
    ) as [number, number, number];
    const isCartesian = x >= 0 && y >= 0 && z >= 0;
    if (!isCartesian && (range < 0 || azimuth < 0 || elevation < 0)) {
      throw this.#damaged("the points of a scan have no coordinates");
    }
    const invalid = at(isCartesian ? "cartesianInvalidState" : "sphericalInvalidState");
    const place = placingOf(this.#scan);
    const shade = this.#shades(at("intensity"));
    return () => {
      for (const [i, values] of this.#values.entries()) row[i] = values.next();
      if (columnOf(invalid, 0) !== 0) return;
      let local: readonly [number, number, number] = [row[x]!, row[y]!, row[z]!];
      if (!isCartesian) {
        const flat = row[range]! * Math.cos(row[elevation]!);
        const [turn, rise] = [row[azimuth]!, row[range]! * Math.sin(row[elevation]!)];
        local = [flat * Math.cos(turn), flat * Math.sin(turn), rise];
      }
      const placed = place(...local);
      if (placed.every(Number.isFinite)) cloud.add(...placed, shade(row));
    };
  }

  /** From a row to an intensity of 16 bits, over the range that the file names. */
  #shades(index: number): (row: Float64Array) => number {
    if (index < 0) return () => 0;
    const { field } = this.#values[index]!;
    const limits = child(this.#scan, "intensityLimits");
    const low = numberIn(limits, "intensityMinimum", field.least);
    // Some writers give the limits of the integers that are scaled afterwards.
    const high = Math.min(
      numberIn(limits, "intensityMaximum", field.most ?? 1),
      field.most ?? Number.POSITIVE_INFINITY,
    );
    const scale = high > low ? 65535 / (high - low) : 0;
    return (row) => Math.max(0, Math.min(65535, Math.round((row[index]! - low) * scale))) || 0;
  }

  #damaged(what: string) {
    return badInput(this.#file.path, `${what}; export the file again.`);
  }
}

/** Where the scanner stood; a scan without a pose is in the file's frame already. */
function placingOf(scan: XmlElement): Placing {
  const pose = child(scan, "pose");
  const [rotation, translation] = [child(pose, "rotation"), child(pose, "translation")];
  const [tx, ty, tz] = ["x", "y", "z"].map((axis) => numberIn(translation, axis, 0)) as [
    number,
    number,
    number,
  ];
  const turn = ["w", "x", "y", "z"].map((part) => numberIn(rotation, part, part === "w" ? 1 : 0));
  const norm = Math.hypot(...turn) || 1;
  const [w, i, j, k] = turn.map((part) => part / norm) as [number, number, number, number];
  return (x, y, z) => {
    // v + 2 q x (q x v + w v), for a unit quaternion.
    const [cx, cy, cz] = [j * z - k * y + w * x, k * x - i * z + w * y, i * y - j * x + w * z];
    return [
      x + 2 * (j * cz - k * cy) + tx,
      y + 2 * (k * cx - i * cz) + ty,
      z + 2 * (i * cy - j * cx) + tz,
    ];
  };
}
