/** Opens any supported file by its extension, checked against its first bytes; or a rosbag2 folder. */
import { extname } from "node:path";
import type { Pose } from "../core/frame.ts";
import { BAG_MAGIC } from "./bag-records.ts";
import { type ByteFile, openByteFile } from "./byte-file.ts";
import { openCarmen } from "./carmen-log.ts";
import { openE57 } from "./e57-reader.ts";
import {
  type FormatName,
  type FrameSource,
  mapFrames,
  type OpenOptions,
  type VendorName,
} from "./frame-source.ts";
import { badInput } from "./input-errors.ts";
import { openKitti } from "./kitti-reader.ts";
import { openLas } from "./las-reader.ts";
import { openPcap } from "./pcap-reader.ts";
import { isPcap } from "./pcap-records.ts";
import { isPcapng } from "./pcapng-blocks.ts";
import { openPcd } from "./pcd-reader.ts";
import { openPly } from "./ply-reader.ts";
import { withPoses } from "./poses-file.ts";
import { openRecording } from "./recording-reader.ts";
import { isRosbag2Folder } from "./rosbag2-metadata.ts";
import { composePoses } from "./rotation.ts";

/** Kinds of files by their form: a capture's packets say later whose they are. */
type FileKind = Exclude<FormatName, `${VendorName}-pcap`> | "pcap";

const EXTENSIONS: Readonly<Record<string, FileKind>> = {
  ".pcd": "pcd",
  ".ply": "ply",
  ".bin": "kitti",
  ".las": "las",
  ".laz": "las",
  ".e57": "e57",
  ".mcap": "mcap",
  ".bag": "rosbag",
  ".db3": "rosbag2",
  ".pcap": "pcap",
  ".pcapng": "pcap",
  ".clf": "carmen",
  ".log": "carmen",
};

const SUPPORTED =
  ".pcd, .ply, .bin (KITTI), .las, .laz, .e57, .mcap, .bag (ROS 1), .db3 or the folder of a rosbag2 recording (ROS 2), " +
  ".pcap or .pcapng (Hesai, Livox, Ouster, RoboSense, Velodyne) and .clf or .log (CARMEN, also .gz)";
const HEAD_BYTES = 16;

/**
 * Opens `path` for reading frames. Throws IO if it cannot be read, BAD_INPUT if its kind is not
 * known or its first bytes belong to another kind. Close the source when done.
 */
export async function openFrames(path: string, options: OpenOptions = {}): Promise<FrameSource> {
  const kind = await kindAt(path);
  const source = await openKind(path, kind, options);
  try {
    const { posesPath, mount } = options;
    const posed = posesPath === undefined ? source : await withPoses(source, posesPath);
    return mount === undefined ? posed : withMount(posed, mount);
  } catch (error) {
    await source.close();
    throw error;
  }
}

/** Poses of the robot's body become those of the lidar that sits at `mount` on it. */
function withMount(source: FrameSource, mount: Pose): FrameSource {
  return mapFrames(source, {}, async function* (frames) {
    for await (const frame of frames) {
      const { pose } = frame;
      yield pose === undefined ? frame : { ...frame, pose: composePoses(pose, mount) };
    }
  });
}

async function openKind(path: string, kind: FileKind, options: OpenOptions): Promise<FrameSource> {
  if (kind === "mcap" || kind === "rosbag" || kind === "rosbag2") {
    return openRecording(path, kind, options);
  }
  const file = await openByteFile(path);
  try {
    switch (kind) {
      case "pcd":
        return await openPcd(file, options);
      case "ply":
        return await openPly(file, options);
      case "kitti":
        return await openKitti(file, options);
      case "las":
        return await openLas(file, options);
      case "e57":
        return await openE57(file, options);
      case "pcap":
        return await openPcap(file, options);
      case "carmen":
        return await openCarmen(file, options);
    }
  } catch (error) {
    await file.close();
    throw error;
  }
}

async function kindAt(path: string): Promise<FileKind> {
  if (await isRosbag2Folder(path)) return "rosbag2";
  const file = await openByteFile(path);
  try {
    return await formatOf(file);
  } finally {
    await file.close();
  }
}

async function formatOf(file: ByteFile): Promise<FileKind> {
  const unpacked = file.path.replace(/(\.(?:clf|log))\.gz$/i, "$1");
  const extension = extname(unpacked).toLowerCase();
  const format = EXTENSIONS[extension];
  if (format === undefined) {
    const text = `"${extension}" is not a supported kind of file; use ${SUPPORTED}.`;
    throw badInput(file.path, text);
  }
  if (file.size === 0) throw badInput(file.path, "the file is empty (0 bytes); record it again.");
  const head = await file.read(0, Math.min(file.size, HEAD_BYTES));
  const looks = kindOf(head);
  if (unpacked !== file.path && looks === "gzip") return format;
  const needsMagic = format !== "pcd" && format !== "kitti" && format !== "carmen";
  if (looks !== format && (needsMagic || looks !== undefined)) {
    const kind = looks === undefined ? "nothing that is known" : looks;
    throw badInput(
      file.path,
      `the name says ${format}, but its first bytes are those of ${kind}; check where the file is ` +
        "from, or rename it to its true kind.",
      { offset: 0 },
    );
  }
  return format;
}

/** The kind that the first bytes are typical of; undefined if they say nothing (PCD may, KITTI). */
function kindOf(head: Uint8Array): FileKind | "gzip" | undefined {
  const text = Buffer.from(head).toString("latin1");
  if (text.startsWith("\x89MCAP0\r\n")) return "mcap";
  if (text.startsWith(BAG_MAGIC)) return "rosbag";
  if (text.startsWith("# .PCD")) return "pcd";
  if (/^ply\r?\n/.test(text)) return "ply";
  if (text.startsWith("LASF")) return "las";
  if (text.startsWith("ASTM-E57")) return "e57";
  if (text.startsWith("\x1f\x8b\x08")) return "gzip";
  if (text.startsWith("SQLite format 3")) return "rosbag2";
  return isPcap(head) || isPcapng(head) ? "pcap" : undefined;
}
