/** What a call into the core costs beside what it does. */
import { readFile } from "node:fs/promises";
import { run } from "../run-command.ts";
import { dumpTotals, type Meter } from "./meter.ts";

const TIMED_CALLS = 10_000_000;
const COUNTED_CALLS = 1000;
/** The least of them: what else the machine does only adds. */
const TIMED_ROUNDS = 5;

export interface Overhead {
  readonly nanoseconds: number;
  readonly instructions: number;
}

/** Of the cheapest guarded call, or of a plain one where the meter is of the C written by hand. */
export async function measureOverhead({ path }: Meter): Promise<Overhead> {
  let nanoseconds = Infinity;
  for (let round = 0; round < TIMED_ROUNDS; round++) {
    const printed = await run(path, [String(TIMED_CALLS)]);
    nanoseconds = Math.min(nanoseconds, Number(printed.split(" ")[0]));
  }
  const file = `${path}.callgrind`;
  const options = ["--tool=callgrind", "--quiet", "--instr-atstart=no", "--collect-atstart=no"];
  const command = [...options, "--combine-dumps=yes", `--callgrind-out-file=${file}`, path];
  await run("valgrind", [...command, String(COUNTED_CALLS)]);
  const [total] = dumpTotals(await readFile(file, "utf8"));
  return { nanoseconds, instructions: total! / COUNTED_CALLS };
}
