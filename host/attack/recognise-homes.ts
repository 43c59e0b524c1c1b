/**
 * The attack on places: somebody has a release of a first visit to each of many homes, gets that of a
 * second visit to one of them, and says which home it is.
 */
import { likeness } from "./align.ts";
import { makeHome } from "./home.ts";
import { seeded } from "./random.ts";
import { robotPlan } from "./robot-plan.ts";
import { shapeDistance } from "./shape-distribution.ts";
import { type Sighting, sightingOf } from "./sighting.ts";
import type { View } from "./views.ts";
import { makeVisit } from "./visit.ts";

/** How often the right one was found. */
export interface Recall {
  readonly queries: number;
  /** Queries for which the right one came first, and among the first ten. */
  readonly first: number;
  readonly ten: number;
}

export interface PlaceTerms {
  readonly seed: number;
  readonly homes: number;
  /** Homes whose second visit is looked up, at most `homes`. */
  readonly queries: number;
  /** Second visits that are also looked up in what the robot had: to show that the attack wins there. */
  readonly rawQueries: number;
}

export interface PlaceResult {
  /** By laying releases over each other. */
  readonly release: Recall;
  /** The same attack on what the robot had. */
  readonly raw: Recall;
  /** Releases compared by their shape distributions alone. */
  readonly shape: Recall;
  /** Second visits of which nothing may leave; they are not among the queries. */
  readonly refused: number;
}

/** What becomes of the steps of an attack; 0 to 1. */
export type Report = (share: number) => void;

/** A step of an attack between which others may run, so that a process can still be interrupted. */
const pause = () => new Promise<void>((resolve) => setImmediate(resolve));

/** Visits count from 1. */
const FIRST_VISIT = 1;
const SECOND_VISIT = 2;
/** Share of the time that seeing takes, about. */
const SEEING_SHARE = 0.5;

interface Seen {
  readonly release: Sighting | undefined;
  readonly raw: Sighting | undefined;
}

/**
 * Attacks several views of a population, each visit of which is made once. Takes time with homes and with
 * queries times homes: about a minute a view for 100 queries in 1,000 homes.
 * @returns one result a view, in their order
 */
export async function recogniseHomes(
  views: readonly View[],
  { seed, homes, queries, rawQueries }: PlaceTerms,
  report: Report,
): Promise<PlaceResult[]> {
  const look = (index: number, number: number): Seen[] => {
    const visit = makeVisit(makeHome(seed, index), seed, index, number);
    const session = { visit, plan: robotPlan(visit) };
    return views.map((view) => {
      const seen = view.release(session, seeded(seed, index, number, 1));
      return {
        release: seen && sightingOf(seen, view.turns),
        // What is not released always shows how it is turned.
        raw: rawQueries > 0 ? sightingOf(view.raw(session), 4) : undefined,
      };
    });
  };
  const known: Seen[][] = [];
  const asked: Seen[][] = [];
  for (let index = 0; index < homes; index++) {
    known.push(look(index, FIRST_VISIT));
    if (index < queries) asked.push(look(index, SECOND_VISIT));
    report((SEEING_SHARE * index) / homes);
    await pause();
  }
  const results: PlaceResult[] = [];
  for (const view of views.keys()) {
    const ofView = (seen: Seen[][]) => seen.map((all) => all[view]!);
    const begun = (share: number) =>
      report(SEEING_SHARE + ((1 - SEEING_SHARE) * (view + share)) / views.length);
    results.push(await rankAll(ofView(known), ofView(asked), rawQueries, begun));
  }
  return results;
}

/** Looks up what is asked, each of which is of the home at its own place among the known. */
async function rankAll(
  known: readonly Seen[],
  asked: readonly Seen[],
  rawQueries: number,
  report: Report,
): Promise<PlaceResult> {
  const tallies = { release: new Tally(), raw: new Tally(), shape: new Tally() };
  for (const [home, { release, raw }] of asked.entries()) {
    if (raw !== undefined && home < rawQueries) {
      tallies.raw.add(rankOf(home, known, (seen) => seen.raw && likeness(raw, seen.raw)));
    }
    if (release !== undefined) {
      const near = (b: Sighting) => -shapeDistance(release.shape, b.shape);
      tallies.release.add(
        rankOf(home, known, (seen) => seen.release && likeness(release, seen.release)),
      );
      tallies.shape.add(rankOf(home, known, (seen) => seen.release && near(seen.release)));
    }
    report(home / asked.length);
    await pause();
  }
  return {
    release: tallies.release.recall(),
    raw: tallies.raw.recall(),
    shape: tallies.shape.recall(),
    refused: asked.filter(({ release }) => release === undefined).length,
  };
}

/** How many others come before the right one; those without a score come last. */
function rankOf<T>(
  right: number,
  all: readonly T[],
  score: (one: T) => number | undefined,
): number {
  const scores = all.map((one) => score(one) ?? Number.NEGATIVE_INFINITY);
  const own = scores[right]!;
  return own === Number.NEGATIVE_INFINITY
    ? all.length
    : scores.filter((other) => other > own).length;
}

/** Counts ranks. */
export class Tally {
  #queries = 0;
  #first = 0;
  #ten = 0;

  add(rank: number): void {
    this.#queries++;
    if (rank < 1) this.#first++;
    if (rank < 10) this.#ten++;
  }

  recall(): Recall {
    return { queries: this.#queries, first: this.#first, ten: this.#ten };
  }
}
