/**
 * What ROS messages without points say of a robot, its sensors, its home and its people, by type. Frame
 * ids and topics of other sensors are told as text: only those of the lidar may pass by their name.
 */
import type { MessageCursor } from "./message-cursor.ts";
import { isoTime, type Tell } from "./metadata-list.ts";
import { tellOusterIdentity } from "./ouster-identity.ts";
import { readHeader, readString, readTime } from "./ros-messages.ts";

type TellMessage = (cursor: MessageCursor, tell: Tell) => void;

/** A list of some dozens in any real message. */
const LIST_MAX = 4096;
/** Cameras write who and where they are in front of the picture. */
const PICTURE_BYTES_MAX = 1 << 16;
/** 1e-7 of a degree is a centimetre. */
const DEGREE_DIGITS = 7;

/** By the message's short type. */
export const IDENTITY_MESSAGES: Readonly<Record<string, TellMessage>> = {
  "std_msgs/String": tellString,
  "sensor_msgs/NavSatFix": tellFix,
  "diagnostic_msgs/DiagnosticArray": tellDiagnostics,
  "diagnostic_msgs/DiagnosticStatus": tellStatus,
  "nav_msgs/Path": tellPath,
  "nav_msgs/Odometry": tellOdometry,
  "nav_msgs/OccupancyGrid": tellGrid,
  "nav_msgs/MapMetaData": tellMap,
  "geometry_msgs/PoseStamped": tellPose,
  "geometry_msgs/PoseWithCovarianceStamped": tellPose,
  "tf2_msgs/TFMessage": tellTransforms,
  "tf/tfMessage": tellTransforms,
  "sensor_msgs/CompressedImage": tellPicture,
  "sensor_msgs/BatteryState": tellBattery,
  "rosgraph_msgs/Log": tellLog,
  "rcl_interfaces/Log": tellLog,
  ...Object.fromEntries(
    ["Imu", "Image", "CameraInfo", "JointState", "Joy", "LaserScan", "MagneticField", "PointCloud2"]
      .concat("Range", "Temperature", "TimeReference")
      .map((name) => [
        `sensor_msgs/${name}`,
        (cursor: MessageCursor, tell: Tell) => void tellHeader(cursor, tell),
      ]),
  ),
};

function tellHeader(cursor: MessageCursor, tell: Tell): void {
  const { stampNs, frameId } = readHeader(cursor);
  tell("raw_text", frameId && `frame_id: ${frameId}`);
  if (stampNs !== undefined) tell("wall_clock", isoTime(stampNs));
}

function tellString(cursor: MessageCursor, tell: Tell): void {
  const text = readString(cursor);
  tellOusterIdentity(text, tell);
  tell("raw_text", text);
}

function tellFix(cursor: MessageCursor, tell: Tell): void {
  tellHeader(cursor, tell);
  cursor.u8("status.status");
  cursor.align(2);
  cursor.borrowBytes(2, "status.service");
  const [latitude, longitude] = [cursor.f64("latitude"), cursor.f64("longitude")];
  const altitude = cursor.f64("altitude");
  // Receivers without a fix write NaN.
  if (!Number.isFinite(latitude) || !Number.isFinite(longitude)) return;
  const place = [latitude, longitude].map((value) => value.toFixed(DEGREE_DIGITS)).join(", ");
  tell("geo_position", place);
  if (Number.isFinite(altitude)) tell("geo_position", `altitude ${altitude}`);
}

function tellDiagnostics(cursor: MessageCursor, tell: Tell): void {
  tellHeader(cursor, tell);
  for (let left = countOf(cursor, "status"); left > 0; left--) tellStatus(cursor, tell);
}

/** What keys of diagnostics hold, as drivers name them. */
const KEYS: readonly (readonly [RegExp, Parameters<Tell>[0]])[] = [
  [/serial|device id|hardware.?id|\buuid\b|\bimei\b|\bid$/i, "serial_number"],
  [/firmware|\bversion|revision|\bbuild\b/i, "firmware"],
  [/\bmac\b/i, "mac_address"],
  [/\bip\b|address/i, "ip_address"],
  [/host/i, "host_name"],
];
/** Counts and measurements name nobody; long numbers may be numbers of devices. */
const MEASUREMENT = /^[-+]?(\d{0,6}(\.\d*)?|\d+\.\d+(e[-+]?\d+)?|nan|inf)$/i;

function tellStatus(cursor: MessageCursor, tell: Tell): void {
  cursor.u8("level");
  tell("raw_text", cursor.string("name"));
  tell("raw_text", cursor.string("message"));
  tell("serial_number", cursor.string("hardware_id"));
  for (let left = countOf(cursor, "values"); left > 0; left--) {
    const key = cursor.string("values.key");
    const value = cursor.string("values.value");
    const name = KEYS.find(([pattern]) => pattern.test(key))?.[1];
    if (name !== undefined) tell(name, value);
    else if (!MEASUREMENT.test(value)) tell("raw_text", `${key}: ${value}`);
  }
}

