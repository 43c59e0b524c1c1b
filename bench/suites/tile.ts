/**
 * The tile against Draco on the same voxels, native and from npm: bytes, and the time from the grid to
 * the bytes. Ours is tile_encode, which sorts first; Draco's is from integers to its buffer.
 */
import type { Frame } from "../../host/core/frame.ts";
import { assertSameCells } from "../inputs/cells.ts";
import { VARIANTS } from "../inputs/frames.ts";
import { aggregatedMaps } from "../inputs/maps.ts";
import { type Context, paceOf } from "../measure/context.ts";
import { policyOf, RawCore } from "../measure/core-driver.ts";
import { type Contender, race } from "../measure/race.ts";
import { type CellCodec, nativeDraco, npmDraco } from "../peers/draco.ts";
import { isMissing } from "../peers/native.ts";
import type { Suite } from "../report/report.ts";
import { type Limits, type Result, tileReport } from "./tile-report.ts";

const FRAME_LEAF_M = 0.05;
/** All settings of Draco; from 4 down it makes the same bytes of points. */
const SPEEDS = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
const SPEEDS_QUICK = [0, 5, 7, 10];
const FASTEST = 10;
const FRAME: Limits = { share: 0.95, speed: 2.5 };
const LARGE_FRAME: Limits = { ...FRAME, decodeRate: 20 };
const DENSE_MAP: Limits = { share: 0.4, speed: 1 };
/** The map of a robot mower, if it is among the recordings: surfaces alone, thin and sparse. */
const MOWER_MAP = "lidar_sample";

interface Subject {
  readonly label: string;
  readonly leafM: number;
  readonly variants: readonly Frame[];
  readonly limits: Limits;
}

interface Tiles {
  readonly cells: readonly Int32Array[];
  readonly tiles: readonly Uint8Array[];
}

/** Encodes every variant, decodes it and compares the cells with those of the grid. */
function encodeAll(core: RawCore, { label, leafM, variants }: Subject): Tiles {
  const policy = policyOf(leafM);
  const cells: Int32Array[] = [];
  const tiles: Uint8Array[] = [];
  for (const [i, frame] of variants.entries()) {
    const voxels = core.grid(frame, policy);
    const centres = core.copyVoxels(voxels);
    core.encode();
    const bytes = core.tileBytes();
    const tile = core.copyPlain(bytes);
    core.decode(bytes);
    const decoded = core.copyCells(voxels);
    const grid = new Int32Array(3 * voxels);
    for (let at = 0; at < grid.length; at++) {
      grid[at] = Math.floor(centres[4 * Math.floor(at / 3) + (at % 3)]! / Math.fround(leafM));
    }
    assertSameCells(`${label}, variant ${i}: tile`, decoded, grid);
    cells.push(decoded);
    tiles.push(tile);
  }
  return { cells, tiles };
}

interface Sizes {
  /** Of each variant, at the setting that is smallest for it. */
  readonly smallest: readonly number[];
  /** The setting that gives the fewest bytes over all variants. */
  readonly speed: number;
}

/** Bytes of every variant at every setting; throws if cells do not come back. */
async function sizesOf(
  codec: CellCodec,
  label: string,
  cells: readonly Int32Array[],
  speeds: readonly number[],
): Promise<Sizes> {
  const sizes: number[][] = [];
  for (const speed of speeds) {
    const list: number[] = [];
    for (const i of cells.keys()) list.push(await codec.size(speed, i));
    sizes.push(list);
  }
  const totals = sizes.map((list) => list.reduce((sum, size) => sum + size, 0));
  const speed = speeds[totals.indexOf(Math.min(...totals))]!;
  for (const [i, expected] of cells.entries()) {
    for (const setting of [speed, FASTEST]) {
      const what = `${label}, variant ${i}: ${codec.title} at ${setting}`;
      assertSameCells(what, await codec.decode(setting, i), expected);
    }
  }
  const smallest = cells.map((_, i) => Math.min(...sizes.map((list) => list[i]!)));
  return { smallest, speed };
}

function ownContenders(core: RawCore, { leafM, variants }: Subject, tiles: Tiles): Contender[] {
  const policy = policyOf(leafM);
  return [
    {
      name: "encode",
      prepare: (turn) => core.grid(variants[turn % VARIANTS]!, policy),
      run: () => core.encode(),
    },
    {
      name: "decode",
      prepare: (turn) => core.putPlain(tiles.tiles[turn % VARIANTS]!),
      run: (turn) => core.decode(tiles.tiles[turn % VARIANTS]!.length),
    },
  ];
}

async function measure(
  context: Context,
  subject: Subject,
  codecs: readonly CellCodec[],
): Promise<Result> {
  const core = new RawCore();
  const own = encodeAll(core, subject);
  const speeds = context.quick ? SPEEDS_QUICK : SPEEDS;
  const contenders = ownContenders(core, subject, own);
  const settings: Sizes[] = [];
  for (const codec of codecs) {
    await codec.load(own.cells);
    const sizes = await sizesOf(codec, subject.label, own.cells, speeds);
    settings.push(sizes);
    contenders.push(codec.contender("smallest", sizes.speed), codec.contender("fastest", FASTEST));
  }
  const [encode, decode, ...peers] = await race(contenders, paceOf(context));
  return {
    label: subject.label,
    limits: subject.limits,
    voxels: own.cells.map((cells) => cells.length / 3),
    bytes: own.tiles.map((tile) => tile.length),
    encode: encode!,
    decode: decode!,
    peers: codecs.map(({ title }, i) => ({
      title,
      speed: settings[i]!.speed,
      bytes: settings[i]!.smallest,
      smallest: peers[2 * i]!,
      fastest: peers[2 * i + 1]!,
    })),
  };
}

async function subjects(context: Context): Promise<Subject[]> {
  const frames = context.recordings.map(({ name, variants, large }) => {
    const isMap = name === MOWER_MAP;
    return {
      label: `${isMap ? "robot mower's map" : name} ${FRAME_LEAF_M} m`,
      leafM: FRAME_LEAF_M,
      variants,
      limits: isMap ? {} : large ? LARGE_FRAME : FRAME,
    };
  });
  const { real, synthetic } = await aggregatedMaps();
  const maps = [...real.slice(context.quick ? 1 : 0), synthetic].map((map) => ({
    label: `${map.name} ${map.leaf} m`,
    leafM: map.leaf,
    variants: map.variants,
    limits: map === synthetic ? DENSE_MAP : FRAME,
  }));
  return [...frames, ...maps];
}

export async function tileSuite(context: Context): Promise<Suite> {
  const native = await nativeDraco();
  const codecs = [...(isMissing(native) ? [] : [native]), npmDraco()];
  const results: Result[] = [];
  try {
    for (const subject of await subjects(context)) {
      context.progress(`tile: ${subject.label}`);
      results.push(await measure(context, subject, codecs));
    }
  } finally {
    for (const codec of codecs) await codec.close();
  }
  return tileReport(results, isMissing(native) ? [native] : []);
}
