/**
 * One frame as a before-and-after picture. The right side is read back from the sealed artefact with
 * a key made for this picture, so that it shows what leaves and nothing that only nearly does.
 */
import type { Frame } from "../core/frame.ts";
import type { Tile } from "../core/tile.ts";
import { generateRecipientKey, wipe } from "../keys/index.ts";
import { type Policy, wrap } from "../policy/index.ts";
import { drawPreview, type Side } from "../preview/preview.ts";
import { rawPoints, toMap } from "../preview/raw-points.ts";
import { lowest, partByVoxels, shift } from "../preview/scene.ts";
import { openVeil } from "../veil/open.ts";
import { Sanitizer, type SealedFrameReport } from "../veil/sanitizer.ts";
import { bytes, count, fieldName, metres, pointFieldName, ratio } from "./format.ts";
import { CROPPED, causeList } from "./totals-text.ts";

export interface PreviewResult {
  readonly png: Uint8Array;
  readonly report: SealedFrameReport;
  /** Bytes of the frame as an artefact of its own. */
  readonly artefactBytes: number;
}

/** Sanitises, seals, opens and draws `frame`. */
export async function previewFrame(
  frame: Frame,
  policy: Policy,
  inMapFrame: boolean | undefined,
): Promise<PreviewResult> {
  const keyPair = generateRecipientKey();
  const sanitizer = await Sanitizer.create({
    policy,
    recipient: keyPair.publicKey,
    ...(inMapFrame && { inMapFrame }),
  });
  try {
    const { veil, report } = sanitizer.sanitize(frame);
    const tile = (await openVeil(veil, keyPair))[0]!;
    const local = sanitizer.copyVoxels(report);
    const png = draw(frame, policy, tile, local, report, veil.length);
    return { png, report, artefactBytes: veil.length };
  } finally {
    sanitizer.wipe();
    wipe(keyPair.secretKey);
  }
}

function draw(
  frame: Frame,
  policy: Policy,
  tile: Tile,
  local: Float32Array,
  report: SealedFrameReport,
  artefactBytes: number,
): Uint8Array {
  // A session's map is turned by a secret amount: its picture cannot be laid over the raw frame.
  const isSecret = tile.hasOrigin && policy.pose === "session";
  const inMap = tile.hasOrigin && policy.pose === "keep" && frame.pose !== undefined;
  const raw = inMap ? toMap(rawPoints(frame), frame.pose!) : rawPoints(frame);
  const after = tile.positions.slice();
  if (!tile.hasOrigin) {
    // The tile begins at its lowest voxel; the robot knows where that is.
    const [from, to] = [lowest(after), lowest(local)];
    shift(after, [to[0] - from[0], to[1] - from[1], to[2] - from[2]]);
  }
  const hasCrop = Object.values(report.cropped).some((points) => points > 0);
  // In the map, rounding moves points across the faces of voxels, and they would look cropped.
  const parts = hasCrop && !tile.hasOrigin ? partByVoxels(raw, local, tile.leafM) : undefined;
  return drawPreview({
    sameFrame: !isSecret,
    before: {
      title: "BEFORE: what the sensor measured",
      points: raw,
      sizeM: 0,
      ...parts,
      ...beforeCaptions(report, parts !== undefined),
    },
    after: {
      title: "AFTER: what leaves the robot, opened with the recipient's key",
      points: after,
      sizeM: tile.leafM,
      captions: afterCaptions(tile, report, artefactBytes),
    },
  });
}

function beforeCaptions(
  report: SealedFrameReport,
  hasRed: boolean,
): Pick<Side, "captions" | "croppedCaption"> {
  const { cropped, dropped } = report;
  const lost = causeList(cropped, CROPPED);
  const empty = dropped.empty + dropped.nan + dropped.infinite + dropped.outOfDomain;
  return {
    captions: [
      `${count(report.pointsIn - empty)} points, ${bytes(report.bytesIn)}`,
      ...(empty === 0 ? [] : [`${count(empty)} slots without a measurement`]),
      ...(lost === "" || hasRed ? [] : [`kept at home: ${lost}`]),
    ],
    ...(hasRed && { croppedCaption: `red: kept at home, ${lost}` }),
  };
}

function afterCaptions(tile: Tile, report: SealedFrameReport, artefactBytes: number): string[] {
  const names = [
    ...report.strippedPointFields.map(pointFieldName),
    ...report.stripped.map(fieldName),
  ];
  return [
    `${count(tile.voxels)} voxels of ${metres(Number(tile.leafM.toPrecision(6)))}, sealed ` +
      `${bytes(artefactBytes)} (${ratio(report.bytesIn, artefactBytes)})`,
    ...captionLines(`removed: ${names.join(", ") || "nothing else was offered"}`),
  ];
}

const CAPTION_CHARACTERS = 64;
const CAPTION_LINES = 4;

/** Wrapped; what does not fit is left out at a word's end. */
function captionLines(text: string): string[] {
  const lines = wrap(text, "", CAPTION_CHARACTERS);
  if (lines.length <= CAPTION_LINES) return lines;
  const last = lines[CAPTION_LINES - 1]!;
  const cut = last.slice(0, CAPTION_CHARACTERS - 10);
  return [...lines.slice(0, CAPTION_LINES - 1), `${cut.slice(0, cut.lastIndexOf(" "))} and more`];
}
