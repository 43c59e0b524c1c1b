/** Runs of scenes through the map and through its peers, put together as rows of a table. */
import {
  addFigures,
  coreMapper,
  type Figures,
  makeScene,
  runPeer,
  runScene,
  type SceneTerms,
  ShownCells,
} from "../scenes/index.ts";
import { mapTerms } from "../veil/map-terms.ts";
import { OCTOMAP_MODES, type OctomapMode, OctomapPeer } from "./octomap-peer.ts";

export interface PeopleTerms extends Omit<SceneTerms, "seed"> {
  /** Homes: seeds 1 to this. */
  readonly seeds: number;
  readonly leafM: number;
  /** Hold-back of the second figure, in whole seconds. */
  readonly delayS: number;
  /** Whether OctoMap runs too, where it is built: that takes most of the time. */
  readonly peers: boolean;
  /** Whether to tell apart what the scans showed to be empty: some seconds a home. */
  readonly shown: boolean;
  /** Called with scenes done, and scans done of the present one. */
  readonly onScan?: (scenes: number, scans: number) => void;
}

/** What a map made of one home or of several. */
export interface Outcome {
  readonly figures: Figures;
  /** Milliseconds of each scan, not in order of size. */
  readonly scanMs: readonly number[];
}

export interface SceneOutcome {
  readonly seed: number;
  readonly layout: string;
  readonly people: readonly string[];
  /** Asked once, when the whole run was seen. */
  readonly atEnd: Outcome;
  /** Released every second, held back for the delay. */
  readonly held: Figures;
  readonly octomap?: Readonly<Record<OctomapMode, Outcome>>;
}

/** Runs all scenes of the terms, one after the other. */
export async function* runPeople(terms: PeopleTerms): AsyncGenerator<SceneOutcome> {
  for (let seed = 1; seed <= terms.seeds; seed++) yield await runSeed(terms, seed);
}

async function runSeed(terms: PeopleTerms, seed: number): Promise<SceneOutcome> {
  const { leafM, delayS } = terms;
  const scene = makeScene({ ...terms, seed });
  const flat = scene.sensor.beams.length === 1;
  const held = mapTerms(leafM, flat, BigInt(delayS) * 1_000_000_000n);
  const onScan = (scans: number) => terms.onScan?.(seed - 1, scans);
  const shown = terms.shown ? { shown: ShownCells.of(scene, leafM, onScan) } : {};
  const run = runScene(scene, {
    leafM,
    atEnd: coreMapper({ ...held, holdNs: 0n }, leafM),
    held: { mapper: coreMapper(held, leafM), holdNs: held.holdNs },
    ...shown,
    onScan,
  });
  const octomap: Partial<Record<OctomapMode, Outcome>> = {};
  const hasPeer = terms.peers && OctomapPeer.isBuilt();
  for (const mode of hasPeer ? OCTOMAP_MODES : []) {
    const peer = new OctomapPeer(leafM, mode);
    try {
      const { atEnd, scanMs } = await runPeer(scene, peer, leafM, { ...run, ...shown }, onScan);
      octomap[mode] = { figures: atEnd, scanMs };
    } finally {
      peer.close();
    }
  }
  return {
    seed,
    layout: scene.home.layout,
    people: scene.people.map(({ kind }) => kind),
    atEnd: { figures: run.atEnd, scanMs: run.scanMs },
    held: run.held!,
    ...(hasPeer && { octomap: octomap as Record<OctomapMode, Outcome> }),
  };
}

/** Several outcomes as one. */
export function addOutcomes(all: readonly Outcome[]): Outcome {
  return {
    figures: addFigures(all.map(({ figures }) => figures)),
    scanMs: all.flatMap(({ scanMs }) => scanMs),
  };
}

/** The value below which `part` of the values lie. */
export function quantile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? Number.NaN;
}
