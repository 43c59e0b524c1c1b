/**
 * The label that goes with every release that shows a home: what it is, and how often a stranger who
 * has seen the home before recognises it by such a release. A figure that nobody reads helps nobody, so
 * it stands in the release itself.
 */
import { ATTACK_VERSION, type LinkageFigure, type LinkageKind } from "./figure.ts";
import { LINKAGE_FIGURES } from "./figures.ts";

/** A share in percent, rounded up: a label may say too much, never too little. */
function percent(part: number, whole: number): string {
  const tenths = Math.ceil((1000 * part) / whole);
  return `${tenths < 100 ? tenths / 10 : Math.ceil(tenths / 10)}%`;
}

/** Figures of the cells just below and just above; finer than all that was measured, there is none below. */
function neighbours(figures: readonly LinkageFigure[], cellM: number): LinkageFigure[] {
  const sorted = figures.toSorted((a, b) => a.cellM - b.cellM);
  const below = sorted.findLast((figure) => figure.cellM <= cellM);
  const above = sorted.find((figure) => figure.cellM >= cellM);
  return [below, above].filter((figure) => figure !== undefined);
}

/**
 * The label of a release, for the metadata field `linkage`.
 * @param cellM edge of a cell (grid, path) or of a voxel (map) in metres, above 0
 * @param figures measurements to tell from; default those of this version
 * @returns at most 64 bytes of ASCII, such as
 *   "pseudonymised; recall@1 97% recall@10 99% of 1000; attack 1". Between two cells that were measured
 *   the worse counts; finer than the finest, every home is taken to be recognised; coarser than the
 *   coarsest, it tells what the coarsest does.
 */
export function linkageLabel(
  kind: LinkageKind,
  cellM: number,
  figures: readonly LinkageFigure[] = LINKAGE_FIGURES,
): string {
  const ofKind = figures.filter((figure) => figure.kind === kind);
  if (ofKind.length === 0) return "pseudonymised; recall not measured";
  const finest = Math.min(...ofKind.map((figure) => figure.cellM));
  const near = neighbours(ofKind, cellM);
  const homes = Math.max(...near.map((figure) => figure.homes));
  const worst = (count: (figure: LinkageFigure) => number) =>
    cellM < finest ? "100%" : percentOfWorst(near, count);
  const first = worst((figure) => figure.first);
  const ten = worst((figure) => figure.ten);
  return `pseudonymised; recall@1 ${first} recall@10 ${ten} of ${homes}; attack ${ATTACK_VERSION}`;
}

function percentOfWorst(
  figures: readonly LinkageFigure[],
  count: (figure: LinkageFigure) => number,
): string {
  const share = (figure: LinkageFigure) => count(figure) / figure.queries;
  const worst = figures.reduce((a, b) => (share(b) > share(a) ? b : a));
  return percent(count(worst), worst.queries);
}
