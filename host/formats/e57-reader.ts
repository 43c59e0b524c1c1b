/** E57 files: all scans of a survey as one cloud, one frame. */
import type { ByteFile } from "./byte-file.ts";
import { child, readE57Root } from "./e57-header.ts";
import { tellE57Identity } from "./e57-identity.ts";
import { E57Scan } from "./e57-scan.ts";
import { type FrameSource, makeSource, type OpenOptions } from "./frame-source.ts";
import { badInput } from "./input-errors.ts";
import { LocalCloud } from "./local-cloud.ts";
import { MetadataList } from "./metadata-list.ts";

/** A survey of a large building has hundreds. */
const SCANS_MAX = 4096;

/**
 * An E57 1.0 file, read as a stream: the valid points of all its scans, each where its scanner stood, less
 * a place near the first one (see LocalCloud). Cartesian and spherical coordinates, of floats or of
 * integers; intensities over the range that the file names. Pictures in it are not read.
 */
export function openE57(file: ByteFile, { reads }: OpenOptions): FrameSource {
  return makeSource({ format: "e57", expectedFrames: 1, isMerged: true }, file, async function* () {
    const root = await readE57Root(file);
    const said = MetadataList.ofFile(file.path, reads);
    tellE57Identity(root, said.tell);
    const scans = (child(root, "data3D")?.children ?? []).flatMap(
      (one) => E57Scan.of(file, one) ?? [],
    );
    if (scans.length > SCANS_MAX) {
      throw badInput(file.path, `${scans.length} scans; at most ${SCANS_MAX} are read. Split it.`);
    }
    const cloud = new LocalCloud(
      file.path,
      scans.reduce((sum, { count }) => sum + count, 0),
    );
    for (const scan of scans) await scan.addTo(cloud);
    const others = new Set(scans.flatMap(({ otherFields }) => otherFields));
    const { layout, ...points } = cloud.finish();
    for (const name of others) said.add("point_field", name);
    const otherFields = [...new Set([...others].map((name) => STANDARD_FIELDS[name] ?? "other"))];
    yield { ...points, layout: { ...layout, otherFields }, metadata: said.list() };
  });
}

/** Further fields that the standard has; extensions may name theirs as they like. */
const STANDARD_FIELDS: Readonly<Record<string, string>> = {
  ...{ colorRed: "red", colorGreen: "green", colorBlue: "blue" },
  ...{ rowIndex: "row", columnIndex: "column", returnIndex: "return_number" },
  ...{ returnCount: "return_count", timeStamp: "timestamp" },
  ...{ isColorInvalid: "color_invalid", isIntensityInvalid: "intensity_invalid" },
  ...{ isTimeStampInvalid: "timestamp_invalid" },
};
