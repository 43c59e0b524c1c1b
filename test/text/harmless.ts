/** What is no value, in forms that values have, too. */
import { between, pick, type Uniform } from "../../host/scenes/random.ts";
import { digits, HEX, signs, whole } from "./draw.ts";
import { withLuhn } from "./machine-values.ts";
import { chineseId } from "./person-values.ts";

/** What is no value: numbers and words in a form that values have, too. */
export const HARMLESS: Readonly<Record<string, (next: Uniform) => string>> = {
  n: (next) => String(whole(next, 0, 999)),
  big: (next) => String(whole(next, 1000, 99_999_999)),
  version: (next) => [whole(next, 0, 9), whole(next, 0, 30), whole(next, 0, 40)].join("."),
  version4: (next) =>
    [whole(next, 0, 12), whole(next, 0, 20), whole(next, 0, 20), whole(next, 0, 999)].join("."),
  time: (next) =>
    [whole(next, 0, 23), whole(next, 0, 59), whole(next, 0, 59)]
      .map((v) => String(v).padStart(2, "0"))
      .join(":"),
  date: (next) =>
    `20${whole(next, 20, 26)}-${String(whole(next, 1, 12)).padStart(2, "0")}-${String(whole(next, 1, 28)).padStart(2, "0")}`,
  stamp_ns: (next) => `17${digits(next, 17)}`,
  stamp_us: (next) => `17${digits(next, 14)}`,
  stamp_s: (next) => `17${digits(next, 8)}.${digits(next, 9)}`,
  /** 15 digits whose last is one off. */
  not_imei: (next) =>
    withLuhn(digits(next, 14))
      .replace(/\d$/, (digit) => String((Number(digit) + 1) % 10))
      .replace(/^460/, "361"),
  not_id: (next) =>
    chineseId(next)
      .replace(/.$/, (sign) => (/x/i.test(sign) ? "0" : String((Number(sign) + 1) % 10)))
      .replace(/^/, ""),
  commit: (next) => signs(next, HEX, 7).replace(/^./, "d"),
  part: (next) => signs(next, HEX, 8).replace(/^./, "c"),
  pointer: (next) => `0x7f${signs(next, HEX, 10)}`,
  metres: (next) => between(next, -12, 12).toFixed(whole(next, 2, 6)),
  share: (next) => between(next, 0, 100).toFixed(1),
  model: (next) =>
    pick(next, [
      "OS1-64-U02",
      "VLP-16",
      "Mid-360",
      "XT32M2X",
      "RPLIDAR A2M8",
      "HDL-32E",
      "Pandar40P",
      "LDS-01",
      "OS0-128",
      "QT64",
    ]),
  code: (next) =>
    pick(next, [
      `E${digits(next, 4)}`,
      `ERR_${digits(next, 3)}`,
      `0x${signs(next, HEX, 4)}`,
      `W-${digits(next, 2)}`,
    ]),
  room: (next) =>
    pick(next, ["kitchen", "living room", "hallway", "guest room", "office", "Bedroom 2"]),
  room_zh: (next) => pick(next, ["客厅", "厨房", "主卧", "次卧", "书房", "走廊", "儿童房"]),
  topic: (next) =>
    pick(next, [
      "/points",
      "/scan",
      "/tf_static",
      "/camera/depth/image_raw",
      "/os_cloud_node/points",
      "/velodyne_points",
    ]),
  frame: (next) => pick(next, ["base_link", "os_sensor", "map", "laser_frame", "odom", "velodyne"]),
};
