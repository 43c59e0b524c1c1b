/** Each sensor against the chains that robots and npm offer for the same job. */
import type { RecipientKeyPair } from "../../host/keys/index.ts";
import { defaultPolicy } from "../../host/policy/index.ts";
import { openVeil } from "../../host/veil/open.ts";
import type { Sanitizer } from "../../host/veil/sanitizer.ts";
import { assertAlikeCells, assertSameCells } from "../inputs/cells.ts";
import { VARIANTS } from "../inputs/frames.ts";
import { pointsOf } from "../inputs/points.ts";
import type { SensorFrames } from "../inputs/resample.ts";
import { type Contender, race, type Timing } from "../measure/race.ts";
import { NativeChain } from "../peers/native-chain.ts";
import { NodeChain, openChain } from "../peers/node-chain.ts";
import type { MissingPeer } from "../report/report.ts";
import { labelOf } from "../sensors.ts";

/** So large that pcl::CropBox keeps all: our default policy keeps all, too. */
const EVERYTHING_M = [10_000, 10_000, 10_000] as const;
/** Variants whose artefacts of both chains are opened; the frame suite opens all. */
const OPENED = [0, VARIANTS - 1];
const SAMPLES = 4;

export interface ChainTimings {
  readonly ours: Timing;
  readonly node: Timing;
  readonly cpp?: Timing;
  /** Whether pcl::VoxelGrid gave up on a variant that was opened, and let the cloud pass as it was. */
  readonly gaveUp: boolean;
}

export class SensorChains {
  readonly #keys: RecipientKeyPair;
  readonly #leafM = defaultPolicy().leaf_m;
  readonly #cpp: NativeChain | undefined;
  /** The chain in C++, if it is not on this machine. */
  readonly missing: readonly MissingPeer[];

  static async start(keys: RecipientKeyPair): Promise<SensorChains> {
    const cpp = await NativeChain.start(keys.publicKey, EVERYTHING_M);
    return cpp instanceof NativeChain
      ? new SensorChains(keys, cpp, [])
      : new SensorChains(keys, undefined, [cpp]);
  }

  private constructor(
    keys: RecipientKeyPair,
    cpp: NativeChain | undefined,
    missing: readonly MissingPeer[],
  ) {
    this.#keys = keys;
    this.#cpp = cpp;
    this.missing = missing;
  }

  /** Opens what the chains make of some variants, then races both against the sanitizer. */
  async measure(sanitizer: Sanitizer, frames: SensorFrames, rounds: number): Promise<ChainTimings> {
    const { sensor, variants, positions } = frames;
    const node = new NodeChain(sensor.slots, this.#leafM, this.#keys.publicKey);
    await this.#cpp?.load({ variants: positions });
    const gaveUp = await this.#verify(sanitizer, node, frames);
    const contenders: Contender[] = [
      { name: "ours", run: (turn) => sanitizer.sanitize(variants[turn % VARIANTS]!) },
      { name: "Node chain", run: (turn) => node.run(positions[turn % VARIANTS]!) },
    ];
    if (this.#cpp) contenders.push(this.#cpp.contender("C++ chain", this.#leafM, SAMPLES));
    const pace = { rounds, samples: SAMPLES, warmup: SAMPLES };
    const [ours, theirs, cpp] = await race(contenders, pace);
    return { ours: ours!, node: theirs!, ...(cpp && { cpp }), gaveUp };
  }

  async #verify(sanitizer: Sanitizer, node: NodeChain, frames: SensorFrames): Promise<boolean> {
    let gaveUp = false;
    for (const i of OPENED) {
      const what = `${labelOf(frames.sensor)}, variant ${i}`;
      const [tile] = await openVeil(sanitizer.sanitize(frames.variants[i]!).veil, this.#keys);
      const theirs = openChain(node.run(frames.positions[i]!), this.#keys);
      assertSameCells(`${what}: ours and the Node chain's`, tile!.cells, theirs);
      if (this.#cpp === undefined) continue;
      const native = openChain(await this.#cpp.output(this.#leafM, i), this.#keys);
      assertAlikeCells(`${what}: ours and the C++ chain's`, tile!.cells, native);
      const points = pointsOf(frames.positions[i]!).length;
      gaveUp ||= native.length === points && tile!.cells.length < points;
    }
    return gaveUp;
  }

  async close(): Promise<void> {
    await this.#cpp?.close();
  }
}
