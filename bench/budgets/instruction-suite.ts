/** Counts against the baseline, and hostile frames against a typical one, as tables with gates. */
import { atMost, count, type Gate, type Suite, times, verdict } from "../report/report.ts";
import { type Baseline, GROWTH_MAX } from "./baseline.ts";
import { type PlayCounts, STAGES, type Stage } from "./instructions.ts";

/** What a hostile frame may cost against a typical one. */
const HOSTILE_MAX = 2;

const NOTES = [
  "Millions of instructions, counted by callgrind in what gcc makes of the core as C; not a time.",
  "What came out was the same as in Node, byte for byte, before anything was counted.",
];

const labelOf = ({ play, build }: PlayCounts) => `${play}, ${build}`;
const millions = (value: number) => (value / 1e6).toFixed(3);
const signed = (ratio: number) => `${ratio < 1 ? "" : "+"}${(100 * (ratio - 1)).toFixed(1)} %`;

/** Counts of a play and build in the baseline. */
function wasOf(baseline: Baseline, { play, build }: PlayCounts, stage: Stage): number {
  return baseline.instructions[play]?.[build]?.[stage] ?? 0;
}

/** Stages that differ from the baseline by more than a baseline is allowed to be off, as "push -7.1 %". */
function changes(counts: PlayCounts, baseline: Baseline): string {
  return STAGES.map((stage) => ({
    stage,
    ratio: counts.stages[stage] / wasOf(baseline, counts, stage),
  }))
    .filter(({ ratio }) => !(Math.abs(ratio - 1) <= GROWTH_MAX))
    .map(({ stage, ratio }) =>
      Number.isFinite(ratio) ? `${stage} ${signed(ratio)}` : `${stage} new`,
    )
    .join(", ");
}

/** Plays of the baseline that were not played; they would go unwatched. */
function lostPlays(all: readonly PlayCounts[], baseline: Baseline): string[] {
  const played = new Set(all.map(({ play }) => play));
  return Object.keys(baseline.instructions).filter((play) => !played.has(play));
}

/**
 * Every stage of every play may cost 3 % more than in the baseline.
 * @param other how the tools differ from those of the baseline: without gates then, if not empty
 */
export function instructionSuite(
  all: readonly PlayCounts[],
  baseline: Baseline,
  other: string,
): Suite {
  const gatesOf = (counts: PlayCounts): Gate[] =>
    STAGES.map((stage) =>
      atMost(
        `${labelOf(counts)}: ${stage} to baseline`,
        counts.stages[stage] / wasOf(baseline, counts, stage),
        1 + GROWTH_MAX,
      ),
    );
  const results = all.map((counts) => ({ counts, gates: other === "" ? gatesOf(counts) : [] }));
  const lost = lostPlays(all, baseline);
  const shrunk = results.some(({ counts, gates }) =>
    gates.some(
      (_, i) => counts.stages[STAGES[i]!] < (1 - GROWTH_MAX) * wasOf(baseline, counts, STAGES[i]!),
    ),
  );
  return {
    name: "instructions",
    title: "of each stage, against the baseline",
    columns: ["frame", "slots", "voxels", ...STAGES, "changes", `gate +${100 * GROWTH_MAX} %`],
    rows: results.map(({ counts, gates }) => [
      labelOf(counts),
      count(counts.slots),
      count(counts.voxels),
      ...STAGES.map((stage) => millions(counts.stages[stage])),
      changes(counts, baseline) || "-",
      verdict(...gates),
    ]),
    notes: [
      ...NOTES,
      ...(shrunk
        ? ["Some of it became cheaper: renew the baseline with --update to keep it so."]
        : []),
      ...(other === "" ? [] : [`Not held against the baseline, which other tools made: ${other}.`]),
    ],
    gates: [
      ...results.flatMap(({ gates }) => gates),
      atMost(`plays of the baseline that are gone: ${lost.join(", ") || "none"}`, lost.length, 0),
    ],
    figures: [],
    plots: [],
    missing: [],
    data: all,
  };
}

/** What hostile frames are measured in: stages together, by slots or by the bytes that are sealed. */
const UNITS: readonly { name: string; stages: readonly Stage[]; by: "slots" | "recordBytes" }[] = [
  { name: "grid", stages: ["begin", "push", "finish"], by: "slots" },
  { name: "encode", stages: ["encode"], by: "slots" },
  { name: "seal", stages: ["seal"], by: "recordBytes" },
  { name: "frame", stages: ["begin", "push", "finish", "encode", "seal"], by: "slots" },
  { name: "open", stages: ["open"], by: "recordBytes" },
  { name: "decode", stages: ["decode"], by: "slots" },
  { name: "wipe", stages: ["wipe"], by: "slots" },
];

function costs(counts: PlayCounts): number[] {
  return UNITS.map(({ stages, by }) => {
    const sum = stages.reduce((total, stage) => total + counts.stages[stage], 0);
    return sum / counts[by];
  });
}

/** Hostile frames may cost twice what a typical one does, whatever the tools. */
export function hostileSuite(all: readonly PlayCounts[], typical: string): Suite {
  const results = all
    .filter(({ hostile }) => hostile)
    .map((counts) => {
      const other = all.find(({ play, build }) => play === typical && build === counts.build);
      if (other === undefined) throw new Error(`${typical} was not played`);
      const normal = costs(other);
      const ratios = costs(counts).map((cost, i) => cost / normal[i]!);
      const gates = ratios.map((ratio, i) =>
        atMost(`${labelOf(counts)}: ${UNITS[i]!.name} to ${typical}`, ratio, HOSTILE_MAX),
      );
      return { counts, ratios, gates };
    });
  return {
    name: "hostile",
    title: `instructions a slot (seal, open: a sealed byte) to those of ${typical}`,
    columns: ["frame", "voxels", ...UNITS.map(({ name }) => name), `gate <= ${HOSTILE_MAX}x`],
    rows: results.map(({ counts, ratios, gates }) => [
      labelOf(counts),
      count(counts.voxels),
      ...ratios.map(times),
      verdict(...gates),
    ]),
    notes: ["grid: frame_begin to frame_finish. frame: all from raw points to sealed messages."],
    gates: results.flatMap(({ gates }) => gates),
    figures: [],
    plots: [],
    missing: [],
    data: results.map(({ counts, ratios }) => ({ label: labelOf(counts), ratios })),
  };
}
