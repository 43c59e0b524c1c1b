/**
 * How much of the home a map keeps, and how much of its people. After the protocol of Q. Zhang et al.,
 * "A Dynamic Points Removal Benchmark in Point Cloud Maps", ITSC 2023 (KTH-RPL/DynamicMap_Benchmark):
 * shares of the points that were measured, not of cells. A point counts as kept if its cell is released.
 * The benchmark lacks what matters to people: what is left of each of them, and in how many scans.
 */
import { cellKey, KeyTable } from "./cells.ts";

/** A person of whom so many points of one scan are left is there to be seen. */
export const VISIBLE_POINTS = 30;

/** A scan as its cells with what was measured in them: 0 for the home, else a person's id. */
export interface ScanCells {
  /** Keys of cells (cellKey), and label and points for each; a cell with two labels stands twice. */
  readonly keys: Float64Array;
  readonly labels: Uint8Array;
  readonly points: Uint32Array;
  /** Of the points, those whose cell was shown empty (ShownCells), if somebody looked. */
  readonly shown?: Uint32Array;
}

/** Shares are parts of 1; NaN where there was nothing to share. */
export interface Figures {
  readonly staticPoints: number;
  readonly staticKept: number;
  readonly dynamicPoints: number;
  readonly dynamicKept: number;
  /** Of dynamicKept: points in cells that the home itself was measured in. */
  readonly residue: number;
  /** Scans of a person with VISIBLE_POINTS or more, and how many of them are left with as many. */
  readonly personFrames: number;
  readonly personFramesLeft: number;
  /** The same without the residue. */
  readonly personFramesLeftApart: number;
  readonly persons: readonly PersonFigures[];
  /** The same of those points of people alone whose cells were shown empty, if somebody looked. */
  readonly shown?: ShownFigures;
}

export interface ShownFigures {
  readonly points: number;
  readonly kept: number;
  /** Scans of a person with VISIBLE_POINTS or more that were shown empty, and how many are left. */
  readonly personFrames: number;
  readonly personFramesLeft: number;
}

export interface PersonFigures {
  readonly id: number;
  readonly points: number;
  readonly kept: number;
}

/** Static accuracy: static points kept. */
export const staticAccuracy = (f: Figures) => f.staticKept / f.staticPoints;

/** Dynamic accuracy: dynamic points removed. */
export const dynamicAccuracy = (f: Figures) => 1 - f.dynamicKept / f.dynamicPoints;

/** The same, where points in cells of the home itself do not count as left. */
export const dynamicAccuracyApart = (f: Figures) =>
  1 - (f.dynamicKept - f.residue) / f.dynamicPoints;

/** The same over the points whose cells were shown empty; NaN if nobody looked. */
export const dynamicAccuracyShown = ({ shown }: Figures) =>
  shown === undefined ? Number.NaN : 1 - shown.kept / shown.points;

/** Of the points of people, those whose cells were shown empty: what a map can know; else NaN. */
export const shownShare = ({ shown, dynamicPoints }: Figures) =>
  shown === undefined ? Number.NaN : shown.points / dynamicPoints;

/** Associated accuracy, the geometric mean of the two. */
export const associatedAccuracy = (f: Figures) => Math.sqrt(staticAccuracy(f) * dynamicAccuracy(f));

/** Harmonic mean of the two. */
export function harmonicAccuracy(f: Figures): number {
  const [sa, da] = [staticAccuracy(f), dynamicAccuracy(f)];
  return (2 * sa * da) / (sa + da);
}

/** Of the scans in which a person was to be seen, those in which the map still shows them. */
export const personFramesShare = (f: Figures) => f.personFramesLeft / f.personFrames;

/** The same without the residue. */
export const personFramesShareApart = (f: Figures) => f.personFramesLeftApart / f.personFrames;

/** The same over the points whose cells were shown empty; NaN if nobody looked. */
export const personFramesShareShown = ({ shown }: Figures) =>
  shown === undefined ? Number.NaN : shown.personFramesLeft / shown.personFrames;

/**
 * Puts the points of a scan together by cell and label.
 * @param isShown 1 for each point whose cell was shown empty (ShownCells.pointsOf)
 */
export function scanCells(cells: Int32Array, labels: Uint8Array, isShown?: Uint8Array): ScanCells {
  const tables = new Map<number, KeyTable>();
  const keys: number[] = [];
  const found: number[] = [];
  const points: number[] = [];
  const shown: number[] = [];
  // Place of each cell in the lists above, in the order of its table.
  const places = new Map<number, number[]>();
  for (let i = 0; i < labels.length; i++) {
    const label = labels[i]!;
    const key = cellKey(cells[3 * i]!, cells[3 * i + 1]!, cells[3 * i + 2]!);
    let table = tables.get(label);
    if (table === undefined) {
      table = new KeyTable();
      tables.set(label, table);
      places.set(label, []);
    }
    const number = table.add(key);
    const at = places.get(label)!;
    if (number === at.length) {
      at.push(keys.length);
      keys.push(key);
      found.push(label);
      points.push(0);
      shown.push(0);
    }
    points[at[number]!]!++;
    if (isShown?.[i] === 1) shown[at[number]!]!++;
  }
  return {
    keys: Float64Array.from(keys),
    labels: Uint8Array.from(found),
    points: Uint32Array.from(points),
    ...(isShown && { shown: Uint32Array.from(shown) }),
  };
}

