/** PCD files: one cloud, one frame. */
import type { Frame, Pose } from "../core/frame.ts";
import { type ByteFile, readWhole } from "./byte-file.ts";
import { type FrameSource, makeSource, type OpenOptions } from "./frame-source.ts";
import { badInput } from "./input-errors.ts";
import { MetadataList, type MetadataReads } from "./metadata-list.ts";
import { type PcdHeader, parsePcdHeader } from "./pcd-header.ts";
import { readPcdPoints } from "./pcd-points.ts";
import { layoutOf } from "./point-columns.ts";
import { isIdentity, poseFromQuaternion } from "./rotation.ts";

/**
 * A PCD v0.7 file, ascii, binary (not copied) or binary_compressed, up to 2^31 bytes. Float
 * intensities are 0..1 if none exceeds 1, else 0..255. A VIEWPOINT that moves something is the pose.
 */
export function openPcd(file: ByteFile, { reads }: OpenOptions): FrameSource {
  return makeSource({ format: "pcd", expectedFrames: 1 }, file, async function* () {
    const bytes = await readWhole(file);
    yield readPcd(file.path, bytes, reads);
  });
}

function readPcd(path: string, bytes: Uint8Array, reads: MetadataReads | undefined): Frame {
  const header = parsePcdHeader(path, bytes);
  const table = readPcdPoints(path, header, bytes);
  const pose = poseOf(path, header);
  const metadata = metadataOf(path, header, pose !== undefined, reads);
  const layout = layoutOf(path, table, "detect", metadata.tell);
  return {
    count: table.count,
    layout,
    data: table.data,
    ...(pose && { pose }),
    metadata: metadata.list(),
  };
}

function metadataOf(
  path: string,
  header: PcdHeader,
  isPosed: boolean,
  reads: MetadataReads | undefined,
): MetadataList {
  const metadata = MetadataList.ofFile(path, reads);
  for (const comment of header.comments) metadata.add("comment", comment);
  if (isPosed) metadata.add("map_origin", header.viewpoint?.join(" "));
  return metadata;
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
      "VIEWPOINT is not a position and a unit quaternion " +
        " (tx ty tz qw qx qy qz); correct it or write 0 0 0 1 0 0 0.",
      { field: "VIEWPOINT" },
    );
  }
  return isIdentity(pose) ? undefined : pose;
}
