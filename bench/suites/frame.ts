/**
 * A whole frame, raw points to sealed artefact, against what robots and npm offer for the same job;
 * where the time goes; and what the first frame of a fresh process takes.
 */
import { generateRecipientKey, type RecipientKeyPair } from "../../host/keys/index.ts";
import { defaultPolicy } from "../../host/policy/index.ts";
import { openVeil } from "../../host/veil/open.ts";
import { Sanitizer } from "../../host/veil/sanitizer.ts";
import { assertAlikeCells, assertSameCells } from "../inputs/cells.ts";
import { type Recording, VARIANTS } from "../inputs/frames.ts";
import { pointsOf } from "../inputs/points.ts";
import { type Context, paceOf } from "../measure/context.ts";
import { type Contender, race } from "../measure/race.ts";
import { type HalfBox, NativeChain } from "../peers/native-chain.ts";
import { NodeChain, openChain } from "../peers/node-chain.ts";
import type { MissingPeer, Suite } from "../report/report.ts";
import { type FrameCell, firstFrames, frameReport } from "./frame-report.ts";
import { stagesOf } from "./frame-stages.ts";

const LEAF_M = 0.05;
/** Tried in turn where pcl::VoxelGrid gives up at the leaf before. */
const COARSER_M = [0.1, 0.2];
/** What a lidar of 100 m sees; pcl::CropBox and our policy of the race against it keep this. */
const BOX_M: HalfBox = [100, 100, 20];
const CHAIN_SAMPLES = 8;

/** Both of ours and both chains, for one recording at one leaf. */
class Contest {
  readonly #recording: Recording;
  readonly #leafM: number;
  readonly #keys: RecipientKeyPair;
  readonly #ours: Sanitizer;
  readonly #cropped: Sanitizer;
  readonly #node: NodeChain;
  readonly #cpp: NativeChain | undefined;

  static async create(
    recording: Recording,
    leafM: number,
    keys: RecipientKeyPair,
    cpp: NativeChain | undefined,
  ): Promise<Contest> {
    const policy = { ...defaultPolicy(), leaf_m: leafM };
    const size = BOX_M.map((half) => 2 * half) as [number, number, number];
    const box = { mode: "keep" as const, centre_m: [0, 0, 0] as [number, number, number] };
    const crop = { ...policy.crop, boxes: [{ ...box, size_m: size }] };
    const recipient = keys.publicKey;
    const ours = await Sanitizer.create({ policy, recipient });
    const cropped = await Sanitizer.create({ policy: { ...policy, crop }, recipient });
    return new Contest(recording, leafM, keys, ours, cropped, cpp);
  }

  private constructor(
    recording: Recording,
    leafM: number,
    keys: RecipientKeyPair,
    ours: Sanitizer,
    cropped: Sanitizer,
    cpp: NativeChain | undefined,
  ) {
    const slots = Math.max(...recording.variants.map((frame) => frame.count));
    this.#recording = recording;
    this.#leafM = leafM;
    this.#keys = keys;
    this.#ours = ours;
    this.#cropped = cropped;
    this.#node = new NodeChain(slots, leafM, keys.publicKey);
    this.#cpp = cpp;
  }

