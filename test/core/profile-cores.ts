/** The modules of the smaller profiles, beside the wide one that hosts load. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Target } from "./compile.ts";
import { RawCore } from "./raw-core.ts";

export interface ProfileBuild {
  readonly target: Target;
  readonly small: boolean;
  /** Bytes of memory that the profile may need. */
  readonly memoryMax: number;
}

const MICRO = { small: true, memoryMax: 32_768 };
const STANDARD = { small: false, memoryMax: 11 << 20 };

export const PROFILE_BUILDS: readonly ProfileBuild[] = [
  { target: "micro", ...MICRO },
  { target: "micro-simd", ...MICRO },
  { target: "standard", ...STANDARD },
  { target: "standard-simd", ...STANDARD },
];

const FILES: Readonly<Record<Target, string>> = {
  baseline: "core.wasm",
  simd: "core.simd.wasm",
  standard: "core.standard.wasm",
  "standard-simd": "core.standard.simd.wasm",
  micro: "core.micro.wasm",
  "micro-simd": "core.micro.simd.wasm",
};

export function wasmOf(target: Target): Buffer {
  return readFileSync(fileURLToPath(new URL(`../../dist/${FILES[target]}`, import.meta.url)));
}

/** A fresh instance. */
export function coreOf(target: Target): RawCore {
  return RawCore.of(wasmOf(target));
}

/** A global that the module exports. */
export function globalOf(core: RawCore, name: "__heap_base" | "__data_end"): number {
  return (core.call as unknown as Record<string, { value: number }>)[name]!.value;
}
