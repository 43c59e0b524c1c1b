/** Opens any supported file by its extension, checked against its first bytes. */
import { extname } from "node:path";
import type { Pose } from "../core/frame.ts";
import { openBag } from "./bag-reader.ts";
import { BAG_MAGIC } from "./bag-records.ts";
import { type ByteFile, openByteFile } from "./byte-file.ts";
import { openCarmen } from "./carmen-log.ts";
import { type FormatName, type FrameSource, mapFrames, type OpenOptions } from "./frame-source.ts";
import { badInput } from "./input-errors.ts";
import { openKitti } from "./kitti-reader.ts";
import { openMcap } from "./mcap-reader.ts";
import { openOusterPcap } from "./ouster-pcap.ts";
import { isPcap } from "./pcap-records.ts";
import { openPcd } from "./pcd-reader.ts";
import { openPly } from "./ply-reader.ts";
import { withPoses } from "./poses-file.ts";
import { composePoses } from "./rotation.ts";

const EXTENSIONS: Readonly<Record<string, FormatName>> = {
  ".pcd": "pcd",
  ".ply": "ply",
  ".bin": "kitti",
  ".mcap": "mcap",
  ".bag": "rosbag",
  ".pcap": "ouster-pcap",
  ".clf": "carmen",
  ".log": "carmen",
};

const SUPPORTED =
  ".pcd, .ply, .bin (KITTI), .mcap, .bag (ROS 1), .pcap (Ouster) and .clf or .log (CARMEN, also .gz)";
const HEAD_BYTES = 16;

/**
 * Opens `path` for reading frames. Throws IO if it cannot be read, BAD_INPUT if its kind is not
 * known or its first bytes belong to another kind. Close the source when done.
 */
export async function openFrames(path: string, options: OpenOptions = {}): Promise<FrameSource> {
  const file = await openByteFile(path);
  try {
    const format = await formatOf(file);
    const source = await openFormat(file, format, options);
    const { posesPath, mount } = options;
    const posed = posesPath === undefined ? source : await withPoses(source, posesPath);
    return mount === undefined ? posed : withMount(posed, mount);
  } catch (error) {
    await file.close();
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

async function openFormat(
  file: ByteFile,
  format: FormatName,
  options: OpenOptions,
): Promise<FrameSource> {
  switch (format) {
    case "pcd":
      return openPcd(file);
    case "ply":
      return openPly(file);
    case "kitti":
      return openKitti(file);
    case "mcap":
      return openMcap(file, options);
    case "rosbag":
      return openBag(file, options);
    case "ouster-pcap":
      return openOusterPcap(file, options.metadataPath);
    case "carmen":
      return openCarmen(file);
  }
}

async function formatOf(file: ByteFile): Promise<FormatName> {
  const unpacked = file.path.replace(/(\.(?:clf|log))\.gz$/i, "$1");
  const extension = extname(unpacked).toLowerCase();
  const format = EXTENSIONS[extension];
  if (format === undefined) {
    const hint =
      extension === ".db3"
        ? " ROS 2 SQLite recordings become MCAP with `ros2 bag convert`."
        : extension === ".pcapng"
          ? " Convert it with `editcap -F pcap in.pcapng out.pcap`."
          : "";
    const text = `"${extension}" is not a supported kind of file; use ${SUPPORTED}.${hint}`;
    throw badInput(file.path, text);
  }
  if (file.size === 0) throw badInput(file.path, "the file is empty (0 bytes); record it again.");
  const head = await file.read(0, Math.min(file.size, HEAD_BYTES));
  const looks = kindOf(head);
  if (unpacked !== file.path && looks === "gzip") return format;
  const needsMagic = format !== "pcd" && format !== "kitti" && format !== "carmen";
  if (looks !== format && (needsMagic || looks !== undefined)) {
    const kind = looks === undefined ? "nothing that is known" : looks;
    const hint =
      looks === "pcapng"
        ? "convert it with `editcap -F pcap in.pcapng out.pcap`."
        : "check where the file is from, or rename it to its true kind.";
    throw badInput(
      file.path,
      `the name says ${format}, but its first bytes ` +
        `(${Buffer.from(head).toString("hex")}) are those of ${kind}; ${hint}`,
      { offset: 0 },
    );
  }
  return format;
}

/** The kind that the first bytes are typical of; undefined if they say nothing (PCD may, KITTI). */
function kindOf(head: Uint8Array): FormatName | "pcapng" | "gzip" | "sqlite" | undefined {
  const text = Buffer.from(head).toString("latin1");
  if (text.startsWith("\x89MCAP0\r\n")) return "mcap";
  if (text.startsWith(BAG_MAGIC)) return "rosbag";
  if (text.startsWith("# .PCD")) return "pcd";
  if (/^ply\r?\n/.test(text)) return "ply";
  if (text.startsWith("\x0a\x0d\x0d\x0a")) return "pcapng";
  if (text.startsWith("\x1f\x8b\x08")) return "gzip";
  if (text.startsWith("SQLite format 3")) return "sqlite";
  return isPcap(head) ? "ouster-pcap" : undefined;
}
