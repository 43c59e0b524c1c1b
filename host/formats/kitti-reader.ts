/** KITTI .bin files: f32 x, y, z and intensity in 0..1, 16 bytes a point, and nothing else. */
import type { PointLayout } from "../core/frame.ts";
import { type ByteFile, readWhole } from "./byte-file.ts";
import { type FrameSource, makeSource, type OpenOptions } from "./frame-source.ts";
import { badInput } from "./input-errors.ts";
import { MetadataList } from "./metadata-list.ts";

const POINT_STEP = 16;

const LAYOUT: PointLayout = {
  pointStep: POINT_STEP,
  x: { offset: 0, type: "f32" },
  y: { offset: 4, type: "f32" },
  z: { offset: 8, type: "f32" },
  intensity: { offset: 12, type: "f32", scale: 1 },
  otherFields: [],
};

/** A KITTI velodyne .bin file, up to 2^31 bytes, not copied. */
export function openKitti(file: ByteFile, { reads }: OpenOptions): FrameSource {
  return makeSource({ format: "kitti", expectedFrames: 1 }, file, async function* () {
    const data = await readWhole(file);
    if (data.length % POINT_STEP !== 0) {
      const whole = data.length - (data.length % POINT_STEP);
      throw badInput(
        file.path,
        `${data.length} bytes are not a whole number of KITTI points of ${POINT_STEP} bytes; ` +
          `${data.length - whole} bytes are left from offset ${whole} on. The file is cut short, ` +
          "or it is not a KITTI cloud.",
        { offset: whole },
      );
    }
    const metadata = MetadataList.ofFile(file.path, reads).list();
    yield { count: data.length / POINT_STEP, layout: LAYOUT, data, metadata };
  });
}
