/**
 * The map of a whole recording as a before-and-after picture: everything that was hit on the left, what
 * moved in red, and on the right what leaves, read back from the sealed artefact.
 */
import type { Frame } from "../core/frame.ts";
import type { Tile } from "../core/tile.ts";
import { generateRecipientKey, wipe } from "../keys/index.ts";
import { mapLeafM } from "../policy/index.ts";
import { drawPreview } from "../preview/preview.ts";
import { lowest, partByTouch, shift } from "../preview/scene.ts";
import { MapMaker, type MapRules } from "../veil/map-maker.ts";
import { openVeil } from "../veil/open.ts";
import { bytes, count, metres, plural } from "./format.ts";
import { type GatheredMap, type GatherOptions, gatherMap } from "./gather-map.ts";
import { CROPPED, causeList } from "./totals-text.ts";

export interface MapPreviewOptions extends GatherOptions {
  readonly rules: MapRules;
}

export interface MapPreview extends GatheredMap {
  readonly png: Uint8Array;
}

/** Gathers, seals, opens and draws. Throws as gatherMap does. */
export async function previewMap(
  frames: AsyncIterable<Frame>,
  { rules, ...options }: MapPreviewOptions,
): Promise<MapPreview> {
  const keyPair = generateRecipientKey();
  const maker = await MapMaker.create({ ...rules, recipient: keyPair.publicKey });
  try {
    const gathered = await gatherMap(frames, maker, options);
    const tile = (await openVeil(gathered.veil, keyPair))[0]!;
    const [kept, removed] = [maker.copyKept(), maker.copyRemoved()];
    return { ...gathered, png: draw(gathered, tile, kept, removed, mapLeafM(rules.policy)) };
  } finally {
    maker.wipe();
    wipe(keyPair.secretKey);
  }
}

function draw(
  { points, report, veil, bytesIn }: GatheredMap,
  tile: Tile,
  kept: Float32Array,
  removed: Float32Array,
  leafM: number,
): Uint8Array {
  const isMap = report.level === "map";
  const after = tile.positions.slice();
  if (isMap) {
    // The tile begins at its lowest voxel; the robot knows where that is.
    const [from, to] = [lowest(after), lowest(kept)];
    shift(after, [to[0] - from[0], to[1] - from[1], to[2] - from[2]]);
  }
  // Rough faces of walls and floors have removed cells all over, which would hide what moved.
  const { touching, apart } = partByTouch(removed, kept, leafM);
  const both = new Float32Array(kept.length + apart.length);
  both.set(kept);
  both.set(apart, kept.length);
  const faces = plural(touching.length / 3, "cell");
  const cropped = causeList(points.cropped, CROPPED);
  const what = isMap ? "voxels" : "cells of a plan";
  return drawPreview({
    sameFrame: isMap,
    before: {
      title: "BEFORE: what the sensor measured, put together",
      points: both,
      kept,
      cropped: apart,
      sizeM: leafM,
      captions: [
        `${plural(report.scans, "scan")}, ${count(points.in)} points, ${bytes(bytesIn)}`,
        `the last ${plural(report.heldScans, "scan")} held back`,
        ...(cropped === "" ? [] : [`cropped: ${cropped}`]),
        `removed besides, not drawn: ${faces} at faces of what stays`,
      ],
      croppedCaption: `red: removed, ${plural(apart.length / 3, "cell")} in which something moved`,
    },
    after: {
      title: "AFTER: what leaves the robot, opened with the recipient's key",
      points: after,
      sizeM: tile.leafM,
      captions: [
        `${count(tile.voxels)} ${what} of ${metres(Number(tile.leafM.toPrecision(6)))}, sealed ` +
          bytes(veil.length),
        report.linkage,
      ],
    },
  });
}
