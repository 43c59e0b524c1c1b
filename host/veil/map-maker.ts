/**
 * Many frames in, one sealed map out, or a plan made of it. Frames are put together in the core; what
 * the map keeps of them is cells alone, in memory alone, and only release seals anything.
 */
import { HEADER_BYTES, KIND_GRID, KIND_MAP, MAX_POINTS, TAG_FINAL } from "../../assembly/abi.ts";
import { Core } from "../core/core.ts";
import { MapveilError } from "../core/errors.ts";
import type { Frame, MetadataField } from "../core/frame.ts";
import type { FrameReport } from "../core/frame-report.ts";
import type { CoreBuild } from "../core/load-module.ts";
import type { MapPart, MapStats, MapTerms } from "../core/map.ts";
import { drawRandom, type RandomBytes, systemRandom, wipe } from "../keys/index.ts";
import { linkageLabel } from "../linkage/label.ts";
import { drawSecret, projectToPlan, releasePlan } from "../plan/index.ts";
import {
  compilePolicy,
  compileScans,
  type GatheredLevel,
  HOLE_RANDOM_BYTES,
  holdBackMs,
  isGathered,
  mapLeafM,
  narrowPolicy,
  noGoHole,
  type Policy,
  planCellM,
} from "../policy/index.ts";
import { assertBeamMoves } from "./beam-guard.ts";
import { mapTerms } from "./map-terms.ts";
import { addCounts, PassingStrings, type RedactedCounts } from "./passing-strings.ts";
import { planRules } from "./plan-sealer.ts";
import { type PlacedFrame, ScanChecks } from "./scan-checks.ts";
import { sealCells } from "./seal-cells.ts";
import { beginSecretSession, RecordSealer } from "./seal-record.ts";
import { warmUp } from "./warm-up.ts";

/** What holds for a map from its first scan to its end. */
export interface MapRules {
  /** At any level but nothing; it is lowered to `level`. */
  readonly policy: Policy;
  /** What the map is for; default what the policy says, and map where it says frames or full. */
  readonly level?: GatheredLevel;
  /** The lidar measures in one plane, as that of a robot cleaner. */
  readonly flat?: boolean;
  /** A frame without a pose is in the map's frame already, measured from its origin. */
  readonly inMapFrame?: boolean;
  /** Nanoseconds from one frame to the next, for sources that give their frames no time. */
  readonly periodNs?: bigint;
}

export interface MapMakerOptions extends MapRules {
  /** Public key (32 bytes) of who may open what leaves. */
  readonly recipient: Uint8Array;
  /** Permission epoch that artefacts are made under; default 0. */
  readonly epoch?: bigint;
  readonly build?: CoreBuild;
  /** Source of randomness; default the system's. */
  readonly random?: RandomBytes;
}

/** What became of a scan: points by fate, as of a single frame, and how far the map has come. */
export interface MapScanReport
  extends Pick<
    FrameReport,
    "pointsIn" | "dropped" | "cropped" | "pointsKept" | "voxels" | "bytesIn"
  > {
  /** Scans in the map, those that are held back included. */
  readonly scans: number;
  /** Scans of which nothing may leave yet. */
  readonly heldScans: number;
}

/** What leaves with a release. */
export interface MapReleaseReport {
  readonly level: GatheredLevel;
  /** Edge of a cell of what leaves, metres. */
  readonly cellM: number;
  /** Cells that leave. */
  readonly cells: number;
  /** Cells of the map that were hit and do not leave, as what moved; MAX_POINTS stands for more. */
  readonly removed: number;
  readonly scans: number;
  readonly heldScans: number;
  /** Empty cells for which there was no room: what moved there may be in the map. */
  readonly voidsLost: number;
  /** How well the release can be linked, as it stands in the tile. */
  readonly linkage: string;
  /** Bytes of the tile, with its padding, and of all messages that leave. */
  readonly tileBytes: number;
  readonly recordBytes: number;
  readonly sealedBytes: number;
  /** Names of metadata that are in the tile, and of those that end here. */
  readonly passed: readonly string[];
  readonly stripped: readonly string[];
  /** Values that were redacted in strings that pass, by kind. */
  readonly redacted: RedactedCounts;
}

