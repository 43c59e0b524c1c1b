/** PLY files: one cloud, one frame. */
import type { Frame } from "../core/frame.ts";
import { type ByteFile, readWhole } from "./byte-file.ts";
import { type FrameSource, makeSource, type OpenOptions } from "./frame-source.ts";
import { MetadataList, type MetadataReads } from "./metadata-list.ts";
import { parsePlyHeader } from "./ply-header.ts";
import { readPlyPoints } from "./ply-points.ts";
import { layoutOf } from "./point-columns.ts";

/**
 * A PLY 1.0 file, ascii or binary of either byte order, up to 2^31 bytes; little-endian points are
 * not copied. Float intensities are 0..1 if none exceeds 1, else 0..255. Faces are skipped.
 */
export function openPly(file: ByteFile, { reads }: OpenOptions): FrameSource {
  return makeSource({ format: "ply", expectedFrames: 1 }, file, async function* () {
    const bytes = await readWhole(file);
    yield readPly(file.path, bytes, reads);
  });
}

function readPly(path: string, bytes: Uint8Array, reads: MetadataReads | undefined): Frame {
  const header = parsePlyHeader(path, bytes);
  const table = readPlyPoints(path, header, bytes);
  const metadata = MetadataList.ofFile(path, reads);
  for (const comment of header.comments) metadata.add("comment", comment);
  const layout = layoutOf(path, table, "detect", metadata.tell);
  return { count: table.count, layout, data: table.data, metadata: metadata.list() };
}
