/**
 * Does it keep up with my sensor, and at what share of a core? Every sensor of the table the whole way,
 * Sanitizer.sanitize under the default policy, and stage by stage; SIMD and baseline builds.
 */
import { generateRecipientKey, type RecipientKeyPair } from "../../host/keys/index.ts";
import { defaultPolicy } from "../../host/policy/index.ts";
import { openVeil } from "../../host/veil/open.ts";
import { Sanitizer } from "../../host/veil/sanitizer.ts";
import { assertHolds } from "../inputs/cells.ts";
import { floatsOf, VARIANTS } from "../inputs/frames.ts";
import { framesOf, type SensorFrames, sourceImages } from "../inputs/resample.ts";
import type { Context } from "../measure/context.ts";
import { RawCore } from "../measure/core-driver.ts";
import { median, race, ratioOf } from "../measure/race.ts";
import { STAGES, type Stage, stagesOf } from "../measure/stages.ts";
import { JsVoxelGrid } from "../peers/js-voxel-grid.ts";
import type { Suite } from "../report/report.ts";
import { labelOf, selectSensors, UnknownName } from "../sensors.ts";
import { SensorChains } from "./sensor-chains.ts";
import { memoryOf } from "./sensor-memory.ts";
import { type Result, sensorTable, stageTable, type Whole } from "./sensor-tables.ts";

/** What --stage takes beside the stages: the table of the whole way. */
const WHOLE = "whole";

/**
 * Milliseconds for the samples of a sensor, fewest and most rounds; milliseconds for the stages of each
 * build; rounds against the chains.
 */
const BUDGETS = {
  full: { whole: 1200, rounds: [6, 24], stages: 120, chains: 5 },
  quick: { whole: 400, rounds: [2, 8], stages: 60, chains: 2 },
} as const;
const SIMD_SAMPLES = 2 * VARIANTS;

/** What runs all sensors: loaded and warm once. */
interface Bench {
  readonly keys: RecipientKeyPair;
  readonly sanitizers: { readonly simd: Sanitizer; readonly baseline: Sanitizer };
  readonly cores: { readonly simd: RawCore; readonly baseline: RawCore };
}

async function createBench(): Promise<Bench> {
  const keys = generateRecipientKey();
  const options = { policy: defaultPolicy(), recipient: keys.publicKey };
  return {
    keys,
    sanitizers: {
      simd: await Sanitizer.create({ ...options, build: "simd" }),
      baseline: await Sanitizer.create({ ...options, build: "baseline" }),
    },
    cores: { simd: new RawCore("simd"), baseline: new RawCore("baseline") },
  };
}

/** Opens what either build makes of every variant; it must hold the cells of the plain grid. */
async function verify({ keys, sanitizers }: Bench, frames: SensorFrames): Promise<void> {
  const { leaf_m } = defaultPolicy();
  const grid = new JsVoxelGrid(frames.sensor.slots);
  for (const [i, frame] of frames.variants.entries()) {
    const { floats, stride } = floatsOf(frames.positions[i]!);
    const cells = grid.addCells(floats, stride, frame.count, leaf_m);
    // The builds make the same tile, which the tests prove; one of them a variant saves half the time.
    const build = i % 2 === 0 ? "simd" : "baseline";
    const tiles = await openVeil(sanitizers[build].sanitize(frame).veil, keys);
    const what = `${labelOf(frames.sensor)}, variant ${i}, ${build}`;
    if (tiles.length !== 1) throw new Error(`${what}: ${tiles.length} tiles`);
    assertHolds(what, tiles[0]!.cells, grid, cells);
  }
}

