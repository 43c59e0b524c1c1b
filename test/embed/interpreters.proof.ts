/** What interpreters on small machines ask of a module; docs/embedding.md tells their users. */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { engine } from "../../host/core/webassembly.ts";
import { ROOT } from "../../host/embed/tools/generate.ts";
import { parseWasm } from "../core/wasm-module.ts";

const { targets } = JSON.parse(readFileSync(join(ROOT, "asconfig.json"), "utf8")) as {
  targets: Record<string, { outFile: string }>;
};
const modules = Object.entries(targets).map(([target, { outFile }]) => ({ target, outFile }));

/**
 * Everything newer than WebAssembly 1.0, but the four that the core uses: mutable globals, sign
 * extension, conversions that saturate, bulk memory.
 */
const SWITCHED_OFF = ["simd", "multi-value", "reference-types"].map((name) => `--disable-${name}`);

function validate(file: string, options: readonly string[]): number | null {
  const validator = createRequire(import.meta.url).resolve("wabt/bin/wasm-validate");
  return spawnSync("node", [validator, ...options, file]).status;
}

describe.each(modules)("the module of target $target", ({ target, outFile }) => {
  const wasm = readFileSync(join(ROOT, outFile));
  const { globals } = parseWasm(wasm);
  const { __data_end, __heap_base, memory } = new engine.Instance(new engine.Module(wasm))
    .exports as Record<"__data_end" | "__heap_base", { value: number }> & {
    memory: { buffer: ArrayBuffer };
  };

  test("needs nothing that small engines lack", () => {
    expect(validate(join(ROOT, outFile), SWITCHED_OFF)).toBe(target.endsWith("simd") ? 1 : 0);
    expect(validate(join(ROOT, outFile), [])).toBe(0);
  });

  test("tells where its memory ends, so that WAMR gives it no more", () => {
    // WAMR keeps whole pages if the end of data, rounded up to 16, is beyond the base of the heap.
    expect(__data_end.value % 16).toBe(0);
    expect(__heap_base.value).toBe(__data_end.value);
    const { byteLength } = memory.buffer;
    expect(byteLength - __heap_base.value).toBeGreaterThanOrEqual(0);
    expect(byteLength - __heap_base.value).toBeLessThan(65_536);
  });

  test("has no global that WAMR takes for the pointer of a stack in linear memory", () => {
    // It takes the first mutable i32 that begins below the base of the heap, and leaves it alone only
    // where it begins with 0; else it traps when the global is set beyond its first value.
    const first = globals.find(
      ({ type, mutable, start }) => mutable && type === "i32" && start! <= __heap_base.value,
    );
    expect(first?.start).toBe(0);
  });
});
