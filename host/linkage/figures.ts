/**
 * How often the attacks of host/attack, version 1, recognise a home by a release. Made by
 * host/attack/tools/write-figures.ts, never by hand.
 */
import type { LinkageFigure } from "./figure.ts";

export const LINKAGE_FIGURES: readonly LinkageFigure[] = [
  { kind: "grid", cellM: 0.2, homes: 1000, queries: 100, first: 95, ten: 97 },
  { kind: "grid", cellM: 0.4, homes: 1000, queries: 100, first: 53, ten: 72 },
  { kind: "path", cellM: 1, homes: 1000, queries: 99, first: 2, ten: 11 },
];
