/** baseline.json: what everything cost when it was last looked at, and how far it may go from there. */
import { readFileSync, writeFileSync } from "node:fs";
import type { CoreBuild } from "../../host/core/load-module.ts";
import type { PlayCounts, StageCounts } from "./instructions.ts";
import type { ModuleSize } from "./module-size.ts";
import type { Toolchain } from "./player.ts";

const PATH = new URL("./baseline.json", import.meta.url);

/** What a figure may grow by; one that shrinks by more than as much asks for a new baseline. */
export const GROWTH_MAX = 0.03;

export interface Baseline {
  /** Counts made by other tools are not comparable. */
  readonly tools: Toolchain;
  readonly modules: Readonly<Record<CoreBuild, ModuleSize>>;
  /** By play and build. */
  readonly instructions: Readonly<Record<string, Readonly<Record<CoreBuild, StageCounts>>>>;
}

export function readBaseline(): Baseline {
  return JSON.parse(readFileSync(PATH, "utf8")) as Baseline;
}

export function baselineOf(
  tools: Toolchain,
  modules: Baseline["modules"],
  counts: readonly PlayCounts[],
): Baseline {
  const instructions: Record<string, Record<string, StageCounts>> = {};
  for (const { play, build, stages } of counts) {
    instructions[play] = { ...instructions[play], [build]: stages };
  }
  return { tools, modules, instructions: instructions as Baseline["instructions"] };
}

export function writeBaseline(baseline: Baseline): void {
  writeFileSync(PATH, `${JSON.stringify(baseline, null, 2)}\n`);
}

/** The tools that differ, as "gcc 12.2.0, here 13.1.0"; empty if counts can be compared. */
export function otherTools(baseline: Baseline, tools: Toolchain): string {
  // valgrind counts what the processor is asked to do, whatever its own version.
  const names = ["gcc", "wabt"] as const;
  return names
    .filter((name) => baseline.tools[name] !== tools[name])
    .map((name) => `${name} ${baseline.tools[name]}, here ${tools[name]}`)
    .join("; ");
}
