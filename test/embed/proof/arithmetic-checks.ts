/** A library that was compiled against the rules computes otherwise, and says so when it starts. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { E_SELFTEST } from "../../../assembly/abi.ts";
import { coreName } from "../../../host/embed/tools/build-c.ts";
import type { Check, Place } from "./check.ts";
import { MACHINES } from "./machines.ts";
import { attempt, run } from "./run-command.ts";

/** Ends with the status of mapveil_init(), its sign turned. */
const PROGRAM = `#include "mapveil.h"
static uint8_t buffer[MAPVEIL_BUFFER_BYTES] __attribute__((aligned(MAPVEIL_BUFFER_ALIGN)));
int main(void) {
  mapveil *core;
  return (int)-mapveil_init(&core, buffer, sizeof buffer, MAPVEIL_ABI);
}
`;

async function startUnder(contraction: string, { folder, library }: Place): Promise<number> {
  const sources = ["mapveil.c", `${coreName("micro", false)}.c`];
  const program = join(folder, `start-${contraction}`);
  writeFileSync(join(folder, "main.c"), PROGRAM);
  await run("aarch64-linux-gnu-gcc", [
    ...["-std=c99", "-O2", "-w", "-static", `-ffp-contract=${contraction}`],
    ...["-DMAPVEIL_PROFILE_MICRO", `-I${join(library, "include")}`, join(folder, "main.c")],
    ...sources.map((name) => join(library, "src", name)),
    "-o",
    program,
  ]);
  const [command, ...args] = MACHINES.aarch64.command(program, []);
  return -(await attempt(command, args)).exit;
}

export const arithmeticChecks: readonly Check[] = [
  {
    name: "arithmetic: fused multiply-add",
    tools: MACHINES.aarch64.tools,
    run: async (place) => {
      const off = await startUnder("off", place);
      const fused = await startUnder("fast", place);
      if (off !== 0 || fused !== E_SELFTEST) {
        throw new Error(`mapveil_init() gives ${off} without, ${fused} with contraction`);
      }
      return "the self-test refuses a core that was compiled with -ffp-contract=fast";
    },
  },
];
