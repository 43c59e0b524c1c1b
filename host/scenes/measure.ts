/** Runs a scene through a map and counts what the map lets out. */
import { CellFinder, cellKey, cellSet, KeyTable } from "./cells.ts";
import {
  type Figures,
  homeCells,
  type ScanCells,
  scanCells,
  scanPoints,
  Tally,
} from "./metrics.ts";
import type { Scan, Scene } from "./scene.ts";
import type { ShownCells } from "./shown.ts";

/** A map that scans are put into, in the frame of its first scan's position. */
export interface Mapper {
  add(scan: Scan): void;
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
  /** What this scene showed to be empty, if figures of it are wanted. */
  readonly shown?: ShownCells;
  /** Called after each scan, with how many are done. */
  readonly onScan?: (done: number) => void;
}

export interface RunResult {
  readonly atEnd: Figures;
  /** A point is kept if any release that its scan is in holds it; scans in no release are left out. */
  readonly held?: Figures;
  /** Milliseconds that each scan took to get into the map that is asked at the end. */
  readonly scanMs: readonly number[];
  /** The cells that the home itself was measured in. */
  readonly home: KeyTable;
}

const RELEASE_NS = 1_000_000_000n;

/** Puts all scans of a scene into the maps of `terms`, and judges what they let out. */
export function runScene(scene: Pick<Scene, "scans">, terms: RunTerms): RunResult {
  const finder = new CellFinder(terms.leafM);
  const held = terms.held && new HeldRun(terms.held);
  const scans: ScanCells[] = [];
  const scanMs: number[] = [];
  for (const scan of scene.scans()) {
    const startMs = performance.now();
    terms.atEnd.add(scan);
    scanMs.push(performance.now() - startMs);
    const isShown = terms.shown?.pointsOf(scan);
    const cells = scanCells(finder.cellsOf(scan.points, scan.pose), scan.labels, isShown);
    scans.push(cells);
    held?.add(scan, cells);
    terms.onScan?.(scans.length);
  }
  const home = homeCells(scans);
  const kept = cellSet(terms.atEnd.release());
  const tally = new Tally(home);
  for (const scan of scans) tally.count(scan, keptBy(kept, scan));
  return { atEnd: tally.figures(), ...(held && { held: held.figures(home) }), scanMs, home };
}

function keptBy(kept: KeyTable, scan: ScanCells): (entry: number) => boolean {
  return (entry) => kept.has(scan.keys[entry]!);
}

/** A map of somebody else's, which tells of each point whether it keeps it. */
export interface PointMap {
  /** Milliseconds that it took to get the scan into the map. */
  insert(scan: Scan): Promise<number>;
  /** 1 for each point that it keeps, after all scans are in it. */
  keeps(scan: Scan): Promise<Uint8Array>;
}

/** Puts all scans of a scene into a map of somebody else's, and judges it like ours. */
export async function runPeer(
  scene: Scene,
  map: PointMap,
  leafM: number,
  { home, shown }: Pick<RunResult, "home"> & Pick<RunTerms, "shown">,
  onScan?: RunTerms["onScan"],
): Promise<Pick<RunResult, "atEnd" | "scanMs">> {
  const scanMs: number[] = [];
  for (const scan of scene.scans()) {
    scanMs.push(await map.insert(scan));
    onScan?.(scanMs.length);
  }
  const finder = new CellFinder(leafM);
  const tally = new Tally(home);
  for (const scan of scene.scans()) {
    const kept = await map.keeps(scan);
    const cells = finder.cellsOf(scan.points, scan.pose);
    const points = scanPoints(cells, scan.labels, shown?.pointsOf(scan));
    tally.count(points, (entry) => kept[entry] === 1);
  }
  return { atEnd: tally.figures(), scanMs };
}

/** A map that releases every second, and at the end, what it has held back long enough. */
class HeldRun {
  readonly #mapper: Mapper;
  readonly #holdNs: bigint;
  #pending: { readonly stampNs: bigint; readonly cells: ScanCells }[] = [];
  /** Scans with the number of the first release that they are in. */
  readonly #released: { readonly cells: ScanCells; readonly first: number }[] = [];
  #releases = 0;
  /** The last release that holds each cell. */
  readonly #cells = new KeyTable();
  readonly #lastOf: number[] = [];
  #nextNs: bigint | undefined;
  #newestNs = 0n;

  constructor({ mapper, holdNs }: NonNullable<RunTerms["held"]>) {
    this.#mapper = mapper;
    this.#holdNs = holdNs;
  }

  add(scan: Scan, cells: ScanCells): void {
    this.#mapper.add(scan);
    this.#pending.push({ stampNs: scan.stampNs, cells });
    this.#newestNs = scan.stampNs;
    this.#nextNs ??= scan.stampNs + RELEASE_NS;
    if (scan.stampNs < this.#nextNs) return;
    this.#nextNs += RELEASE_NS;
    this.#release();
  }

  figures(home: KeyTable): Figures {
    this.#release();
    const tally = new Tally(home);
    for (const { cells, first } of this.#released) {
      tally.count(cells, (entry) => {
        const cell = this.#cells.find(cells.keys[entry]!);
        return cell >= 0 && this.#lastOf[cell]! >= first;
      });
    }
    return tally.figures();
  }

  #release(): void {
    const isIn = (stampNs: bigint) => stampNs + this.#holdNs <= this.#newestNs;
    const due = this.#pending.filter(({ stampNs }) => isIn(stampNs));
    this.#pending = this.#pending.filter(({ stampNs }) => !isIn(stampNs));
    for (const { cells } of due) this.#released.push({ cells, first: this.#releases });
    const kept = this.#mapper.release();
    for (let i = 0; i < kept.length; i += 3) {
      const cell = this.#cells.add(cellKey(kept[i]!, kept[i + 1]!, kept[i + 2]!));
      this.#lastOf[cell] = this.#releases;
    }
    this.#releases++;
  }
}
