/** Finds, checks and instantiates the WebAssembly module. */
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { ABI_MAJOR, ABI_MINOR } from "../../assembly/abi.ts";
import type { CoreExports } from "./core-exports.ts";
import { MapveilError } from "./errors.ts";
import { engine, type WasmModule } from "./webassembly.ts";

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

/** Refuses a core that this host does not fit: another major, or a minor without what it needs. */
function checkVersion(version: number): void {
  const major = version >>> 16;
  const minor = version & 0xffff;
  if (major === ABI_MAJOR && minor >= ABI_MINOR) return;
  throw new MapveilError(
    "INTERNAL",
    `The core has binary interface ${major}.${minor}, this host needs ${ABI_MAJOR}.${ABI_MINOR} or a ` +
      `later ${ABI_MAJOR}.x. Take core and host from one release, or run npm run build.`,
  );
}

/**
 * A fresh instance of a module with memory of its own, tested and wiped.
 * @throws MapveilError INTERNAL if the module is of another version, or fails its self-test
 */
export function startCore(module: WasmModule): CoreExports {
  const core = new engine.Instance(module).exports as CoreExports;
  checkVersion(core.abi_version());
  if (core.selftest() !== 0) {
    throw new MapveilError(
      "INTERNAL",
      "The core's self-test failed: this machine or engine computes wrongly. Do not use it.",
    );
  }
  core.wipe();
  return core;
}

/**
 * A fresh instance of a build; the compiled module is shared.
 * @throws MapveilError INTERNAL if the module is missing, of another version, or fails its self-test
 */
export function instantiateCore(build: CoreBuild = bestBuild()): CoreExports {
  let module = compiled.get(build);
  if (module === undefined) {
    module = new engine.Module(readFileSync(modulePath(build)));
    compiled.set(build, module);
  }
  return startCore(module);
}
