/** No branch and no address of the seal depends on a secret, in the C that is made of it. */
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runWasm2c, translate } from "../../host/embed/tools/translate-core.ts";
import { compileModule } from "./module.ts";

const EMBED = fileURLToPath(new URL("../../host/embed/", import.meta.url));
/** micro has one page of memory. */
const PAGE_BYTES = 65536;
const PLAYER = fileURLToPath(new URL("./constant-time.c", import.meta.url));

const missing = [
  ...["gcc", "valgrind"].filter((tool) => spawnSync(tool, ["--version"]).status !== 0),
  ...["/usr/include/valgrind/memcheck.h"].filter((file) => !existsSync(file)),
];
if (missing.length > 0) {
  if (process.env.CI) throw new Error(`secrets cannot be followed: no ${missing.join(", no ")}`);
  console.warn(
    `SKIPPED: secrets are not followed through the seal; no ${missing.join(", no ")} here`,
  );
}

let folder: string;
let program: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "mapveil-constant-time-"));
  program = join(folder, "player");
  if (missing.length > 0) return;
  const wasm = join(folder, "core.wasm");
  writeFileSync(wasm, await compileModule("test/seal/constant-time.as.ts", "micro"));
  const core = translate(runWasm2c(wasm), PAGE_BYTES);
  const files = {
    "mapveil_sizes.h": `#define MAPVEIL_HEAD_BYTES ${core.headBytes}u
#define MAPVEIL_LINEAR_BYTES ${core.linearBytes}u
`,
    "core.h": `#include "instance.h"
struct mapveil {
  mapveil_guard guard;
${core.globals.join("\n")}
};
${core.exports.map(({ name }) => `core_export core_${name};`).join("\n")}
`,
    "core.c": `#include "core.h"
#include "core-runtime.h"
${core.declarations}
${core.segments}
void core_reset(mapveil *instance) {
${[...core.startValues, ...core.copies].join("\n")}
}
${core.functions}
`.replace(/\bw2c_core\s*\*/g, "mapveil *"),
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  const includes = [folder, join(EMBED, "include"), join(EMBED, "src")].map((path) => `-I${path}`);
  const flags = ["-std=gnu11", "-O2", "-w", "-DMAPVEIL_PROFILE_MICRO", ...includes];
  execFileSync("gcc", [...flags, PLAYER, join(folder, "core.c"), "-lm", "-o", program]);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Branches and addresses that depend on the secrets of a part. */
function reports(part: string): number {
  const { status, stderr } = spawnSync("valgrind", [program, part], { encoding: "utf8" });
  const summary = /ERROR SUMMARY: \d+ errors from (\d+) contexts/.exec(stderr);
  if (status !== 0 || !summary) throw new Error(`valgrind failed (${status}): ${stderr}`);
  return Number(summary[1]);
}

const skip = missing.length > 0;

test.skipIf(skip).each(["x25519", "stream", "hash"])("%s depends on no secret", (part) => {
  expect(reports(part)).toBe(0);
});

test.skipIf(skip)(
  "a sealed box depends on whether the shared point is zero, and on no more",
  () => {
    expect(reports("box")).toBe(1);
  },
);