/** A map that scans are being added to. */
interface OpenMap {
  readonly policy: Policy;
  readonly level: GatheredLevel;
  readonly flat: boolean;
  /** The POLICY struct of its scans, with holes in the place of no-go areas. */
  readonly struct: Uint8Array;
  readonly digest: Uint8Array;
  readonly checks: ScanChecks;
  /** Strings that the policy names, as the first scan that had one said, redacted; names of all others. */
  readonly strings: Map<string, MetadataField>;
  /** What was redacted in these strings. */
  redacted: RedactedCounts;
  readonly stripped: Set<string>;
  stats: Pick<MapStats, "scans" | "heldScans" | "voidsLost">;
  /** How far the map reached when it was full for the first time, in words. */
  extent?: string;
}

/** The policy with a hole for each of its no-go areas, drawn for one map. */
function withHoles(policy: Policy, random: RandomBytes): Policy {
  const { areas, dilate_m } = policy.no_go;
  const holes = areas.map((area) => {
    const drawn = drawRandom(random, HOLE_RANDOM_BYTES);
    const hole = noGoHole(area.polygon_m, dilate_m, drawn);
    wipe(drawn);
    return { ...area, polygon_m: hole.map(([x, y]): [number, number] => [x, y]) };
  });
  return { ...policy, no_go: { dilate_m: 0, areas: holes } };
}

/**
 * The terms of the core's map. A plan of a lidar that measures in one plane holds what was hit in more
 * scans than a neighbour that was empty can take along: what stood there for long.
 */
function termsOf(policy: Policy, flat: boolean): MapTerms {
  const holdNs = BigInt(holdBackMs(policy)) * 1_000_000n;
  const terms = mapTerms(mapLeafM(policy), flat, holdNs);
  const isLong = flat && policy.level === "plan";
  return isLong ? { ...terms, hitsMin: Math.min(255, terms.voteHits + 1) } : terms;
}

/** The policy at a level of maps. */
function loweredPolicy({ policy, level = "map" }: MapRules): Policy & { level: GatheredLevel } {
  const lowered = narrowPolicy(policy, level);
  if (isGathered(lowered.level)) return { ...lowered, level: lowered.level };
  throw new MapveilError(
    "REFUSED",
    "The policy says level: nothing, so no map leaves this robot. Local use goes on.",
    { field: "level", reason: "POLICY_LEVEL" },
  );
}

export class MapMaker {
  readonly #core: Core;
  readonly #options: Pick<MapMakerOptions, "epoch">;
  readonly #random: RandomBytes;
  readonly #sealer: RecordSealer;
  readonly #hashSeed: Uint8Array;
  readonly #strings = new PassingStrings();
  #map: OpenMap | undefined;

  /**
   * Loads a core, runs it warm (about 0.2 s) and begins a map.
   * @throws MapveilError REFUSED for level nothing, CONFIG for a policy of which nothing would be left
   */
  static async create(options: MapMakerOptions): Promise<MapMaker> {
    compilePolicy(loweredPolicy(options));
    const core = new Core(options.build);
    await warmUp(core);
    return new MapMaker(core, options);
  }

  private constructor(core: Core, options: MapMakerOptions) {
    this.#core = core;
    this.#options = options;
    this.#random = options.random ?? systemRandom;
    this.#hashSeed = drawRandom(this.#random, 8);
    this.#sealer = new RecordSealer(core, options.recipient, this.#random);
    this.begin(options);
  }

  /** Which build of the core runs. */
  get build(): CoreBuild {
    return this.#core.build;
  }

