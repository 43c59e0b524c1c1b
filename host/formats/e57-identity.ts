/**
 * What an E57 file says beside its points, by the names of its elements: which scanner, who scanned, when,
 * where on earth, and what people wrote about it. Whatever is text and has no name here is told as text.
 */
import type { MetadataName } from "../core/frame.ts";
import type { Tell } from "./metadata-list.ts";
import type { XmlElement } from "./xml-tree.ts";

const NAMES: Readonly<Record<string, MetadataName>> = {
  guid: "session_id",
  originalGuids: "session_id",
  associatedData3DGuid: "session_id",
  sensorSerialNumber: "serial_number",
  sensorVendor: "part_number",
  sensorModel: "sensor_model",
  sensorHardwareVersion: "firmware",
  sensorSoftwareVersion: "firmware",
  sensorFirmwareVersion: "firmware",
  e57LibraryVersion: "software",
  coordinateMetadata: "geo_position",
  name: "comment",
  description: "comment",
  creationDateTime: "wall_clock",
  acquisitionDateTime: "wall_clock",
  acquisitionStart: "wall_clock",
  acquisitionEnd: "wall_clock",
  pose: "map_origin",
  cartesianBounds: "map_origin",
};

/** Says what the file is, and nothing of who made it. */
const OF_THE_FORMAT = new Set([
  "formatName",
  "prototype",
  "codecs",
  "colorLimits",
  "intensityLimits",
]);

/** Tells all of it. The weather at the time of a scan is text as well. */
export function tellE57Identity(element: XmlElement, tell: Tell): void {
  if (OF_THE_FORMAT.has(element.name)) return;
  // The model of a camera is not that of the lidar, which may pass.
  const hear: Tell = element.name === "images2D" ? withoutModel(tell) : tell;
  const name = Object.hasOwn(NAMES, element.name) ? NAMES[element.name] : undefined;
  if (name !== undefined) {
    for (const text of textsOf(element)) hear(name, text);
    return;
  }
  const text = element.text.trim();
  const isText = element.attributes.get("type") === "String" || WEATHER.has(element.name);
  if (isText && text !== "") hear("raw_text", `${element.name}: ${text}`);
  for (const one of element.children) tellE57Identity(one, hear);
}

function withoutModel(tell: Tell): Tell {
  return (name, value) => tell(name === "sensor_model" ? "part_number" : name, value);
}

const WEATHER = new Set(["temperature", "relativeHumidity", "atmosphericPressure"]);

/** The texts of its ends: one number or word each, those of a place joined. */
function textsOf({ children, text }: XmlElement): string[] {
  if (children.length === 0) return [text.trim()];
  const isPlace = children.every((one) => one.children.length === 0 && isNumber(one.text));
  if (!isPlace) return children.flatMap(textsOf);
  return [
    children
      .map((one) => one.text.trim())
      .join(" ")
      .trim(),
  ];
}

function isNumber(text: string): boolean {
  return text.trim() === "" || Number.isFinite(Number(text));
}