/** Where a robot was: x, y and z; its turn says no more. */
function tellPlace(cursor: MessageCursor, tell: Tell): void {
  const place = ["x", "y", "z"].map((axis) => cursor.f64(`position.${axis}`));
  for (const axis of ["x", "y", "z", "w"]) cursor.f64(`orientation.${axis}`);
  tell("map_origin", place.join(" "));
}

function tellPath(cursor: MessageCursor, tell: Tell): void {
  tellHeader(cursor, tell);
  for (let left = cursor.u32("poses"); left > 0; left--) tellPose(cursor, tell);
}

function tellPose(cursor: MessageCursor, tell: Tell): void {
  tellHeader(cursor, tell);
  tellPlace(cursor, tell);
}

function tellOdometry(cursor: MessageCursor, tell: Tell): void {
  tellHeader(cursor, tell);
  tell("raw_text", `child_frame_id: ${cursor.string("child_frame_id")}`);
  tellPlace(cursor, tell);
}

function tellTransforms(cursor: MessageCursor, tell: Tell): void {
  for (let left = countOf(cursor, "transforms"); left > 0; left--) tellOdometry(cursor, tell);
}

function tellGrid(cursor: MessageCursor, tell: Tell): void {
  tellHeader(cursor, tell);
  tellMap(cursor, tell);
}

function tellMap(cursor: MessageCursor, tell: Tell): void {
  const loadedNs = readTime(cursor, "map_load_time");
  if (loadedNs !== undefined) tell("wall_clock", isoTime(loadedNs));
  cursor.f32("resolution");
  cursor.u32("width");
  cursor.u32("height");
  tellPlace(cursor, tell);
}

/** The texts in front of a JPEG or PNG picture (EXIF, XMP): camera, owner, place. */
function tellPicture(cursor: MessageCursor, tell: Tell): void {
  tellHeader(cursor, tell);
  cursor.string("format");
  const data = cursor.borrowBytes(cursor.u32("data"), "data").subarray(0, PICTURE_BYTES_MAX);
  const head = Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString("latin1");
  const marked = /Exif\0\0|http:\/\/ns\.adobe\.com|tEXt|iTXt|eXIf/.test(head);
  if (!marked) return;
  for (const [text] of head.matchAll(/[\x20-\x7e]{6,}/g)) tell("raw_text", text);
}

/** With or without the temperatures, which older releases of ROS 1 do not have. */
function tellBattery(cursor: MessageCursor, tell: Tell): void {
  tellHeader(cursor, tell);
  const start = cursor.mark();
  for (const temperatures of [1, 0]) {
    cursor.reset(start);
    const texts = batteryTexts(cursor, temperatures);
    if (texts === undefined) continue;
    tell("raw_text", texts[0] && `battery: ${texts[0]}`);
    tell("serial_number", texts[1]);
    return;
  }
}

/** Location and serial number; undefined if the message does not end with them. */
function batteryTexts(cursor: MessageCursor, temperatures: number): [string, string] | undefined {
  try {
    cursor.floats(6 + temperatures, "charge");
    cursor.borrowBytes(4, "present");
    for (let lists = 1 + temperatures; lists > 0; lists--) {
      cursor.floats(countOf(cursor, "cell_voltage"), "cell_voltage");
    }
    const texts: [string, string] = [cursor.string("location"), cursor.string("serial_number")];
    return cursor.left === 0 ? texts : undefined;
  } catch {
    return undefined;
  }
}

/** rosout: free text of any node, and the paths of its source on whose machine it was built. */
function tellLog(cursor: MessageCursor, tell: Tell): void {
  if (cursor.isRos1) tellHeader(cursor, tell);
  else tell("wall_clock", timeText(readTime(cursor, "stamp")));
  cursor.u8("level");
  tell("software", cursor.string("name"));
  for (const field of ["msg", "file", "function"]) tell("raw_text", cursor.string(field));
  cursor.u32("line");
  if (!cursor.isRos1) return;
  for (let left = countOf(cursor, "topics"); left > 0; left--) {
    tell("raw_text", `topic: ${cursor.string("topics")}`);
  }
}

function timeText(stampNs: bigint | undefined): string | undefined {
  return stampNs === undefined ? undefined : isoTime(stampNs);
}

function countOf(cursor: MessageCursor, field: string): number {
  const count = cursor.u32(field);
  if (count <= LIST_MAX) return count;
  throw cursor.fail(field, `declares ${count}; at most ${LIST_MAX} are possible.`);
}