  /** Opens what all made and compares the cells; returns on how many variants PCL gave up. */
  async verify(): Promise<number> {
    let gaveUp = 0;
    for (const [i, frame] of this.#recording.variants.entries()) {
      const what = `${this.#recording.name}, variant ${i}, ${this.#leafM} m`;
      const ours = await cellsOf(this.#ours.sanitize(frame).veil, this.#keys);
      const node = openChain(this.#node.run(frame), this.#keys);
      assertSameCells(`${what}: ours and the Node chain's`, ours, node);
      if (this.#cpp === undefined) continue;
      const cropped = await cellsOf(this.#cropped.sanitize(frame).veil, this.#keys);
      const cpp = openChain(await this.#cpp.output(this.#leafM, i), this.#keys);
      assertAlikeCells(`${what}: ours and the C++ chain's`, cropped, cpp);
      // Every point that the box keeps came out, although some share a cell.
      const kept = countInside(pointsOf(frame));
      if (cpp.length === 3 * kept && cropped.length < cpp.length) gaveUp++;
    }
    return gaveUp;
  }

  contenders(): Contender[] {
    const frameAt = (turn: number) => this.#recording.variants[turn % VARIANTS]!;
    const all: Contender[] = [
      { name: "ours", run: (turn) => this.#ours.sanitize(frameAt(turn)) },
      { name: "node", samples: CHAIN_SAMPLES, run: (turn) => this.#node.run(frameAt(turn)) },
    ];
    if (this.#cpp === undefined) return all;
    return [
      ...all,
      { name: "cropped", run: (turn) => this.#cropped.sanitize(frameAt(turn)) },
      this.#cpp.contender("cpp", this.#leafM, CHAIN_SAMPLES),
    ];
  }

  async sizes(): Promise<FrameCell["bytes"]> {
    const frame = this.#recording.variants[0]!;
    return {
      ours: this.#ours.sanitize(frame).veil.length,
      node: this.#node.run(frame).length,
      cpp: (await this.#cpp?.output(this.#leafM, 0))?.length,
    };
  }

  voxels(): number {
    return this.#ours.sanitize(this.#recording.variants[0]!).report.voxels;
  }
}

async function cellsOf(veil: Uint8Array, keys: RecipientKeyPair): Promise<Int32Array> {
  const tiles = await openVeil(veil, keys);
  if (tiles.length !== 1) throw new Error(`${tiles.length} tiles in an artefact of one frame`);
  return tiles[0]!.cells;
}

/** Points in BOX_M. */
function countInside(points: Float32Array): number {
  let inside = 0;
  for (let at = 0; at < points.length; at += 3) {
    if (BOX_M.every((half, axis) => Math.abs(points[at + axis]!) <= half)) inside++;
  }
  return inside;
}

async function measure(
  context: Context,
  recording: Recording,
  leafM: number,
  keys: RecipientKeyPair,
  cpp: NativeChain | undefined,
): Promise<FrameCell> {
  context.progress(`frame: ${recording.name} at ${leafM} m`);
  const contest = await Contest.create(recording, leafM, keys, cpp);
  const gaveUp = await contest.verify();
  const timings = await race(contest.contenders(), paceOf(context, 16));
  const byName = Object.fromEntries(timings.map((timing) => [timing.name, timing]));
  return {
    recording,
    leafM,
    isDefault: leafM === LEAF_M,
    voxels: contest.voxels(),
    bytes: await contest.sizes(),
    gaveUp,
    timings: byName as FrameCell["timings"],
    stages: stagesOf(recording, leafM, context.quick ? 5 : 20),
  };
}

/** The default leaf, and coarser ones until pcl::VoxelGrid works. */
async function measureRecording(
  context: Context,
  recording: Recording,
  keys: RecipientKeyPair,
  cpp: NativeChain | undefined,
): Promise<FrameCell[]> {
  await cpp?.load(recording);
  const cells: FrameCell[] = [];
  for (const leafM of [LEAF_M, ...COARSER_M]) {
    const cell = await measure(context, recording, leafM, keys, cpp);
    cells.push(cell);
    if (cell.gaveUp === 0) break;
  }
  return cells;
}

export async function frameSuite(context: Context): Promise<Suite> {
  if (defaultPolicy().leaf_m !== LEAF_M) throw new Error("the default policy has another leaf");
  const keys = generateRecipientKey();
  const started = await NativeChain.start(keys.publicKey, BOX_M);
  const missing: MissingPeer[] = started instanceof NativeChain ? [] : [started];
  const cpp = started instanceof NativeChain ? started : undefined;
  const cells: FrameCell[] = [];
  try {
    for (const recording of context.recordings) {
      cells.push(...(await measureRecording(context, recording, keys, cpp)));
    }
  } finally {
    await cpp?.close();
  }
  return frameReport(cells, firstFrames(), missing);
}
