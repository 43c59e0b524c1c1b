/** What the host allocates a frame beside the artefact, once it is warm. */
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { atMost, count, type Suite, verdict } from "../report/report.ts";

/** Measured: 7.4 KB, somewhat more while code is not optimised: report, random numbers, data key. */
const HEAP_BYTES_MAX = 9216;
/** Measured: the sealed data key, and what it is made from. */
const BUFFER_BYTES_MAX = 256;
/** Points go in by pieces of 64 KiB, and JavaScript copies no piece without a view of it. */
const VIEW_BYTES = 96;

export interface Allocations {
  readonly name: string;
  readonly slots: number;
  /** Pieces that the points were pushed in. */
  readonly pushes: number;
  /** Bytes a frame on the JavaScript heap, the report and views included. */
  readonly heapBytes: number;
  /** Bytes a frame in array buffers, without the artefact. */
  readonly bufferBytes: number;
}

/** Measures in a fresh process, whose collector keeps out of the way. */
export async function measureAllocations(): Promise<Allocations[]> {
  const script = fileURLToPath(new URL("./allocations-process.ts", import.meta.url));
  const semiSpace = ["--min-semi-space-size=64", "--max-semi-space-size=64"];
  const command = ["--import", import.meta.resolve("tsx"), "--expose-gc", ...semiSpace, script];
  const { stdout } = await promisify(execFile)(process.execPath, command);
  return JSON.parse(stdout) as Allocations[];
}

export function allocationSuite(all: readonly Allocations[]): Suite {
  const results = all.map((one) => ({
    one,
    gates: [
      atMost(
        `${one.name}: heap bytes a frame`,
        one.heapBytes - VIEW_BYTES * one.pushes,
        HEAP_BYTES_MAX,
      ),
      atMost(`${one.name}: buffer bytes a frame`, one.bufferBytes, BUFFER_BYTES_MAX),
    ],
  }));
  return {
    name: "allocations",
    title: "bytes a frame that Sanitizer.sanitize allocates beside the artefact",
    columns: ["frame", "slots", "buffers", "heap", "of it views", "rest", "gate"],
    rows: results.map(({ one, gates }) => [
      one.name,
      count(one.slots),
      count(Math.round(one.bufferBytes)),
      count(Math.round(one.heapBytes)),
      count(VIEW_BYTES * one.pushes),
      count(Math.round(gates[0]!.value)),
      verdict(...gates),
    ]),
    notes: [
      `Limits: ${HEAP_BYTES_MAX} bytes on the heap without views of the points, ` +
        `${BUFFER_BYTES_MAX} in buffers, however many points there are.`,
    ],
    gates: results.flatMap(({ gates }) => gates),
    figures: [],
    plots: [],
    missing: [],
    data: all,
  };
}
