/** Outcomes of `mapveil bench people` as tables for people and as JSON. */
import {
  associatedAccuracy,
  dynamicAccuracy,
  dynamicAccuracyApart,
  dynamicAccuracyShown,
  type Figures,
  type FolderResult,
  harmonicAccuracy,
  personFramesShare,
  personFramesShareApart,
  personFramesShareShown,
  shownShare,
  staticAccuracy,
} from "../scenes/index.ts";
import { OCTOMAP_MODES } from "./octomap-peer.ts";
import {
  addOutcomes,
  type Outcome,
  type PeopleTerms,
  quantile,
  type SceneOutcome,
} from "./people-bench.ts";

/** Parts of 1 in percent with two places; a dash where there was nothing to share. */
const percent = (part: number) => (Number.isFinite(part) ? (100 * part).toFixed(2) : "-");
const millis = (value: number) => (Number.isFinite(value) ? value.toFixed(2) : "-");

/** Columns of shares, and which of them need to know whose the points are and where they truly were. */
const SHARES: readonly (readonly [head: string, share: (f: Figures) => number, drawn?: true])[] = [
  ["SA", staticAccuracy],
  ["DA", dynamicAccuracy],
  ["apart", dynamicAccuracyApart],
  ["shown", dynamicAccuracyShown, true],
  ["of all", shownShare, true],
  ["AA", associatedAccuracy],
  ["HA", harmonicAccuracy],
  ["person-scans", personFramesShare, true],
  ["apart", personFramesShareApart, true],
  ["shown", personFramesShareShown, true],
];
const TIMES = ["ms p50", "ms p99"];
const HEAD = ["", ...SHARES.map(([head]) => head), ...TIMES];

function row(name: string, { figures, scanMs }: Outcome): string[] {
  const times = [quantile(scanMs, 0.5), quantile(scanMs, 0.99)].map(millis);
  return [name, ...SHARES.map(([, share]) => percent(share(figures))), ...times];
}

/** Columns under each other, the first to the left, numbers to the right. */
function columns(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, i) => Math.max(...rows.map((cells) => cells[i]!.length)));
  return rows
    .map((cells) =>
      cells.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))),
    )
    .map((cells) => `${cells.join("  ").trimEnd()}\n`)
    .join("");
}

/** All homes, each with a row, then all of them together beside the peers. */
export function peopleText(terms: PeopleTerms, outcomes: readonly SceneOutcome[]): string {
  const { sensor, seconds, leafM, delayS, poseSigmaM = 0 } = terms;
  const title =
    `${sensor}, ${seconds} s a home, cells of ${leafM} m, poses that err by ` +
    `${Number((100 * poseSigmaM).toFixed(2))} cm; shares in percent\n\n`;
  const homes = outcomes.map((o) =>
    row(`home ${o.seed}: ${o.layout}, ${o.people.join(", ")}`, o.atEnd),
  );
  const held = { figures: addOutcomes(heldOf(outcomes)).figures, scanMs: [] };
  const peers = OCTOMAP_MODES.flatMap((mode) => {
    const theirs = outcomes.flatMap(({ octomap }) => (octomap ? [octomap[mode]] : []));
    return theirs.length === 0
      ? []
      : [row(`OctoMap, a ray per ${rayOf(mode)}`, addOutcomes(theirs))];
  });
  return (
    title +
    columns([
      HEAD,
      ...homes,
      row("all, released at the end", addOutcomes(outcomes.map((o) => o.atEnd))),
      row(`all, released every second ${delayS} s late`, held),
      ...peers,
    ])
  );
}

const rayOf = (mode: (typeof OCTOMAP_MODES)[number]) => (mode === "points" ? "point" : "cell");

function heldOf(outcomes: readonly SceneOutcome[]): Outcome[] {
  return outcomes.map(({ held }) => ({ figures: held, scanMs: [] }));
}

/** The shares of an outcome as parts of 1, its counts and its times; null where there are none. */
function json({ figures, scanMs }: Outcome) {
  const whole = (value: number) => (Number.isFinite(value) ? value : null);
  return {
    sa: whole(staticAccuracy(figures)),
    da: whole(dynamicAccuracy(figures)),
    daApart: whole(dynamicAccuracyApart(figures)),
    daShown: whole(dynamicAccuracyShown(figures)),
    shownShare: whole(shownShare(figures)),
    aa: whole(associatedAccuracy(figures)),
    ha: whole(harmonicAccuracy(figures)),
    personScansLeft: whole(personFramesShare(figures)),
    personScansLeftApart: whole(personFramesShareApart(figures)),
    personScansLeftShown: whole(personFramesShareShown(figures)),
    ...figures,
    ...(scanMs.length > 0 && { msP50: quantile(scanMs, 0.5), msP99: quantile(scanMs, 0.99) }),
  };
}

/** The same as data. */
export function outcomeJson(outcomes: readonly SceneOutcome[]) {
  const octomapOf = (o: Pick<SceneOutcome, "octomap">) =>
    o.octomap && { octomap: { points: json(o.octomap.points), cells: json(o.octomap.cells) } };
  const peers = OCTOMAP_MODES.flatMap((mode) => {
    const theirs = outcomes.flatMap(({ octomap }) => (octomap ? [octomap[mode]] : []));
    return theirs.length === 0 ? [] : [{ name: `octomap ${mode}`, ...json(addOutcomes(theirs)) }];
  });
  return {
    homes: outcomes.map((o) => ({
      seed: o.seed,
      layout: o.layout,
      people: o.people,
      atEnd: json(o.atEnd),
      held: json({ figures: o.held, scanMs: [] }),
      ...octomapOf(o),
    })),
    atEnd: json(addOutcomes(outcomes.map((o) => o.atEnd))),
    held: json(addOutcomes(heldOf(outcomes))),
    peers,
  };
}

/** A folder of the benchmark: the published protocol first. */
export function folderText({ scans, byCell, byPoint, scanMs }: FolderResult) {
  // Of a folder nobody knows whose the points are.
  const known = (cells: readonly string[]) =>
    cells.filter((_, column) => SHARES[column - 1]?.[2] !== true);
  const rows = [
    row("nearest kept point within 0.05 m (published)", { figures: byPoint, scanMs }),
    row("cell of the point is kept", { figures: byCell, scanMs }),
  ].map(known);
  const text = `${scans} scans; shares in percent\n\n${columns([known(HEAD), ...rows])}`;
  const data = {
    scans,
    byPoint: json({ figures: byPoint, scanMs }),
    byCell: json({ figures: byCell, scanMs }),
  };
  return { text, data };
}
