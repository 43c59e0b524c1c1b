/** What a point costs, from a thousand of them to a million, the whole way and each stage. */
import type { Frame } from "../../host/core/frame.ts";
import { generateRecipientKey } from "../../host/keys/index.ts";
import { defaultPolicy } from "../../host/policy/index.ts";
import { openVeil } from "../../host/veil/open.ts";
import { Sanitizer } from "../../host/veil/sanitizer.ts";
import { assertSameCells } from "../inputs/cells.ts";
import { floatsOf, type Recording, VARIANTS } from "../inputs/frames.ts";
import { sizedFrames } from "../inputs/sized-frames.ts";
import type { Context } from "../measure/context.ts";
import { type LocalContender, median, race, type Timing } from "../measure/race.ts";
import { JsVoxelGrid } from "../peers/js-voxel-grid.ts";
import { atMost, count, milliseconds, type Suite, verdict } from "../report/report.ts";
import { STAGES, stagesOf } from "./frame-stages.ts";

const SIZES = [1000, 3000, 10_000, 30_000, 100_000, 300_000, 1_000_000];
const QUICK_SIZES = [1000, 10_000, 100_000, 1_000_000];
const GATE_FROM = 100_000;
const GATE_TO = 1_000_000;
const GATE_RATIO = 2;
/** Points that a contender works on in a round, about: small frames are sampled more often. */
const POINTS_A_ROUND = 1_000_000;
const SAMPLES_MAX = 64;
const WARMUP = 3;

interface Result {
  readonly points: number;
  readonly voxels: number;
  readonly timing: Timing;
  /** Nanoseconds of processor time a point, each sample: other programs do not make it longer. */
  readonly cpuNs: readonly number[];
  /** Nanoseconds a point of each stage. */
  readonly stagesNs: readonly number[];
}

/** Throws unless the artefact holds the cells that the plain JavaScript grid finds. */
async function verify(sanitizer: Sanitizer, frame: Frame, keys: Keys): Promise<number> {
  const { veil, report } = sanitizer.sanitize(frame);
  const [tile] = await openVeil(veil, keys);
  const { floats, stride } = floatsOf(frame);
  const grid = new JsVoxelGrid(frame.count);
  const voxels = grid.addCells(floats, stride, frame.count, defaultPolicy().leaf_m);
  const cells = new Int32Array(3 * voxels);
  grid.copyShifted(voxels, cells);
  assertSameCells(`scaling: ${frame.count} points`, tile!.cells, cells);
  return report.voxels;
}

type Keys = ReturnType<typeof generateRecipientKey>;

/** Nanoseconds a point of each stage; few turns are enough, for each is of all variants. */
function stagesNs(recording: Recording, turns: number): number[] {
  const { count: points } = recording.variants[0]!;
  return stagesOf(recording, defaultPolicy().leaf_m, turns).map((ms) => (ms * 1e6) / points);
}

async function measure({ quick }: Context, recording: Recording): Promise<Result[]> {
  const keys = generateRecipientKey();
  const sanitizer = await Sanitizer.create({ policy: defaultPolicy(), recipient: keys.publicKey });
  const all = (quick ? QUICK_SIZES : SIZES).map((points) => sizedFrames(recording, points));
  const voxels: number[] = [];
  for (const frames of all) {
    const verified = quick ? frames.slice(0, 1) : frames;
    const counts: number[] = [];
    for (const frame of verified) counts.push(await verify(sanitizer, frame, keys));
    voxels.push(counts[0]!);
  }
  const samplesOf = (points: number) =>
    Math.max(1, Math.min(SAMPLES_MAX, Math.floor(POINTS_A_ROUND / points)));
  const cpuNs: number[][] = all.map(() => []);
  const contenders = all.map((frames, i): LocalContender => {
    const points = frames[0]!.count;
    const run = (turn: number) => {
      const before = process.cpuUsage();
      sanitizer.sanitize(frames[turn % VARIANTS]!);
      const { user, system } = process.cpuUsage(before);
      cpuNs[i]!.push((1000 * (user + system)) / points);
    };
    return { name: `${count(points)} points`, samples: samplesOf(points), run };
  });
  const timings = await race(contenders, { rounds: quick ? 5 : 24, samples: 1, warmup: WARMUP });
  return all.map((frames, i) => ({
    points: frames[0]!.count,
    voxels: voxels[i]!,
    timing: timings[i]!,
    cpuNs: cpuNs[i]!.slice(WARMUP),
    stagesNs: stagesNs({ ...recording, variants: frames }, quick ? 1 : 4),
  }));
}

const nsOf = ({ points, timing }: Result) => (timing.p50 * 1e6) / points;

/** Processor time of a point of the largest frames to that at GATE_FROM, each sample. */
function growthOf(results: readonly Result[]): number[] {
  const at = (size: number) => results.find(({ points }) => points === size)!.cpuNs;
  const from = median(at(GATE_FROM));
  return at(GATE_TO).map((ns) => ns / from);
}

export async function pointsSuite(context: Context, recording: Recording): Promise<Suite> {
  const results = await measure(context, recording);
  const rounds = growthOf(results);
  const gate = atMost(
    "scaling: cost of a point at 1 M to that at 100 k",
    median(rounds),
    GATE_RATIO,
  );
  const curve = (label: string, value: (result: Result) => number) => ({
    label,
    points: results.map((result) => [result.points, value(result)] as const),
  });
  return {
    name: "scaling points",
    title: "cost against points: Sanitizer.sanitize, default policy",
    columns: [
      "points",
      "voxels",
      "p50 ms",
      "ns a point",
      "cpu ns",
      `${STAGES.join(" / ")} ns`,
      "gates",
    ],
    rows: results.map((result) => [
      count(result.points),
      count(result.voxels),
      milliseconds(result.timing.p50),
      nsOf(result).toFixed(1),
      median(result.cpuNs).toFixed(1),
      result.stagesNs.map((ns) => ns.toFixed(1)).join(" / "),
      verdict(result.points === GATE_TO ? gate : undefined),
    ]),
    notes: [
      "Verified: every artefact opens to the cells that the plain JavaScript grid finds" +
        (context.quick ? " (one variant of each size)." : "."),
      `Points of the ${recording.name}: fewer are every n-th of a scan, more are scans put together.`,
    ],
    gates: [gate],
    figures: [
      {
        name: "cost of a point at 1 M to that at 100 k",
        unit: "x",
        better: "lower",
        value: median(rounds),
        rounds,
      },
    ],
    plots: [
      {
        kind: "curves",
        title: "Cost of a point against points",
        x: { label: "points", logarithmic: true },
        y: { label: "ns a point" },
        curves: [
          curve("whole way", nsOf),
          ...STAGES.map((stage, i) => curve(stage, ({ stagesNs: ns }) => ns[i]!)),
        ],
      },
    ],
    missing: [],
    data: results,
  };
}