async function measureWhole(
  context: Context,
  { sanitizers }: Bench,
  { variants }: SensorFrames,
): Promise<Whole> {
  const frameAt = (turn: number) => variants[turn % VARIANTS]!;
  const reports = variants.map((frame) => sanitizers.simd.sanitize(frame));
  const samples: number[] = [];
  const probe = (build: "simd" | "baseline") =>
    median(variants.map((frame) => timeOf(() => sanitizers[build].sanitize(frame))));
  const round = SIMD_SAMPLES * probe("simd") + VARIANTS * probe("baseline");
  const { whole, rounds } = context.quick ? BUDGETS.quick : BUDGETS.full;
  const pace = {
    rounds: Math.min(rounds[1], Math.max(rounds[0], Math.floor(whole / round))),
    samples: VARIANTS,
    warmup: VARIANTS,
  };
  const [simd, baseline] = await race(
    [
      {
        name: "SIMD",
        samples: SIMD_SAMPLES,
        run: (turn) => samples.push(timeOf(() => sanitizers.simd.sanitize(frameAt(turn)))),
      },
      { name: "baseline", run: (turn) => sanitizers.baseline.sanitize(frameAt(turn)) },
    ],
    pace,
  );
  const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
  return {
    simd: simd!,
    baseline: baseline!,
    ratio: ratioOf(baseline!, simd!),
    sorted: samples.slice(pace.warmup).sort((a, b) => a - b),
    voxels: Math.round(mean(reports.map(({ report }) => report.voxels))),
    sealedBytes: mean(reports.map(({ veil }) => veil.length)),
    memory: memoryOf(variants[0]!),
  };
}

function timeOf(run: () => void): number {
  const start = performance.now();
  run();
  return performance.now() - start;
}

function measureStages(context: Context, { cores, keys }: Bench, { variants }: SensorFrames) {
  const { stages } = context.quick ? BUDGETS.quick : BUDGETS.full;
  const run = (core: RawCore) => stagesOf(core, variants, keys.publicKey, stages);
  return { simd: run(cores.simd), baseline: run(cores.baseline) };
}

function validShare({ positions, sensor }: SensorFrames): number {
  let valid = 0;
  for (const frame of positions) {
    const { floats } = floatsOf(frame);
    for (let at = 0; at < floats.length; at += 3) {
      if (floats[at] !== 0 || floats[at + 1] !== 0 || floats[at + 2] !== 0) valid++;
    }
  }
  return valid / (sensor.slots * VARIANTS);
}

/** The stages asked for, and whether the whole way is. */
function selectStages(names: readonly string[] | undefined): { stages: Stage[]; whole: boolean } {
  if (names === undefined) return { stages: [...STAGES], whole: true };
  const known = [WHOLE, ...STAGES];
  const unknown = names.find((name) => !known.includes(name.toLowerCase()));
  if (unknown !== undefined) {
    throw new UnknownName(`There is no stage "${unknown}". There are: ${known.join(", ")}.`);
  }
  const asked = names.map((name) => name.toLowerCase());
  return { stages: STAGES.filter((stage) => asked.includes(stage)), whole: asked.includes(WHOLE) };
}

/** The table of the sensors, then that of the stages; either may be filtered out. */
export async function sensorSuites(context: Context): Promise<Suite[]> {
  const sensors = selectSensors(context.sensors, context.quick);
  const { stages, whole } = selectStages(context.stages);
  const images = await sourceImages();
  const bench = await createBench();
  const chains = await SensorChains.start(bench.keys);
  const { chains: rounds } = context.quick ? BUDGETS.quick : BUDGETS.full;
  const results: Result[] = [];
  try {
    for (const sensor of sensors) {
      const label = labelOf(sensor);
      context.progress(`sensors: ${label}`);
      const frames = framesOf(sensor, images, context.recordings);
      await verify(bench, frames);
      results.push({
        sensor,
        label,
        origin: frames.origin,
        valid: validShare(frames),
        ...(whole && {
          whole: await measureWhole(context, bench, frames),
          chains: await chains.measure(bench.sanitizers.simd, frames, rounds),
        }),
        ...(stages.length > 0 && { stages: measureStages(context, bench, frames) }),
      });
    }
  } finally {
    await chains.close();
  }
  return [
    ...(whole ? [sensorTable(results, chains.missing)] : []),
    ...(stages.length > 0 ? [stageTable(results, stages)] : []),
  ];
}
