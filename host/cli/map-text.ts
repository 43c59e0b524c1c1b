/** What a map, a plan or a path that was sealed is told of, as rows of text. */
import type { PathReport, PlanReport } from "../plan/index.ts";
import type { MapReleaseReport } from "../veil/map-maker.ts";
import type { SealedCells } from "../veil/plan-sealer.ts";
import { bytes, count, fieldName, metres, plural, type Row, ratio } from "./format.ts";
import type { GatheredScans } from "./gather-map.ts";
import { CROPPED, causes, DROPPED, redactedRows, shareText, timeText } from "./totals-text.ts";

/** Everything that `mapveil map` reports of scans. */
export function mapRows(
  scans: GatheredScans,
  report: MapReleaseReport,
  artefactBytes: number,
): Row[] {
  const { points } = scans;
  const what = report.level === "map" ? "voxels" : "cells of a plan";
  return [
    ["scans", `${count(report.scans)}, the last ${count(report.heldScans)} held back`],
    ["points in", count(points.in)],
    ["  dropped", causes(points.dropped, DROPPED)],
    ["  cropped", causes(points.cropped, CROPPED)],
    ["  kept", count(points.kept)],
    ["removed", `${plural(report.removed, "cell")} in which something moved, or was hardly seen`],
    ["out", `${count(report.cells)} ${what} of ${metres(report.cellM)}`],
    [
      "bytes",
      `${bytes(scans.bytesIn)} of raw points in, ${bytes(artefactBytes)} sealed out ` +
        `(${ratio(scans.bytesIn, artefactBytes)})`,
    ],
    ["linkage", report.linkage],
    ...redactedRows(report.redacted),
    ["time a scan", timeText(scans)],
    ["", shareText(scans)],
  ];
}

/** What was taken from a plan. */
export function planRows(report: SealedCells<PlanReport>["report"]): Row[] {
  const { clutter, noGo } = report;
  return [
    [
      "no-go",
      `${plural(noGo.areas, "area")}, ${plural(noGo.cells, "cell")} of the plan in their holes`,
    ],
    [
      "clutter",
      `${plural(clutter.blobs, "small thing")}, ${plural(clutter.spots, "spot")} and ` +
        `${plural(clutter.specks, "speck")} of floor`,
    ],
    [
      "stripped",
      [
        ...(report.roomNames > 0 ? [plural(report.roomNames, "room name")] : []),
        ...(report.dock ? ["the dock"] : []),
        ...(report.pathPoints > 0 ? [`a path of ${plural(report.pathPoints, "point")}`] : []),
        ...report.stripped.map(fieldName),
      ].join(", ") || "nothing was offered",
    ],
    [
      "out",
      `${count(report.occupied)} cells of walls, ${count(report.free)} of floor, each ` +
        metres(report.cellM),
    ],
    ...redactedRows(report.redacted),
  ];
}

/** What was taken from a path. */
export function pathRow(report: SealedCells<PathReport>["report"]): Row {
  return [
    "path",
    `${plural(report.points, "point")} in ${plural(report.visited, "cell")} of ` +
      `${metres(report.cellM)}; ${count(report.released)} leave, without order and time`,
  ];
}

/** How large a release is, and how well it can be linked. */
export function sealedRows({ veil, report }: SealedCells<unknown>): Row[] {
  return [
    ["sealed", bytes(veil.length)],
    ["linkage", report.linkage],
  ];
}
