/** Finds, checks and instantiates the WebAssembly module. */
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { ABI_MAJOR } from "../../assembly/abi.ts";
import { MapveilError } from "./errors.ts";
import { engine, type WasmMemory, type WasmModule } from "./webassembly.ts";

/** The exports of the core, as assembly/index.ts documents them. */
export interface CoreExports {
  readonly memory: WasmMemory;
  abi_version(): number;
  capabilities(): number;
  region_ptr(id: number): number;
  region_bytes(id: number): number;
  session_begin(): number;
  frame_begin(): number;
  frame_push(points: number): number;
  frame_finish(): number;
  frame_voxels(first: number, count: number): number;
  tile_encode(metadataBytes: number): number;
  tile_decode(recordBytes: number): number;
  seal_begin(kind: number): number;
  seal_message(plainOffset: number, bytes: number, tag: number): number;
  open_begin(headerBytes: number): number;
  open_message(bytes: number, plainOffset: number): number;
  open_tag(): number;
  wipe(): number;
  selftest(): number;
}

/** Which of the two builds: SIMD needs an engine that has it; both give the same bytes. */
export type CoreBuild = "simd" | "baseline";

/** A module of one SIMD instruction: engines without SIMD refuse it. */
const SIMD_PROBE = Uint8Array.of(
  ...[0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0],
  ...[10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11],
);

const compiled = new Map<CoreBuild, WasmModule>();

/** The better build that this engine can run. */
export function bestBuild(): CoreBuild {
  return engine.validate(SIMD_PROBE) ? "simd" : "baseline";
}

/** Path of the module: beside the compiled host, or in dist/ when the sources run as they are. */
function modulePath(build: CoreBuild): string {
  const name = build === "simd" ? "core.simd.wasm" : "core.wasm";
  const places = ["../../", "../../dist/"].map((place) =>
    fileURLToPath(new URL(place + name, import.meta.url)),
  );
  const found = places.find((path) => existsSync(path));
  if (found === undefined) {
    throw new MapveilError(
      "INTERNAL",
      `The core is not built: ${places[0]} is missing. Run npm run build:core.`,
    );
  }
  return found;
}

/**
 * A fresh instance with memory of its own; the compiled module is shared.
 * @throws MapveilError INTERNAL if the module is missing, of another version, or fails its self-test
 */
export function instantiateCore(build: CoreBuild = bestBuild()): CoreExports {
  let module = compiled.get(build);
  if (module === undefined) {
    module = new engine.Module(readFileSync(modulePath(build)));
    compiled.set(build, module);
  }
  const core = new engine.Instance(module).exports as unknown as CoreExports;
  if (core.abi_version() >>> 16 !== ABI_MAJOR) {
    throw new MapveilError("INTERNAL", "The core has another binary interface than this host.");
  }
  if (core.selftest() !== 0) {
    throw new MapveilError(
      "INTERNAL",
      "The core's self-test failed: this machine or engine computes wrongly. Do not use it.",
    );
  }
  core.wipe();
  return core;
}
