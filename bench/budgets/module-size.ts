/** Bytes and memory of the two modules: what every start has to load and to hold. */
import { statSync } from "node:fs";
import { type CoreBuild, instantiateCore } from "../../host/core/load-module.ts";
import { atMost, count, type Suite, verdict } from "../report/report.ts";
import { type Baseline, GROWTH_MAX } from "./baseline.ts";
import { BUILDS, wasmPath } from "./player.ts";

const PAGE_BYTES = 65536;

export interface ModuleSize {
  readonly bytes: number;
  /** Pages of 64 KiB of linear memory; it never grows. */
  readonly memoryPages: number;
}

export function moduleSizes(): Record<CoreBuild, ModuleSize> {
  const sizeOf = (build: CoreBuild): ModuleSize => ({
    bytes: statSync(wasmPath(build)).size,
    memoryPages: instantiateCore(build).memory.buffer.byteLength / PAGE_BYTES,
  });
  return { baseline: sizeOf("baseline"), simd: sizeOf("simd") };
}

export function moduleSuite(sizes: Baseline["modules"], baseline: Baseline): Suite {
  const results = BUILDS.map((build) => {
    const size = sizes[build];
    const was = baseline.modules[build];
    const gates = [
      atMost(`${build} module: bytes to baseline`, size.bytes / was.bytes, 1 + GROWTH_MAX),
      atMost(`${build} module: pages of memory`, size.memoryPages, was.memoryPages),
    ];
    return { build, size, was, gates };
  });
  return {
    name: "modules",
    title: "what a start loads and holds",
    columns: ["module", "bytes", "baseline", "pages", "baseline", "gate"],
    rows: results.map(({ build, size, was, gates }) => [
      build,
      count(size.bytes),
      count(was.bytes),
      count(size.memoryPages),
      count(was.memoryPages),
      verdict(...gates),
    ]),
    notes: [],
    gates: results.flatMap(({ gates }) => gates),
    figures: [],
    plots: [],
    missing: [],
    data: results.map(({ build, size }) => ({ build, ...size })),
  };
}
