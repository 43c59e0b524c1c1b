/** Where the time of a frame goes: the core driven by hand, stage by stage. */
import { TAG_FINAL } from "../../assembly/abi.ts";
import type { Frame } from "../../host/core/frame.ts";
import { type Recording, VARIANTS } from "../inputs/frames.ts";
import { bytes } from "../inputs/random.ts";
import { policyOf, putMessages, RawCore, sealedBytesOf } from "../measure/core-driver.ts";
import { median } from "../measure/race.ts";

/** "push" has the copy of the points in it, "copy" is that of the sealed messages. */
export const STAGES = ["push", "finish", "encode", "seal", "copy"] as const;
/** Any odd-looking number will do; the host draws it at random. */
const SEED = 0x5bd1e9955bd1e995n;

/** Medians in milliseconds of each stage; `rounds` turns of all variants. */
export function stagesOf({ variants }: Recording, leafM: number, rounds: number): number[] {
  const core = new RawCore();
  const policy = policyOf(leafM);
  const samples: number[][] = STAGES.map(() => []);
  for (let turn = 0; turn < VARIANTS * (rounds + 1); turn++) {
    const marks = runStages(core, variants[turn % VARIANTS]!, policy, turn);
    if (turn < VARIANTS) continue;
    for (const [i, mark] of marks.entries()) samples[i]!.push(mark);
  }
  return samples.map(median);
}

function runStages(core: RawCore, frame: Frame, policy: Uint8Array, turn: number): number[] {
  const start = performance.now();
  core.begin(frame, policy, SEED);
  core.push(frame);
  const pushed = performance.now();
  core.finish();
  const finished = performance.now();
  const record = core.encode();
  const encoded = performance.now();
  core.beginSeal({ dataKey: bytes(32, 2 * turn + 1), streamHeader: bytes(24, 2 * turn) });
  const out = new Uint8Array(sealedBytesOf(record));
  let sealing = 0;
  putMessages(record, TAG_FINAL, out, (offset, length, tag) => {
    const before = performance.now();
    const message = core.borrowMessage(offset, length, tag);
    sealing += performance.now() - before;
    return message;
  });
  const done = performance.now();
  const rest = done - encoded - sealing;
  return [pushed - start, finished - pushed, encoded - finished, sealing, rest];
}
