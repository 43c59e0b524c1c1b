/**
 * Where the time of a frame goes: the bare core driven by hand through the steps of
 * Sanitizer.sanitize, each one timed alone.
 *
 * frame_push reads, crops and grids block by block, so that two of its parts come from differences:
 * the points are also copied without a push, and pushed under a policy whose crop lets none through.
 * The passes before leave a small frame in the caches, where it also is when it was just received.
 */
import { TAG_FINAL } from "../../assembly/abi.ts";
import type { Frame } from "../../host/core/frame.ts";
import { recipientKeyId, sealDataKey, systemRandom, withDataKey } from "../../host/keys/index.ts";
import { compilePolicy, defaultPolicy } from "../../host/policy/index.ts";
import { putMessages, type RawCore, sealedBytesOf } from "./core-driver.ts";
import { median } from "./race.ts";

/** In the order in which a frame goes through them. */
export const STAGES = ["copy", "read+crop", "grid", "encode", "key", "seal"] as const;
export type Stage = (typeof STAGES)[number];

/** What each is, for a reader of the table. */
export const STAGE_NOTES: Readonly<Record<Stage, string>> = {
  copy: "points in, sealed messages out",
  "read+crop": "frame_push up to the crop",
  grid: "the rest of frame_push, frame_finish",
  encode: "tile_encode, the sort with it",
  key: "X25519 box of the data key, seal_begin",
  seal: "seal_message",
};

/** Any odd-looking number will do; the host draws it at random. */
const SEED = 0x5bd1e9955bd1e995n;
const POLICY = compilePolicy(defaultPolicy()).bytes;
/** No point lies that high. */
const NOTHING_STAYS = compilePolicy({
  ...defaultPolicy(),
  crop: { ...defaultPolicy().crop, height_m: [99_999, 100_000] },
}).bytes;

/** Passes over all variants, at most. */
const PASSES_MAX = 16;

/** Medians in milliseconds over passes through `variants` of about `budgetMs`; a warm-up comes first. */
export function stagesOf(
  core: RawCore,
  variants: readonly Frame[],
  recipient: Uint8Array,
  budgetMs: number,
): Readonly<Record<Stage, number>> {
  const pass = () => variants.map((frame) => runStages(core, frame, recipient));
  const warmUpMs = timed(pass);
  const passes = Math.min(PASSES_MAX, Math.max(1, Math.floor(budgetMs / warmUpMs)));
  const frames = Array.from({ length: passes }, pass).flat();
  const samples = STAGES.map((_, i) => frames.map((times) => times[i]!));
  const medians = STAGES.map((stage, i) => [stage, Math.max(0, median(samples[i]!))] as const);
  return Object.fromEntries(medians) as Record<Stage, number>;
}

/** One frame; milliseconds in the order of STAGES. */
function runStages(core: RawCore, frame: Frame, recipient: Uint8Array): number[] {
  const copied = timed(() => core.copyIn(frame));
  const cropped = timed(() => {
    core.begin(frame, NOTHING_STAYS, SEED);
    core.push(frame);
  });
  const pushed = timed(() => {
    core.begin(frame, POLICY, SEED);
    core.push(frame);
  });
  const finished = timed(() => core.finish());
  let record = 0;
  const encoded = timed(() => {
    record = core.encode();
  });
  const keyed = timed(() => beginSeal(core, recipient));
  let sealing = 0;
  const leaving = timed(() => {
    const out = new Uint8Array(sealedBytesOf(record));
    putMessages(record, TAG_FINAL, out, (offset, length, tag) => {
      const before = performance.now();
      const message = core.borrowMessage(offset, length, tag);
      sealing += performance.now() - before;
      return message;
    });
  });
  return [
    copied + leaving - sealing,
    cropped - copied,
    pushed - cropped + finished,
    encoded,
    keyed,
    sealing,
  ];
}

/** As the sanitizer does for every artefact. */
function beginSeal(core: RawCore, recipient: Uint8Array): void {
  withDataKey((dataKey) => {
    recipientKeyId(recipient);
    sealDataKey(dataKey, recipient);
    core.beginSeal({ dataKey, streamHeader: systemRandom(24) });
  });
}

function timed(run: () => void): number {
  const start = performance.now();
  run();
  return performance.now() - start;
}
