/** The example of host/embed/README.md compiles, and makes artefacts that Node opens. */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { buildLibrary, coreName } from "../../host/embed/tools/build-c.ts";
import { ROOT } from "../../host/embed/tools/generate.ts";
import { generateRecipientKey, openVeil } from "../../host/index.ts";

const page = readFileSync(join(ROOT, "host/embed/README.md"), "utf8");
const [example] = [...page.matchAll(/```c\n([\s\S]*?)```/g)].map(([, text]) => text!);

const POINTS = 900;
/** Calls the example with points on a line, 11 cm apart, and writes what it emits to the output. */
const MAIN = `
#include <stdio.h>

static void write_out(const void *bytes, uint32_t length) { fwrite(bytes, 1, length, stdout); }

int main(void) {
  static float xyz[3 * ${POINTS}];
  uint8_t recipient[32];
  mapveil *core;
  for (int i = 0; i < ${POINTS}; i++) xyz[3 * i] = 1.0f + 0.11f * (float)i;
  if (fread(recipient, 1, sizeof recipient, stdin) != sizeof recipient) return 1;
  if (mapveil_init(&core, buffer, sizeof buffer, MAPVEIL_ABI) < 0) return 2;
  mapveil_seeds *seeds = mapveil_region(core, MAPVEIL_REGION_SEED);
  if (fread(seeds->stored, 1, sizeof seeds->stored, stdin) != sizeof seeds->stored) return 3;
  if (mapveil_seed(core) < 0) return 4;
  return seal_points(core, xyz, ${POINTS}, recipient, write_out) < 0 ? 5 : 0;
}
`;

const gcc = spawnSync("gcc", ["--version"]).status === 0;
if (!gcc) {
  if (process.env.CI) throw new Error("gcc is missing: the README's example cannot be compiled");
  console.warn("SKIPPED: the README's example is not compiled; gcc is missing here");
}

describe.skipIf(!gcc)("the example of the embedding's README", () => {
  const folder = mkdtempSync(join(tmpdir(), "mapveil-ten-lines-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test("seals points with the smallest library, and the holder of the key opens them", async () => {
    buildLibrary(folder, ["micro"]);
    writeFileSync(join(folder, "main.c"), example! + MAIN);
    const flags = ["-std=c99", "-O1", "-ffp-contract=off", "-DMAPVEIL_PROFILE_MICRO", "-Iinclude"];
    const cc = (args: readonly string[]) =>
      execFileSync("gcc", [...flags, ...args], { cwd: folder, stdio: "pipe" });
    cc(["-w", "-c", `src/${coreName("micro", false)}.c`, "-o", "core.o"]);
    const warnings = ["-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Werror"];
    cc([...warnings, "src/mapveil.c", "main.c", "core.o", "-lm", "-o", "main"]);
    const recipient = generateRecipientKey();
    const seed = Uint8Array.from({ length: 32 }, (_, i) => i + 1);
    const veil = execFileSync(join(folder, "main"), {
      input: Buffer.concat([recipient.publicKey, seed]),
    });
    const [tile, ...more] = await openVeil(veil, recipient);
    expect(more).toEqual([]);
    expect(tile!.voxels).toBe(POINTS);
    expect(tile!.leafM).toBeCloseTo(0.1, 6);
  });
});
