/**
 * How often the attacks of host/attack recognise a home by a release. Made by
 * host/attack/tools/write-figures.ts, never by hand.
 */
import type { LinkageFigure } from "./figure.ts";

export const LINKAGE_FIGURES: readonly LinkageFigure[] = [];
