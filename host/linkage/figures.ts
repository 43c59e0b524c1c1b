/**
 * How often the attacks of host/attack, version 1, recognise a home by a release. Made by
 * host/attack/tools/write-figures.ts, never by hand.
 */
import type { LinkageFigure } from "./figure.ts";

export const LINKAGE_FIGURES: readonly LinkageFigure[] = [
  { kind: "path", cellM: 1, homes: 1000, queries: 99, first: 2, ten: 11 },
];
