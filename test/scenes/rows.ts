/** What is asked of the map: how much of homes and of their people it keeps, sensor by sensor. */
import {
  addOutcomes,
  type PeopleTerms,
  runPeople,
  type SceneOutcome,
} from "../../host/cli/people-bench.ts";
import {
  dynamicAccuracy,
  dynamicAccuracyApart,
  dynamicAccuracyShown,
  type Figures,
  harmonicAccuracy,
  personFramesShare,
  personFramesShareApart,
  personFramesShareShown,
  shownShare,
  staticAccuracy,
} from "../../host/scenes/index.ts";

export interface Row extends Pick<PeopleTerms, "sensor" | "poseSigmaM" | "still"> {
  readonly name: string;
  /** Least shares in percent. */
  readonly goals: Partial<Record<Share, number>>;
}

/** "scans": scans of a person of which less is left than is there to be seen. */
export const SHARES = [
  ...["SA", "DA", "DA apart", "DA shown", "shown of all", "HA"],
  ...["scans", "scans apart", "scans shown", "DA held"],
] as const;
export type Share = (typeof SHARES)[number];

export const SECONDS = 60;
export const LEAF_M = 0.1;
export const DELAY_S = 5;

const people = {
  ...{ SA: 98.5, DA: 99.5, "DA apart": 99.5, HA: 99 },
  ...{ "DA shown": 99.5, scans: 99, "scans apart": 99, "scans shown": 99, "DA held": 95 },
} as const;

/** Runs of 60 s in homes drawn by seed, cells of 0.1 m, held back for 5 s where it says so. */
export const ROWS: readonly Row[] = [
  { name: "VLP-16", sensor: "vlp16", goals: people },
  { name: "VLP-16, poses 1 cm", sensor: "vlp16", poseSigmaM: 0.01, goals: people },
  { name: "VLP-16, poses 3 cm", sensor: "vlp16", poseSigmaM: 0.03, goals: { ...people, SA: 97 } },
  { name: "VLP-16, poses 5 cm", sensor: "vlp16", poseSigmaM: 0.05, goals: {} },
  { name: "OS1-64, poses 1 cm", sensor: "os1-64", poseSigmaM: 0.01, goals: people },
  { name: "VLP-16, one never moves", sensor: "vlp16", still: true, goals: {} },
  { name: "planar, poses 1 cm", sensor: "lds", poseSigmaM: 0.01, goals: {} },
];

/** Runs a row over seeds 1 to `seeds`, home by home. */
export function runRow(row: Row, seeds: number, peers: boolean): AsyncGenerator<SceneOutcome> {
  const { sensor, poseSigmaM = 0, still = false } = row;
  return runPeople({
    ...{ seeds, sensor, poseSigmaM, still, peers, shown: true },
    ...{ seconds: SECONDS, leafM: LEAF_M, delayS: DELAY_S },
  });
}

/** The shares of a map at the end and of one that is held back, in percent. */
export function sharesOf(atEnd: Figures, held?: Figures): Record<Share, number> {
  return {
    SA: 100 * staticAccuracy(atEnd),
    DA: 100 * dynamicAccuracy(atEnd),
    "DA apart": 100 * dynamicAccuracyApart(atEnd),
    "DA shown": 100 * dynamicAccuracyShown(atEnd),
    "shown of all": 100 * shownShare(atEnd),
    HA: 100 * harmonicAccuracy(atEnd),
    scans: 100 * (1 - personFramesShare(atEnd)),
    "scans apart": 100 * (1 - personFramesShareApart(atEnd)),
    "scans shown": 100 * (1 - personFramesShareShown(atEnd)),
    "DA held": held === undefined ? Number.NaN : 100 * dynamicAccuracy(held),
  };
}

/** All homes of a row as one. */
export function together(outcomes: readonly SceneOutcome[]) {
  const atEnd = addOutcomes(outcomes.map((o) => o.atEnd));
  const held = addOutcomes(outcomes.map((o) => ({ figures: o.held, scanMs: [] })));
  return { atEnd, held: held.figures };
}
