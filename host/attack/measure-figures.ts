/** The figures of the labels: every kind of release of a home, attacked at a few cell sizes. */
import { ATTACK_VERSION, type LinkageFigure } from "../linkage/figure.ts";
import { loadProduct } from "./product.ts";
import { type PlaceTerms, type Report, recogniseHomes } from "./recognise-homes.ts";
import { mapView, pathView, planView, type View } from "./views.ts";

/** The population that the labels speak of. */
export const FIGURE_TERMS: PlaceTerms = { seed: 1, homes: 1000, queries: 100, rawQueries: 0 };

const PLAN_CELLS_M = [0.2, 0.4, 0.8];
const MAP_LEAVES_M = [0.1, 0.2, 0.4];

/** All views that labels have figures for. */
export async function labelledViews(): Promise<View[]> {
  const { maker } = await loadProduct(FIGURE_TERMS.seed);
  return [
    ...MAP_LEAVES_M.map((leafM) => mapView(leafM, maker)),
    ...PLAN_CELLS_M.map((cellM) => planView(cellM)),
    pathView(),
  ];
}

/** Attacks views; one figure each. */
export async function measureFigures(
  views: readonly View[],
  terms: PlaceTerms,
  report: Report,
): Promise<LinkageFigure[]> {
  const results = await recogniseHomes(views, terms, report);
  return results.map(({ release }, i) => {
    const { kind, cellM } = views[i]!;
    return { kind, cellM, homes: terms.homes, ...release };
  });
}

/** The text of host/linkage/figures.ts. */
export function figuresSource(figures: readonly LinkageFigure[]): string {
  const rows = figures.map(({ kind, cellM, homes, queries, first, ten }) => {
    const counts = `homes: ${homes}, queries: ${queries}, first: ${first}, ten: ${ten}`;
    return `  { kind: "${kind}", cellM: ${cellM}, ${counts} },\n`;
  });
  return `/**
 * How often the attacks of host/attack, version ${ATTACK_VERSION}, recognise a home by a release. Made by
 * host/attack/tools/write-figures.ts, never by hand.
 */
import type { LinkageFigure } from ${'"./figure.ts"'};

export const LINKAGE_FIGURES: readonly LinkageFigure[] = [
${rows.join("")}];
`;
}
