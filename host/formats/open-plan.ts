/** Opens a plan of a home by its content: what its first bytes say, not what its name says. */
import { promisify } from "node:util";
import { unzip } from "node:zlib";
import { BAG_MAGIC } from "./bag-records.ts";
import { type ByteFile, openByteFile } from "./byte-file.ts";
import type { RecordingFormat } from "./frame-source.ts";
import { badInput, tooLarge } from "./input-errors.ts";
import { readMapYaml } from "./map-yaml.ts";
import { isPgm } from "./pgm.ts";
import type { Plan, PlanOptions } from "./plan.ts";
import { PLAN_BYTES_MAX } from "./plan-limits.ts";
import { isPng } from "./png-image.ts";
import { isRobotMap, readRobotMap } from "./robot-map.ts";
import { readRosPlan } from "./ros-plan.ts";
import { isRosbag2Folder } from "./rosbag2-metadata.ts";
import { isValetudo, readValetudo } from "./valetudo-map.ts";

const SUPPORTED =
  "a .yaml with its .pgm or .png (map_server, nav2), a bag, MCAP or rosbag2 recording with " +
  "nav_msgs/OccupancyGrid, " +
  "a Valetudo map (.json) or a Roborock B01 upload (protobuf), the last two also gzipped";

type PlanKind = "yaml" | "valetudo" | "robot-map" | "image";

const HEAD_BYTES = 4096;
const unzipLimited = promisify(unzip);

/**
 * Reads the plan at `path`. Throws IO if it cannot be read, BAD_INPUT where it breaks or if nothing
 * that is known begins in this way, TOO_LARGE beyond 16,384 cells a side or 67 million.
 */
export async function openPlan(path: string, options: PlanOptions = {}): Promise<Plan> {
  if (await isRosbag2Folder(path)) return readRosPlan(path, "rosbag2", options);
  const file = await openByteFile(path);
  try {
    if (file.size === 0) throw badInput(path, "the file is empty (0 bytes); save the map again.");
    const packedHead = await file.read(0, Math.min(HEAD_BYTES, file.size));
    const recording = recordingKind(packedHead);
    if (recording !== undefined) return await readRosPlan(path, recording, options);
    const bytes = await readUnpacked(file);
    const kind = kindOf(path, bytes.subarray(0, HEAD_BYTES));
    switch (kind) {
      case "yaml":
        return await readMapYaml(path, textOf(bytes), options);
      case "valetudo":
        return readValetudo(path, textOf(bytes), options);
      case "robot-map":
        return readRobotMap(path, bytes, options);
      case "image":
        throw badInput(path, "it is only the image of a map; name the .yaml that goes with it.");
      default:
        throw badInput(path, `no plan begins as this file does; use ${SUPPORTED}.`, { offset: 0 });
    }
  } finally {
    await file.close();
  }
}

/**
 * True if `path` is a file that holds a plan and nothing else; recordings may hold one, and are not
 * looked into. Throws IO if it cannot be read.
 */
export async function looksLikePlan(path: string): Promise<boolean> {
  if (await isRosbag2Folder(path)) return false;
  const file = await openByteFile(path);
  try {
    if (file.size === 0) return false;
    const head = await file.read(0, Math.min(HEAD_BYTES, file.size));
    if (recordingKind(head) !== undefined) return false;
    if (!isPacked(head)) return kindOf(path, head) !== undefined;
    // Of a packed file the beginning is enough, and no more than that is unpacked.
    const begin = await unzipLimited(head, { finishFlush: 2 }).catch(() => undefined);
    return begin !== undefined && kindOf(path, begin) !== undefined;
  } finally {
    await file.close();
  }
}

function recordingKind(head: Uint8Array): RecordingFormat | undefined {
  const text = Buffer.from(head.subarray(0, 16)).toString("latin1");
  if (text.startsWith("\x89MCAP0\r\n")) return "mcap";
  if (text.startsWith("SQLite format 3\0")) return "rosbag2";
  return text.startsWith(BAG_MAGIC) ? "rosbag" : undefined;
}

function kindOf(path: string, head: Uint8Array): PlanKind | undefined {
  if (isPgm(head) || isPng(head)) return "image";
  const text = textOf(head);
  if (isValetudo(text)) return "valetudo";
  const named = /\.ya?ml$/i.test(path) && !text.includes("\0");
  if (named || /^[ \t]*image[ \t]*:/m.test(text)) return "yaml";
  return isRobotMap(head) ? "robot-map" : undefined;
}

/** gzip, or zlib as it stands in the robot's own uploads. */
function isPacked(head: Uint8Array): boolean {
  const zlib = head[0] === 0x78 && ((head[0] << 8) | head[1]!) % 31 === 0;
  return zlib || (head[0] === 0x1f && head[1] === 0x8b);
}

async function readUnpacked(file: ByteFile): Promise<Uint8Array> {
  if (file.size > PLAN_BYTES_MAX) {
    throw tooLarge(file.path, `${file.size} bytes; a plan has at most ${PLAN_BYTES_MAX}.`);
  }
  const bytes = await file.read(0, file.size);
  if (!isPacked(bytes)) return bytes;
  try {
    return await unzipLimited(bytes, { maxOutputLength: PLAN_BYTES_MAX });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE") {
      throw tooLarge(file.path, `it unpacks to more than the ${PLAN_BYTES_MAX} bytes of a plan.`);
    }
    const text = "the packed data is damaged or cut short; copy the file again.";
    throw badInput(file.path, text, {}, error);
  }
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8");
}
