/**
 * The tile against Draco on the same voxels: bytes, and the time from the grid to the bytes. Ours is
 * tile_encode, which sorts first; Draco's is from integers in the heap of JavaScript to its buffer.
 */
import type { Frame } from "../../host/core/frame.ts";
import { assertSameCells } from "../inputs/cells.ts";
import { VARIANTS } from "../inputs/frames.ts";
import { aggregatedMaps } from "../inputs/maps.ts";
import { type Context, paceOf } from "../measure/context.ts";
import { policyOf, RawCore } from "../measure/core-driver.ts";
import { type Contender, median, race, ratioOf } from "../measure/race.ts";
import { dracoDecode, dracoEncode } from "../peers/draco.ts";
import {
  atLeast,
  atMost,
  count,
  type Gate,
  milliseconds,
  type Suite,
  verdict,
} from "../report/report.ts";

const FRAME_LEAF = 0.05;
const SPEEDS = [0, 3, 5, 7, 10];
const GATE_BYTES = 1;
const GATE_SPEED = 2.5;
const GATE_MAP_BYTES = 0.6;

interface Subject {
  readonly label: string;
  readonly leaf: number;
  readonly variants: readonly Frame[];
  /** The most that ours may take of Draco's bytes. */
  readonly gateBytes: number;
}

interface Sizes {
  readonly cells: readonly Int32Array[];
  readonly tiles: readonly Uint8Array[];
  readonly draco: readonly number[];
  /** Draco's setting that gives the fewest bytes over all variants. */
  readonly speed: number;
}

/** Encodes every variant with both codecs, decodes both, compares the cells; throws if they differ. */
function verify(core: RawCore, { label, leaf, variants }: Subject): Sizes {
  const policy = policyOf(leaf);
  const cells: Int32Array[] = [];
  const tiles: Uint8Array[] = [];
  const sizes: number[][] = SPEEDS.map(() => []);
  for (const [i, frame] of variants.entries()) {
    const what = `${label}, variant ${i}`;
    const voxels = core.grid(frame, policy);
    const centres = core.copyVoxels(voxels);
    core.encode();
    const bytes = core.tileBytes();
    const tile = core.copyPlain(bytes);
    core.decode(bytes);
    const decoded = core.copyCells(voxels);
    const grid = new Int32Array(3 * voxels);
    for (let at = 0; at < grid.length; at++) {
      grid[at] = Math.floor(centres[4 * Math.floor(at / 3) + (at % 3)]! / Math.fround(leaf));
    }
    assertSameCells(`${what}: tile`, decoded, grid);
    for (const [k, speed] of SPEEDS.entries()) {
      const draco = dracoEncode(decoded, speed, i === 0);
      sizes[k]!.push(draco.size);
      if (draco.bytes) assertSameCells(`${what}: Draco`, dracoDecode(draco.bytes), decoded);
    }
    cells.push(decoded);
    tiles.push(tile);
  }
  const totals = sizes.map((list) => list.reduce((sum, size) => sum + size, 0));
  const best = totals.indexOf(Math.min(...totals));
  const smallest = variants.map((_, i) => Math.min(...sizes.map((list) => list[i]!)));
  return { cells, tiles, draco: smallest, speed: SPEEDS[best]! };
}

function contenders(core: RawCore, subject: Subject, sizes: Sizes): Contender[] {
  const policy = policyOf(subject.leaf);
  const { cells, tiles, speed } = sizes;
  return [
    {
      name: "tile_encode",
      prepare: (turn) => core.grid(subject.variants[turn % VARIANTS]!, policy),
      run: () => core.encode(),
    },
    {
      name: `Draco, speed ${speed}`,
      run: (turn) => dracoEncode(cells[turn % VARIANTS]!, speed, false),
    },
    {
      name: "tile_decode",
      prepare: (turn) => core.putPlain(tiles[turn % VARIANTS]!),
      run: (turn) => core.decode(tiles[turn % VARIANTS]!.length),
    },
  ];
}

async function measure(context: Context, subject: Subject) {
  const core = new RawCore();
  const sizes = verify(core, subject);
  const [ours, peer, decode] = await race(contenders(core, subject, sizes), paceOf(context));
  const shares = sizes.tiles.map((tile, i) => tile.length / sizes.draco[i]!);
  const voxels = Math.round(median(sizes.cells.map((cells) => cells.length / 3)));
  const ratio = ratioOf(peer!, ours!);
  return {
    label: subject.label,
    voxels,
    speed: sizes.speed,
    bytesPerVoxel: median(sizes.tiles.map((tile, i) => (3 * tile.length) / sizes.cells[i]!.length)),
    share: median(shares),
    worstShare: Math.max(...shares),
    ours: ours!,
    peer: peer!,
    decode: decode!,
    decodeRate: voxels / decode!.p50 / 1000,
    ratio,
  };
}

type Result = Awaited<ReturnType<typeof measure>>;

function gatesOf(subject: Subject, result: Result): Gate[] {
  const { label, gateBytes } = subject;
  return [
    atMost(`tile ${label}: bytes to Draco's`, result.worstShare, gateBytes),
    atLeast(`tile ${label}: speed`, result.ratio, GATE_SPEED),
  ];
}

async function subjects(context: Context): Promise<Subject[]> {
  const frames = context.recordings.map(({ name, variants }) => ({
    label: `${name} ${FRAME_LEAF} m`,
    leaf: FRAME_LEAF,
    variants,
    gateBytes: GATE_BYTES,
  }));
  const { real, synthetic } = await aggregatedMaps();
  const maps = [...real.slice(context.quick ? 1 : 0), synthetic].map((map) => ({
    label: `${map.name} ${map.leaf} m`,
    leaf: map.leaf,
    variants: map.variants,
    gateBytes: map === synthetic ? GATE_MAP_BYTES : GATE_BYTES,
  }));
  return [...frames, ...maps];
}

export async function tileSuite(context: Context): Promise<Suite> {
  const results: (Result & { gates: Gate[] })[] = [];
  for (const subject of await subjects(context)) {
    const result = await measure(context, subject);
    results.push({ ...result, gates: gatesOf(subject, result) });
  }
  return {
    name: "tile",
    title: "bytes and speed against Draco's KD-tree at its smallest setting (ms a tile)",
    columns: [
      ..."voxels of,voxels,bytes/voxel,to Draco's,worst,ours p50,p99,Draco p50,p99".split(","),
      ..."speed,decode Mvoxels/s,gates".split(","),
    ],
    rows: results.map((r) => [
      r.label,
      count(r.voxels),
      r.bytesPerVoxel.toFixed(3),
      r.share.toFixed(3),
      r.worstShare.toFixed(3),
      ...[r.ours.p50, r.ours.p99, r.peer.p50, r.peer.p99].map(milliseconds),
      `${r.ratio.toFixed(2)}x`,
      r.decodeRate.toFixed(1),
      verdict(...r.gates),
    ]),
    notes: [
      "Verified: both codecs give back exactly the cells of the grid, on all variants.",
      `Gates: at most Draco's bytes on the worst variant, and ${GATE_SPEED}x its speed at that setting;`,
      `the synthetic dense map at most ${GATE_MAP_BYTES} of them.`,
      "The real map is three frames in 0.2 s: it is not dense.",
    ],
    gates: results.flatMap(({ gates }) => gates),
    figures: [],
    plots: [],
    missing: [],
    data: results.map(({ gates: _, ...figures }) => figures),
  };
}
