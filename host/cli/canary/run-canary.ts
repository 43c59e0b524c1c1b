/** `mapveil doctor --canary`: plants, drives, searches, and says what was found. */
import { rmSync } from "node:fs";
import { mkdir, mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { exemptionsOf } from "../../canary/exemptions.ts";
import { namesOfMachine } from "../../canary/machine.ts";
import { Planter } from "../../canary/planter.ts";
import { type CanaryReport, canaryReport } from "../../canary/report.ts";
import { LeakSearch } from "../../canary/search.ts";
import { Surfaces } from "../../canary/surfaces.ts";
import { systemClock } from "../../core/clock.ts";
import { defaultPolicy } from "../../policy/index.ts";
import { loadSidecarConfig } from "../../sidecar/config.ts";
import type { CliIo } from "../io.ts";
import { goWithFiles } from "./files-part.ts";
import { goWithFrames } from "./frames-part.ts";
import { goWithPolicies } from "./policies-part.ts";
import type { RunCommand } from "./printed.ts";
import { goWithProcesses } from "./processes-part.ts";
import type { Stage } from "./stage.ts";

/** The parts of the way, each of which can be gone alone. */
export const CANARY_PARTS = ["frames", "policies", "files", "processes"] as const;
export type CanaryPart = (typeof CANARY_PARTS)[number];

/** Milliseconds between two lines where nobody watches. */
const QUIET_MS = 10_000;

export interface CanaryTerms {
  readonly seed: number;
  readonly parts: readonly CanaryPart[];
  /** Path of the user's settings of a sidecar, for its policy and limits. */
  readonly config?: string;
  readonly run: RunCommand;
}

const GO: Readonly<Record<CanaryPart, (stage: Stage, run: RunCommand) => Promise<void>>> = {
  frames: goWithFrames,
  policies: goWithPolicies,
  files: goWithFiles,
  processes: goWithProcesses,
};

/** Tells what is being done: every step to a person, and else one in ten seconds. */
function teller(io: CliIo): (what: string) => void {
  const startMs = systemClock.monotonicMs();
  let toldMs = Number.NEGATIVE_INFINITY;
  return (what) => {
    const nowMs = systemClock.monotonicMs();
    if (!io.isTTY && nowMs - toldMs < QUIET_MS) return;
    toldMs = nowMs;
    io.stderr.write(`${((nowMs - startMs) / 1000).toFixed(1).padStart(6)} s  ${what}\n`);
  };
}

/**
 * Goes the way in a folder of its own, which is gone afterwards; nothing of the user's is opened but
 * the settings that were named, and the policy that they name.
 */
export async function runCanary(io: CliIo, terms: CanaryTerms): Promise<CanaryReport> {
  const { seed, parts, config, run } = terms;
  const sources = { environment: io.environment, settings: [] };
  const settings =
    config === undefined ? undefined : (await loadSidecarConfig(config, sources)).options;
  const folder = await mkdtemp(join(tmpdir(), "mapveil-canary-"));
  // Also where a signal ends the process. Commands that fail on the way remove unfinished files of
  // their own, so this folder is none of them.
  const remove = () => rmSync(folder, { recursive: true, force: true });
  process.once("exit", remove);
  const tell = teller(io);
  const planter = new Planter(seed);
  const surfaces = new Surfaces();
  const policy = settings?.policy ?? defaultPolicy();
  for (const value of namesOfMachine()) planter.note("this_machine", "this machine", value);
  const stage = { planter, surfaces, policy, settings, passing: [], tell };
  try {
    for (const part of CANARY_PARTS) {
      if (!parts.includes(part)) continue;
      const own = join(folder, part);
      await mkdir(own, { mode: 0o700 });
      await GO[part]({ ...stage, folder: own }, run);
    }
  } finally {
    remove();
    process.off("exit", remove);
  }
  tell("searching");
  const { planted } = planter;
  const search = new LeakSearch(planted);
  const exemptions = exemptionsOf(policy, stage.passing, search);
  return canaryReport(seed, planted, search, surfaces.haystacks, exemptions);
}
