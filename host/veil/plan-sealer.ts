/** House plans and paths of a robot, sanitised and sealed: the way out for what is no lidar frame. */
import { HEADER_BYTES, KIND_GRID, KIND_PATH, MAX_POINTS } from "../../assembly/abi.ts";
import { Core } from "../core/core.ts";
import { MapveilError } from "../core/errors.ts";
import type { MetadataField } from "../core/frame.ts";
import type { CoreBuild } from "../core/load-module.ts";
import type { Plan } from "../formats/plan.ts";
import { type RandomBytes, systemRandom, wipe } from "../keys/index.ts";
import { linkageLabel } from "../linkage/label.ts";
import {
  drawSecret,
  type PathReport,
  type PlanReport,
  type PlanRules,
  releasePath,
  releasePlan,
} from "../plan/index.ts";
import { compilePolicy, narrowPolicy, type Policy } from "../policy/index.ts";
import { PassingStrings, type RedactedCounts } from "./passing-strings.ts";
import { type CellRelease, sealCells } from "./seal-cells.ts";
import { RecordSealer } from "./seal-record.ts";

export interface PlanSealerOptions {
  /** At any level but nothing; plans and paths leave under its keys plan, path and no_go. */
  readonly policy: Policy;
  /** Public key (32 bytes) of who may open what leaves. */
  readonly recipient: Uint8Array;
  /** Permission epoch that artefacts are made under; default 0. */
  readonly epoch?: bigint;
  readonly build?: CoreBuild;
  /** Source of randomness; default the system's. */
  readonly random?: RandomBytes;
}

/** What of a plan is to be sealed. */
export interface PlanParts {
  readonly plan: boolean;
  readonly path: boolean;
}

/** A sealed plan or path, and what became of what it was made of. */
export interface SealedCells<Report> {
  readonly veil: Uint8Array;
  readonly report: Report & {
    /** Edge of a cell of what leaves, metres, and how many leave. */
    readonly cellM: number;
    readonly cells: number;
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
  };
}

/** What became of the parts that were asked for: each is sealed, or refused. */
export interface SealedPlan {
  readonly plan?: SealedCells<PlanReport>;
  readonly path?: SealedCells<PathReport>;
  readonly refused: { readonly plan?: MapveilError; readonly path?: MapveilError };
}

/** What the policy says about a plan of the robot's own. */
export function planRules(policy: Policy): PlanRules {
  const { plan, no_go } = policy;
  return {
    cellM: plan.cell_m,
    clutterM: plan.clutter_m,
    rooms: plan.rooms,
    noGo: no_go.areas.map((area) => area.polygon_m),
    dilateM: no_go.dilate_m,
    voxelsMax: MAX_POINTS,
  };
}

export class PlanSealer {
  readonly #core: Core;
  readonly #policy: Policy;
  readonly #options: PlanSealerOptions;
  readonly #random: RandomBytes;
  readonly #sealer: RecordSealer;
  readonly #strings = new PassingStrings();

  /**
   * Loads a core (some 10 ms).
   * @throws MapveilError REFUSED for level nothing, CONFIG
   */
  constructor(options: PlanSealerOptions) {
    if (options.policy.level === "nothing") {
      throw new MapveilError(
        "REFUSED",
        "The policy says level: nothing, so no plan and no path leaves this robot.",
        { field: "level", reason: "POLICY_LEVEL" },
      );
    }
    this.#options = options;
    this.#policy = narrowPolicy(options.policy, "plan");
    this.#random = options.random ?? systemRandom;
    this.#core = new Core(options.build);
    this.#sealer = new RecordSealer(this.#core, options.recipient, this.#random);
  }

  /**
   * Sanitises and seals a plan, the path in it, or both, which are turned and cut alike then. A part that
   * cannot leave keeps the other one back no more than it must: it is in `refused`, with BAD_INPUT (no
   * wall, no path), REFUSED (nothing is left; the policy says path: none) or TOO_LARGE.
   * @throws MapveilError TOO_LARGE, USAGE for no-go areas that the plan brings along
   */
  seal(plan: Plan, parts: PlanParts, epoch = this.#options.epoch ?? 0n): SealedPlan {
    const rules = planRules(this.#policy);
    const secret = drawSecret(plan, rules, this.#random);
    const refused: { plan?: MapveilError; path?: MapveilError } = {};
    const sealed: { plan?: SealedCells<PlanReport>; path?: SealedCells<PathReport> } = {};
    const attempt = (part: keyof PlanParts, run: () => void) => {
      if (!parts[part]) return;
      try {
        run();
      } catch (error) {
        if (!(error instanceof MapveilError) || error.code === "INTERNAL") throw error;
        refused[part] = error;
      }
    };
    attempt("plan", () => {
      const release = releasePlan(plan, rules, secret);
      sealed.plan = this.#seal(KIND_GRID, release, plan.metadata, epoch);
    });
    attempt("path", () => {
      this.#assertPath();
      const release = releasePath(plan, secret);
      sealed.path = this.#seal(KIND_PATH, release, plan.metadata, epoch);
    });
    wipe(secret.pathBytes);
    return { ...sealed, refused };
  }

  /** Zeroes all that the core was told. The sealer can be used again. */
  wipe(): void {
    this.#strings.clear();
    this.#core.wipe();
  }

  #assertPath(): void {
    if (this.#policy.path === "coarse") return;
    throw new MapveilError(
      "REFUSED",
      "The policy says path: none, so no path leaves this robot; path: coarse lets squares of 1 m out.",
      { field: "path", reason: "POLICY_PATH" },
    );
  }

  #seal<Report>(
    kind: typeof KIND_GRID | typeof KIND_PATH,
    made: Pick<CellRelease, "cells" | "cellM"> & { readonly report: Report },
    offered: readonly MetadataField[],
    epoch: bigint,
  ): SealedCells<Report> {
    const { cells, cellM } = made;
    const linkage = linkageLabel(kind === KIND_GRID ? "grid" : "path", cellM);
    const terms = { kind, epoch, policyDigest: compilePolicy(this.#policy).digest };
    const { metadata, redacted } = this.#strings.redact(offered, this.#policy.keep.strings);
    const release = { cells, cellM, linkage, metadata };
    const { veil, report } = sealCells(this.#core, this.#sealer, this.#policy, release, terms);
    const { tileBytes, recordBytes, passed, stripped } = report;
    cells.fill(0);
    const sealedBytes = veil.length - HEADER_BYTES;
    return {
      veil,
      report: {
        ...made.report,
        ...{ cellM, cells: cells.length / 3, linkage, tileBytes, recordBytes, sealedBytes },
        ...{ passed, stripped, redacted },
      },
    };
  }
}