/** A scan with an entry for each point, for a map that is asked point by point. */
export function scanPoints(cells: Int32Array, labels: Uint8Array, isShown?: Uint8Array): ScanCells {
  const keys = Float64Array.from(labels, (_, i) =>
    cellKey(cells[3 * i]!, cells[3 * i + 1]!, cells[3 * i + 2]!),
  );
  const points = new Uint32Array(labels.length).fill(1);
  return { keys, labels, points, ...(isShown && { shown: Uint32Array.from(isShown) }) };
}

/** The cells in which the home itself was measured, in any of the scans. */
export function homeCells(scans: Iterable<ScanCells>): KeyTable {
  const home = new KeyTable();
  for (const { keys, labels } of scans) {
    for (let i = 0; i < keys.length; i++) if (labels[i] === 0) home.add(keys[i]!);
  }
  return home;
}

/** Counts scans by what a release keeps of them. */
export class Tally {
  readonly #home: KeyTable;
  readonly #persons = new Map<number, { points: number; kept: number }>();
  #staticPoints = 0;
  #staticKept = 0;
  #residue = 0;
  #personFrames = 0;
  #personFramesLeft = 0;
  #personFramesLeftApart = 0;
  #shown: ShownFigures | undefined;

  /** @param home the cells of the home itself (homeCells) */
  constructor(home: KeyTable) {
    this.#home = home;
  }

  /** Counts a scan, of which a map keeps the entries that it is asked for. */
  count(scan: ScanCells, isKeptAt: (entry: number) => boolean): void {
    const seen = new Map<number, Seen>();
    for (let i = 0; i < scan.keys.length; i++) {
      const points = scan.points[i]!;
      const isKept = isKeptAt(i);
      const label = scan.labels[i]!;
      if (label === 0) {
        this.#staticPoints += points;
        if (isKept) this.#staticKept += points;
        continue;
      }
      const person = seen.get(label) ?? { points: 0, left: 0, residue: 0, shown: 0, shownLeft: 0 };
      seen.set(label, person);
      // A cell that the home itself was measured in is never empty.
      const isHome = this.#home.has(scan.keys[i]!);
      const shown = isHome ? 0 : (scan.shown?.[i] ?? 0);
      person.points += points;
      person.shown += shown;
      if (!isKept) continue;
      person.left += points;
      person.shownLeft += shown;
      if (isHome) person.residue += points;
    }
    for (const [id, person] of seen) this.#countPerson(id, person);
    if (scan.shown) this.#countShown([...seen.values()]);
  }

  #countPerson(id: number, { points, left, residue }: Seen): void {
    const person = this.#persons.get(id) ?? { points: 0, kept: 0 };
    this.#persons.set(id, { points: person.points + points, kept: person.kept + left });
    this.#residue += residue;
    if (points < VISIBLE_POINTS) return;
    this.#personFrames++;
    if (left >= VISIBLE_POINTS) this.#personFramesLeft++;
    if (left - residue >= VISIBLE_POINTS) this.#personFramesLeftApart++;
  }

  #countShown(seen: readonly Seen[]): void {
    const visible = seen.filter(({ shown }) => shown >= VISIBLE_POINTS);
    const here = {
      points: seen.reduce((sum, { shown }) => sum + shown, 0),
      kept: seen.reduce((sum, { shownLeft }) => sum + shownLeft, 0),
      personFrames: visible.length,
      personFramesLeft: visible.filter(({ shownLeft }) => shownLeft >= VISIBLE_POINTS).length,
    };
    this.#shown = this.#shown === undefined ? here : addShown([this.#shown, here]);
  }

  figures(): Figures {
    const persons = [...this.#persons]
      .map(([id, { points, kept }]) => ({ id, points, kept }))
      .sort((a, b) => a.id - b.id);
    const sum = (key: "points" | "kept") => persons.reduce((total, p) => total + p[key], 0);
    return {
      staticPoints: this.#staticPoints,
      staticKept: this.#staticKept,
      dynamicPoints: sum("points"),
      dynamicKept: sum("kept"),
      residue: this.#residue,
      personFrames: this.#personFrames,
      personFramesLeft: this.#personFramesLeft,
      personFramesLeftApart: this.#personFramesLeftApart,
      persons,
      ...(this.#shown && { shown: this.#shown }),
    };
  }
}

/** Points of a person in one scan: all, those left, of these those in cells of the home; shown empty. */
interface Seen {
  points: number;
  left: number;
  residue: number;
  shown: number;
  shownLeft: number;
}

function addShown(all: readonly ShownFigures[]): ShownFigures {
  const sum = (key: keyof ShownFigures) => all.reduce((total, shown) => total + shown[key], 0);
  return {
    points: sum("points"),
    kept: sum("kept"),
    personFrames: sum("personFrames"),
    personFramesLeft: sum("personFramesLeft"),
  };
}

/** The figures of several runs, as if they were one; persons of one are not those of another. */
export function addFigures(all: readonly Figures[]): Figures {
  const sum = (key: Exclude<keyof Figures, "persons" | "shown">) =>
    all.reduce((total, figures) => total + figures[key], 0);
  const shown = all.flatMap((figures) => figures.shown ?? []);
  return {
    staticPoints: sum("staticPoints"),
    staticKept: sum("staticKept"),
    dynamicPoints: sum("dynamicPoints"),
    dynamicKept: sum("dynamicKept"),
    residue: sum("residue"),
    personFrames: sum("personFrames"),
    personFramesLeft: sum("personFramesLeft"),
    personFramesLeftApart: sum("personFramesLeftApart"),
    persons: all.flatMap(({ persons }) => persons),
    // A part would tell less than all of them: either everybody looked, or there is no figure.
    ...(shown.length > 0 && shown.length === all.length && { shown: addShown(shown) }),
  };
}
