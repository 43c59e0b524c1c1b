/** Runs a scene through a map and counts what the map lets out. */
import { CellFinder, cellSet, type KeyTable } from "./cells.ts";
import { type Figures, homeCells, type ScanCells, scanCells, Tally } from "./metrics.ts";
import type { LabelledScan, Scene } from "./scene.ts";

/** A map that scans are put into, in the frame of its first scan's position. */
export interface Mapper {
  add(scan: LabelledScan): void;
  /** x y z of each cell that a release now would hold; the map goes on. */
  release(): Int32Array;
}

export interface RunTerms {
  /** Edge of a cell in metres. */
  readonly leafM: number;
  /** Sees the whole run, and is asked once, at its end. */
  readonly atEnd: Mapper;
  /** Holds scans back for `holdNs`, and is asked every second. */
  readonly held?: { readonly mapper: Mapper; readonly holdNs: bigint };
  /** Called after each scan, with how many are done. */
  readonly onScan?: (done: number) => void;
}

export interface RunResult {
  readonly atEnd: Figures;
  /** Each scan judged by the first release that it is in; those that no release had are left out. */
  readonly held?: Figures;
  /** Milliseconds that each scan took to get into the map that is asked at the end. */
  readonly scanMs: readonly number[];
}

const RELEASE_NS = 1_000_000_000n;

/** Puts all scans of a scene into the maps of `terms`, and judges what they let out. */
export function runScene(scene: Scene, terms: RunTerms): RunResult {
  const finder = new CellFinder(terms.leafM);
  const held = terms.held && new HeldRun(terms.held);
  const scans: ScanCells[] = [];
  const scanMs: number[] = [];
  for (const scan of scene.scans()) {
    const startMs = performance.now();
    terms.atEnd.add(scan);
    scanMs.push(performance.now() - startMs);
    const cells = scanCells(finder.cellsOf(scan.points, scan.pose), scan.labels);
    scans.push(cells);
    held?.add(scan, cells);
    terms.onScan?.(scans.length);
  }
  const home = homeCells(scans);
  const kept = cellSet(terms.atEnd.release());
  const tally = new Tally(home);
  for (const scan of scans) tally.count(scan, kept);
  return { atEnd: tally.figures(), ...(held && { held: held.figures(home) }), scanMs };
}

/** A map that releases every second what it has held back long enough. */
class HeldRun {
  readonly #mapper: Mapper;
  readonly #holdNs: bigint;
  #pending: { readonly stampNs: bigint; readonly cells: ScanCells }[] = [];
  readonly #judged: { readonly cells: ScanCells; readonly kept: KeyTable }[] = [];
  #nextNs: bigint | undefined;

  constructor({ mapper, holdNs }: NonNullable<RunTerms["held"]>) {
    this.#mapper = mapper;
    this.#holdNs = holdNs;
  }

  add(scan: LabelledScan, cells: ScanCells): void {
    this.#mapper.add(scan);
    this.#pending.push({ stampNs: scan.stampNs, cells });
    this.#nextNs ??= scan.stampNs + RELEASE_NS;
    if (scan.stampNs < this.#nextNs) return;
    this.#nextNs += RELEASE_NS;
    const isIn = (stampNs: bigint) => stampNs + this.#holdNs <= scan.stampNs;
    const due = this.#pending.filter(({ stampNs }) => isIn(stampNs));
    if (due.length === 0) return;
    const kept = cellSet(this.#mapper.release());
    for (const each of due) this.#judged.push({ cells: each.cells, kept });
    this.#pending = this.#pending.filter(({ stampNs }) => !isIn(stampNs));
  }

  figures(home: KeyTable): Figures {
    const tally = new Tally(home);
    for (const { cells, kept } of this.#judged) tally.count(cells, kept);
    return tally.figures();
  }
}