  /**
   * Forgets the map and begins another one, with holes, yaw and offset of its own.
   * @throws MapveilError REFUSED, CONFIG as create does; the old map goes on then
   */
  begin(rules: MapRules): void {
    const { flat = false, inMapFrame = false, periodNs } = rules;
    const policy = loweredPolicy(rules);
    const { digest } = compilePolicy(policy);
    const struct = compileScans(withHoles(policy, this.#random), flat);
    beginSecretSession(this.#core, this.#random);
    this.#core.beginMap(termsOf(policy, flat));
    this.#map = {
      ...{ policy, level: policy.level, flat, struct, digest },
      checks: new ScanChecks({ inMapFrame, periodNs }),
      strings: new Map(),
      redacted: {},
      stripped: new Set(),
      stats: { scans: 0, heldScans: 0, voidsLost: 0 },
    };
  }

  /**
   * Takes a scan; all of it, or nothing where it throws.
   * @throws MapveilError as ScanChecks.place does; REFUSED with reason BEAM_STUCK; TOO_LARGE with
   *   reason MAP_FULL where the map has no room for it; BAD_INPUT
   */
  add(frame: Frame): MapScanReport {
    const map = this.#open();
    const placed = map.checks.place(frame);
    assertBeamMoves(placed, false);
    const { report, stats } = this.#take(map, placed);
    map.checks.taken(placed);
    map.stats = stats;
    this.#note(map, frame);
    const { pointsIn, dropped, cropped, pointsKept, voxels, bytesIn } = report;
    const { scans, heldScans } = stats;
    return { pointsIn, dropped, cropped, pointsKept, voxels, bytesIn, scans, heldScans };
  }

  /**
   * Seals what may leave of the map so far; the map goes on afterwards. Every release is an artefact of
   * its own: of kind map, or at level plan of kind grid.
   * @returns undefined where nothing may leave yet: all scans are held back, or no wall is known
   * @throws MapveilError TOO_LARGE
   */
  release(
    epoch = this.#options.epoch ?? 0n,
  ): { veil: Uint8Array; report: MapReleaseReport } | undefined {
    const map = this.#open();
    if (map.stats.scans === map.stats.heldScans) return undefined;
    const voxels = this.#copyUpToLimit("removed");
    const removed = voxels === undefined ? MAX_POINTS : voxels.length / 3;
    // Where people were: no copy of it stays behind.
    voxels?.fill(0);
    const made = map.level === "map" ? this.#sealMap(map, epoch) : this.#sealPlan(map, epoch);
    if (made === undefined) return undefined;
    const { veil, report, cellM, linkage } = made;
    const { scans, heldScans, voidsLost } = map.stats;
    const { tileBytes, recordBytes, passed } = report;
    const stripped = new Set([...report.stripped, ...map.stripped]);
    for (const name of passed) stripped.delete(name);
    return {
      veil,
      report: {
        ...{ level: map.level, cellM, cells: report.voxels, removed },
        ...{ scans, heldScans, voidsLost, linkage },
        ...{ tileBytes, recordBytes, sealedBytes: veil.length - HEADER_BYTES },
        ...{ passed, stripped: [...stripped].sort(), redacted: map.redacted },
      },
    };
  }

  /** Cells of the map that may leave by now, x y z in metres where the map turned them to; for the robot. */
  copyKept(): Float32Array {
    this.#open();
    return this.#core.copyMapVoxels("kept");
  }

  /** Cells that were hit and do not leave, as what moved; for pictures that stay on the robot. */
  copyRemoved(): Float32Array {
    this.#open();
    return this.#core.copyMapVoxels("removed");
  }

  /** Zeroes all that the core was told, and forgets the map. Another one may be begun. */
  wipe(): void {
    this.#map = undefined;
    this.#strings.clear();
    this.#core.wipe();
  }

  #open(): OpenMap {
    if (this.#map !== undefined) return this.#map;
    throw new MapveilError("USAGE", "The map was wiped; begin another one.");
  }

  #take(map: OpenMap, placed: PlacedFrame): { report: FrameReport; stats: MapStats } {
    try {
      return this.#core.addToMap(placed, map.struct, this.#hashSeed);
    } catch (error) {
      if (!(error instanceof MapveilError) || error.code !== "TOO_LARGE") throw error;
      throw this.#fullError(map, error);
    }
  }

  /** The error of a scan for which there is no room, with what is known of the map's extent. */
  #fullError(map: OpenMap, cause: MapveilError): MapveilError {
    const leafM = mapLeafM(map.policy);
    map.extent ??= this.#extent();
    const message =
      `${cause.message} The map spans ${map.extent} after ${map.stats.scans} scans; at map.leaf_m ` +
      `${Number((2 * leafM).toPrecision(3))} it has room for about four times that area.`;
    const { field } = cause.details;
    const details = { reason: "MAP_FULL", ...(field !== undefined && { field }) };
    return new MapveilError("TOO_LARGE", message, details, cause);
  }

