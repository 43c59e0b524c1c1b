/**
 * How often the attacks of host/attack, version 1, recognise a home by a release. Made by
 * host/attack/tools/write-figures.ts, never by hand.
 */
import type { LinkageFigure } from "./figure.ts";

export const LINKAGE_FIGURES: readonly LinkageFigure[] = [
  { kind: "map", cellM: 0.1, homes: 1000, queries: 100, first: 97, ten: 98 },
  { kind: "map", cellM: 0.2, homes: 1000, queries: 100, first: 94, ten: 97 },
  { kind: "map", cellM: 0.4, homes: 1000, queries: 100, first: 53, ten: 75 },
  { kind: "grid", cellM: 0.2, homes: 1000, queries: 100, first: 97, ten: 97 },
  { kind: "grid", cellM: 0.4, homes: 1000, queries: 100, first: 53, ten: 75 },
  { kind: "grid", cellM: 0.8, homes: 1000, queries: 100, first: 1, ten: 9 },
  { kind: "path", cellM: 1, homes: 1000, queries: 99, first: 0, ten: 4 },
];
