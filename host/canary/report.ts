/** From surfaces and planted values to hits, by class and by surface. */
import { ENCODINGS } from "./encodings.ts";
import type { Exemption } from "./exemptions.ts";
import { IDENTIFIER_CLASSES } from "./identifier-classes.ts";
import type { Planted } from "./planter.ts";
import type { Hit, LeakSearch } from "./search.ts";
import { SURFACE_NAMES, type Surface, type SurfaceHaystack } from "./surfaces.ts";

/** Hits that are told one by one; the others are counted. */
const TOLD_MAX = 50;

/** A planted value that was found. The value itself is masked: a report is passed on. */
export interface CanaryHit {
  readonly class: string;
  /** The form in which it was found. */
  readonly encoding: string;
  /** Where and how it was planted. */
  readonly carrier: string;
  readonly planted: string;
  readonly surface: Surface;
  readonly where: string;
  readonly offset: number;
  readonly masked: string;
}

export interface CanaryReport {
  readonly seed: number;
  readonly planted: number;
  readonly classes: number;
  readonly encodings: number;
  readonly carriers: number;
  /** Forms that were searched. */
  readonly needles: number;
  readonly surfaces: readonly {
    readonly surface: Surface;
    readonly pieces: number;
    readonly bytes: number;
    readonly hits: number;
    /** Found and let through. */
    readonly exempt: number;
  }[];
  readonly byClass: readonly {
    readonly class: string;
    readonly planted: number;
    readonly hits: number;
  }[];
  /** Values that were let through, by the reason. */
  readonly exempt: readonly { readonly why: string; readonly values: number }[];
  readonly hits: number;
  readonly first: readonly CanaryHit[];
}

/** The ends of a value, so that who planted it knows it and nobody else learns it. */
export function masked(value: Planted["value"]): string {
  const text = [...String(value)];
  return text.length < 8 ? "***" : `${text.slice(0, 2).join("")}***${text.slice(-2).join("")}`;
}

/** One hit for each value and piece: that of a whole form, if there is one. */
function distinct(hits: readonly Hit[]): Hit[] {
  const best = new Map<string, Hit>();
  for (const hit of hits) {
    const key = `${hit.haystack} ${typeof hit.value} ${hit.value}`;
    const known = best.get(key);
    if (known === undefined || (known.encoding === "part" && hit.encoding !== "part")) {
      best.set(key, hit);
    }
  }
  return [...best.values()];
}

/**
 * Searches everything once. A value that is found in a piece counts once, however often and in however
 * many forms it stands there.
 * @param search for `planted`
 */
export function canaryReport(
  seed: number,
  planted: readonly Planted[],
  search: LeakSearch,
  haystacks: readonly SurfaceHaystack[],
  exemptions: readonly Exemption[],
): CanaryReport {
  const origin = new Map(planted.map((one) => [one.value, one]));
  const hits: CanaryHit[] = [];
  const through = new Map<string, Set<Planted["value"]>>();
  const exemptOn = new Map<Surface, number>();
  for (const haystack of haystacks) {
    const { surface } = haystack;
    for (const { value, encoding, haystack: where, offset } of distinct(search.search(haystack))) {
      const one = origin.get(value)!;
      const exemption = exemptions.find((e) => e.surfaces.includes(surface) && e.covers(one));
      if (exemption !== undefined) {
        const values = through.get(exemption.why) ?? new Set();
        through.set(exemption.why, values.add(value));
        exemptOn.set(surface, (exemptOn.get(surface) ?? 0) + 1);
        continue;
      }
      const { name, carrier, encoding: as } = one;
      const place = { surface, where, offset };
      hits.push({ class: name, encoding, carrier, planted: as, ...place, masked: masked(value) });
    }
  }
  const count = (of: (hit: CanaryHit) => boolean) => hits.filter(of).length;
  return {
    seed,
    planted: planted.length,
    classes: new Set(planted.map(({ name }) => name)).size,
    encodings: ENCODINGS.length,
    carriers: new Set(planted.map(({ carrier }) => carrier)).size,
    needles: search.needles,
    surfaces: SURFACE_NAMES.map((surface) => {
      const pieces = haystacks.filter((haystack) => haystack.surface === surface);
      return {
        surface,
        pieces: pieces.length,
        bytes: pieces.reduce((sum, { bytes }) => sum + bytes.length, 0),
        hits: count((hit) => hit.surface === surface),
        exempt: exemptOn.get(surface) ?? 0,
      };
    }),
    byClass: IDENTIFIER_CLASSES.map(({ id }) => ({
      class: id,
      planted: planted.filter(({ name }) => name === id).length,
      hits: count((hit) => hit.class === id),
    })),
    exempt: [...through].map(([why, values]) => ({ why, values: values.size })),
    hits: hits.length,
    first: hits.slice(0, TOLD_MAX),
  };
}