  /** Edges of the box around all cells that are not held back, in words. */
  #extent(): string {
    const low = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
    const high = low.map((value) => -value);
    for (const part of ["kept", "removed"] as const) {
      const voxels = this.#copyUpToLimit(part);
      if (voxels === undefined) return `more than ${MAX_POINTS} cells`;
      for (const [i, value] of voxels.entries()) {
        low[i % 3] = Math.min(low[i % 3]!, value);
        high[i % 3] = Math.max(high[i % 3]!, value);
      }
      voxels.fill(0);
    }
    const edges = low.map((value, i) => Math.max(0, high[i]! - value).toFixed(1));
    return `${edges.join(" x ")} m`;
  }

  /** Cells of a part of the map; undefined if they are more than the core reads out. */
  #copyUpToLimit(part: MapPart): Float32Array | undefined {
    try {
      return this.#core.copyMapVoxels(part);
    } catch (error) {
      if (error instanceof MapveilError && error.code === "TOO_LARGE") return undefined;
      throw error;
    }
  }

  /** Remembers what the scan said beside its points: strings that the policy names, names of the rest. */
  #note(map: OpenMap, { metadata, layout, stampNs }: Frame): void {
    const { strings, stripped } = map;
    const named = map.policy.keep.strings;
    for (const field of metadata) {
      if (!(named as readonly string[]).includes(field.name)) stripped.add(field.name);
      else if (!strings.has(field.name)) {
        const { metadata: kept, redacted } = this.#strings.redact([field], named);
        strings.set(field.name, kept[0]!);
        map.redacted = addCounts(map.redacted, redacted);
      }
    }
    // As of single frames: a capture time is a time, and a wall clock's.
    if (stampNs !== undefined) stripped.add("time").add("wall_clock");
    for (const name of ["intensity", "ring", "time"] as const) {
      if (layout[name]) stripped.add(name);
    }
    for (const name of layout.otherFields ?? []) stripped.add(name);
  }

  #sealMap({ policy, digest, strings }: OpenMap, epoch: bigint) {
    const cellM = mapLeafM(policy);
    const linkage = linkageLabel("map", cellM);
    const report = this.#core.encodeMap([...strings.values()], linkage);
    if (report.voxels === 0) return undefined;
    const header = this.#sealer.borrowHeader({ kind: KIND_MAP, policyDigest: digest, epoch });
    const veil = this.#sealer.seal(report.recordBytes, TAG_FINAL, header);
    return { veil, report, cellM, linkage };
  }

  /** The plan of the map, turned and shifted anew for every release. */
  #sealPlan({ policy, digest, strings, flat }: OpenMap, epoch: bigint) {
    const centres = this.#core.copyMapVoxels("kept");
    if (centres.length === 0) return undefined;
    const cellM = planCellM(policy);
    // No-go areas were cut from every scan.
    const rules = { ...planRules(policy), cellM, noGo: [] };
    const plan = projectToPlan(centres, mapLeafM(policy), flat);
    centres.fill(0);
    const secret = drawSecret(plan, rules, this.#random);
    const cells = cellsOf(() => releasePlan(plan, rules, secret));
    wipe(plan.cells, secret.pathBytes);
    if (cells === undefined) return undefined;
    const linkage = linkageLabel("grid", cellM);
    const release = { cells, cellM, linkage, metadata: [...strings.values()] };
    const terms = { kind: KIND_GRID, policyDigest: digest, epoch };
    const sealed = sealCells(this.#core, this.#sealer, policy, release, terms);
    cells.fill(0);
    return { ...sealed, cellM, linkage };
  }
}

/** Cells of a plan, undefined where it has no wall. */
function cellsOf(release: () => { readonly cells: Int32Array }): Int32Array | undefined {
  try {
    return release().cells;
  } catch (error) {
    const code = error instanceof MapveilError ? error.code : undefined;
    if (code === "BAD_INPUT" || code === "REFUSED") return undefined;
    throw error;
  }
}
