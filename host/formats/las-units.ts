/**
 * In which unit a LAS file counts: American surveys are often in feet, and cubes of feet would be finer
 * than the policy says. The file's projection tells, as WKT (OGC 01-009) or as GeoTIFF keys (1.8.2,
 * section 6.2.3 and 6.3.1.3); nothing of it is kept but the two factors.
 */
import { badInput } from "./input-errors.ts";
import { isWkt, KEYS_RECORD, type LasRecord, lasText } from "./las-records.ts";

/** Metres of the units that GeoTIFF has numbers for: metre, foot, US survey foot. */
const GEOTIFF_UNITS_M: Readonly<Record<number, number>> = {
  9001: 1,
  9002: 0.3048,
  9003: 1200 / 3937,
};
const MODEL_KEY = 1024;
const MODEL_GEOGRAPHIC = 2;
const UNIT_KEY = 3076;
const VERTICAL_UNIT_KEY = 4099;

/** A survey counts in metres, feet, or something in between. */
const UNIT_MIN_M = 0.001;
const UNIT_MAX_M = 1000;

const PLANE_PARENTS = new Set(["PROJCS", "PROJCRS", "ENGCRS", "LOCAL_CS"]);
const HEIGHT_PARENTS = new Set(["VERT_CS", "VERTCS", "VERTCRS", "VERTICALCRS"]);

const GEOGRAPHIC = ["GEOGCS", "GEOCCS", "GEOGCRS", "GEODCRS", "GEOGRAPHICCRS"];

/** A quoted text, the beginning of a part (with the number behind its name, as units have), or its end. */
const WKT_PARTS = /"[^"]*"|(\w+)\s*[[(](?:\s*"([^"]*)"\s*,\s*([0-9.eE+-]+))?|[\])]/g;

/** Metres of a unit along x and y, and along z; those of the projection, or of metres. */
export class LasUnits {
  readonly #file: string;
  #plane: number | undefined;
  #height: number | undefined;

  constructor(file: string) {
    this.#file = file;
  }

  /** Looks into a record. BAD_INPUT for coordinates that are degrees. */
  take({ user, id, content }: LasRecord): void {
    if (isWkt(id)) this.#takeWkt(lasText(content, 0, content.byteLength));
    else if (user === "LASF_Projection" && id === KEYS_RECORD) this.#takeKeys(content);
  }

  /** For x, y and z; heights are in the unit of the plane if nothing is said of them. */
  get metres(): readonly [number, number, number] {
    const plane = this.#plane ?? 1;
    return [plane, plane, this.#height ?? plane];
  }

  #takeKeys(content: DataView): void {
    for (let at = 8; at + 8 <= content.byteLength; at += 8) {
      const [key, value] = [content.getUint16(at, true), content.getUint16(at + 6, true)];
      if (key === MODEL_KEY && value === MODEL_GEOGRAPHIC) throw degrees(this.#file);
      if (key === UNIT_KEY) this.#plane ??= GEOTIFF_UNITS_M[value];
      if (key === VERTICAL_UNIT_KEY) this.#height ??= GEOTIFF_UNITS_M[value];
    }
  }

  /** WKT nests its parts in brackets: a unit belongs to the part that it stands in. */
  #takeWkt(text: string): void {
    const parents: string[] = [];
    const met = new Set<string>();
    for (const [part, keyword, unit, number] of text.matchAll(WKT_PARTS)) {
      if (keyword === undefined) {
        if (part === "]" || part === ")") parents.pop();
        continue;
      }
      const name = keyword.toUpperCase();
      const isUnit = name === "UNIT" || name === "LENGTHUNIT";
      if (isUnit) this.#takeUnit(parents, unit ?? "", Number(number));
      parents.push(name);
      met.add(name);
    }
    const isPlane = [...PLANE_PARENTS].some((name) => met.has(name));
    if (!isPlane && GEOGRAPHIC.some((name) => met.has(name))) throw degrees(this.#file);
  }

  #takeUnit(parents: readonly string[], name: string, metres: number): void {
    // Some writers call a foot a foot and give it one metre.
    const isContrary = metres === 1 && !/^met(?:re|er)s?$/i.test(name);
    if (isContrary || !(metres >= UNIT_MIN_M && metres <= UNIT_MAX_M)) return;
    const parent = parents.findLast((name) => name !== "CS" && name !== "AXIS") ?? "";
    if (PLANE_PARENTS.has(parent)) this.#plane ??= metres;
    if (HEIGHT_PARENTS.has(parent)) this.#height ??= metres;
  }
}

function degrees(file: string) {
  const text =
    "its coordinates are degrees of longitude and latitude; project it to metres first, as with pdal translate.";
  return badInput(file, text, { field: "the projection" });
}
