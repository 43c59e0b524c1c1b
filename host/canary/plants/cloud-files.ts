/** PCD and PLY files with planted comments, names of fields, viewpoints, columns and file names. */
import type { Planter } from "../planter.ts";
import { oneLine, type PlantedFile, plantedName } from "./file.ts";
import { roomPoints } from "./room.ts";

/** Headers of PCD files have at most 64 KiB. */
const PCD_COMMENTS = 300;

/** Points with a planted whole number and a planted real one behind each. */
function points(planter: Planter, carrier: string): Buffer {
  const step = 28;
  const all = roomPoints(0);
  const bytes = Buffer.alloc(all.length * step);
  const numbers = Array.from({ length: 50 }, () => BigInt(planter.value("near_infrared", carrier)));
  const reals = Array.from({ length: 50 }, () => Number(planter.value("longitude", carrier)));
  for (const [i, point] of all.entries()) {
    for (const [axis, metres] of point.entries()) bytes.writeFloatLE(metres, i * step + 4 * axis);
    bytes.writeBigUInt64LE(numbers[i % 50]!, i * step + 12);
    bytes.writeDoubleLE(reals[i % 50]!, i * step + 20);
  }
  return bytes;
}

/** A word that can be the name of a field: without spaces. */
const word = (planter: Planter, carrier: string) => planter.text("nickname", carrier);

export function plantedPcd(planter: Planter): PlantedFile {
  const comments = planter.texts("comments of PCD").filter(oneLine).slice(0, PCD_COMMENTS);
  const names = [word(planter, "fields of PCD"), word(planter, "fields of PCD")];
  const place = ["whereabouts", "whereabouts", "altitude"].map((id) =>
    planter.value(id, "viewpoint of PCD"),
  );
  const count = roomPoints(0).length;
  const header = [
    ...comments.map((text) => `# ${text}`),
    "VERSION 0.7",
    `FIELDS x y z ${names.join(" ")}`,
    "SIZE 4 4 4 8 8",
    "TYPE F F F U F",
    "COUNT 1 1 1 1 1",
    `WIDTH ${count}`,
    "HEIGHT 1",
    `VIEWPOINT ${place.join(" ")} 1 0 0 0`,
    `POINTS ${count}`,
    "DATA binary\n",
  ].join("\n");
  const bytes = Buffer.concat([Buffer.from(header), points(planter, "columns of PCD")]);
  return { name: plantedName(planter, ".pcd"), bytes, kind: "scans" };
}

export function plantedPly(planter: Planter): PlantedFile {
  const texts = planter.texts("comments of PLY").filter(oneLine);
  const count = roomPoints(0).length;
  const header = [
    "ply",
    "format binary_little_endian 1.0",
    ...texts.map((text, i) => `${i % 2 === 0 ? "comment" : "obj_info"} ${text}`),
    `element vertex ${count}`,
    "property float x",
    "property float y",
    "property float z",
    // There is no 64-bit whole number: the two halves of one.
    `property uint ${word(planter, "properties of PLY")}`,
    `property uint ${word(planter, "properties of PLY")}`,
    `property double ${word(planter, "properties of PLY")}`,
    "end_header\n",
  ].join("\n");
  const bytes = Buffer.concat([Buffer.from(header), points(planter, "columns of PLY")]);
  return { name: plantedName(planter, ".ply"), bytes, kind: "scans" };
}
