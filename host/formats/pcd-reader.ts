/** PCD files: one cloud, one frame. */
import type { Frame, MetadataField, Pose } from "../core/frame.ts";
import { type ByteFile, readWhole } from "./byte-file.ts";
import { type FrameSource, makeSource } from "./frame-source.ts";
import { badInput } from "./input-errors.ts";
import { MetadataList } from "./metadata-list.ts";
import { type PcdHeader, parsePcdHeader } from "./pcd-header.ts";
import { readPcdPoints } from "./pcd-points.ts";
import { layoutOf } from "./point-columns.ts";
import { isIdentity, poseFromQuaternion } from "./rotation.ts";

/**
 * A PCD v0.7 file, ascii, binary (not copied) or binary_compressed, up to 2^31 bytes. Float
 * intensities are 0..1 if none exceeds 1, else 0..255. A VIEWPOINT that moves something is the pose.
 */
export function openPcd(file: ByteFile): FrameSource {
  return makeSource({ format: "pcd", expectedFrames: 1 }, file, async function* () {
    const bytes = await readWhole(file);
    yield readPcd(file.path, bytes);
  });
}

function readPcd(path: string, bytes: Uint8Array): Frame {
  const header = parsePcdHeader(path, bytes);
  const table = readPcdPoints(path, header, bytes);
  const layout = layoutOf(path, table, "detect");
  const pose = poseOf(path, header);
  return {
    count: table.count,
    layout,
    data: table.data,
    ...(pose && { pose }),
    metadata: metadataOf(path, header, pose, layout.otherFields ?? []),
  };
}

function metadataOf(
  path: string,
  header: PcdHeader,
  pose: Pose | undefined,
  otherFields: readonly string[],
): MetadataField[] {
  const metadata = MetadataList.ofFile(path);
  for (const comment of header.comments) metadata.add("comment", comment);
  if (pose) metadata.add("map_origin", header.viewpoint?.join(" "));
  for (const name of otherFields) metadata.add("point_field", name);
  return metadata.list();
}

function poseOf(path: string, header: PcdHeader): Pose | undefined {
  if (header.viewpoint === undefined) return undefined;
  const [tx, ty, tz, qw, qx, qy, qz] = header.viewpoint.map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const pose = poseFromQuaternion([tx, ty, tz], [qx, qy, qz, qw]);
  if (pose === undefined) {
    throw badInput(
      path,
      `VIEWPOINT ${header.viewpoint.join(" ").slice(0, 120)} is not a position and a unit ` +
        "quaternion (tx ty tz qw qx qy qz); correct it or write 0 0 0 1 0 0 0.",
      { field: "VIEWPOINT" },
    );
  }
  return isIdentity(pose) ? undefined : pose;
}
