/** Cells that were reduced outside of the core, those of a plan or a path: made a tile, and sealed. */
import { KIND_PATH, TAG_FINAL } from "../../assembly/abi.ts";
import type { Core } from "../core/core.ts";
import { MapveilError } from "../core/errors.ts";
import type { MetadataField } from "../core/frame.ts";
import type { FrameReport } from "../core/frame-report.ts";
import { wipe } from "../keys/index.ts";
import { compileCells, type Policy } from "../policy/index.ts";
import type { ArtefactTerms, RecordSealer } from "./seal-record.ts";

/** Cells of one release, and what goes with them. */
export interface CellRelease {
  /** x y z of each cell, each cell once; the tile counts them from the lowest on each axis. */
  readonly cells: Int32Array;
  /** Edge of a cell, metres. */
  readonly cellM: number;
  /** How well the release can be linked, as it stands in the tile. */
  readonly linkage: string;
  /** Offered with it; what the policy names passes. */
  readonly metadata: readonly MetadataField[];
}

/** Cells as points at their centres. */
function centresOf({ cells, cellM }: CellRelease): Float32Array {
  // Counted from the lowest, so that f32 places them well inside of their cells.
  const low = [0, 1, 2].map((axis) => {
    let lowest = Number.POSITIVE_INFINITY;
    for (let i = axis; i < cells.length; i += 3) lowest = Math.min(lowest, cells[i]!);
    return lowest;
  });
  return Float32Array.from(cells, (cell, i) => (cell - low[i % 3]! + 0.5) * cellM);
}

/**
 * Seals cells as an artefact of their own, under the padding and the names that the policy lets pass.
 * @param terms kind grid or path, epoch, and the digest of the policy that the cells were made under
 * @throws MapveilError USAGE without cells or with some twice; TOO_LARGE
 */
export function sealCells(
  core: Core,
  sealer: RecordSealer,
  policy: Policy,
  release: CellRelease,
  terms: ArtefactTerms,
): { veil: Uint8Array; report: FrameReport } {
  const count = release.cells.length / 3;
  const axis = (offset: number) => ({ offset, type: "f32" }) as const;
  const frame = {
    count,
    layout: { pointStep: 12, x: axis(0), y: axis(4), z: axis(8) },
    data: new Uint8Array(centresOf(release).buffer),
    metadata: release.metadata,
  };
  const kind = terms.kind === KIND_PATH ? "path" : "grid";
  const struct = compileCells(policy, release.cellM, kind);
  let report: FrameReport;
  try {
    report = core.encodeFrame(frame, struct, undefined, release.linkage);
  } finally {
    wipe(frame.data);
  }
  if (count === 0 || report.voxels !== count) {
    throw new MapveilError(
      "USAGE",
      `A release of cells has ${count}, of which ${report.voxels} are different: it must have each once.`,
      { field: "cells" },
    );
  }
  const header = sealer.borrowHeader(terms);
  return { veil: sealer.seal(report.recordBytes, TAG_FINAL, header), report };
}
