/** The whole chain in C++: PCL's CropBox and VoxelGrid, Draco at its fastest, libsodium. */
import type { Recording } from "../inputs/frames.ts";
import { pointsOf } from "../inputs/points.ts";
import type { RemoteContender } from "../measure/race.ts";
import type { MissingPeer } from "../report/report.ts";
import { isMissing, type NativePeer, nativePeer } from "./native.ts";

/** Half the edges in metres of the box around the sensor outside of which nothing is kept. */
export type HalfBox = readonly [x: number, y: number, z: number];

export class NativeChain {
  readonly #peer: NativePeer;
  readonly #args: readonly string[];

  /** Starts the chain for this recipient and box, or says why it is not there. */
  static async start(recipient: Uint8Array, box: HalfBox): Promise<NativeChain | MissingPeer> {
    const peer = await nativePeer("chain");
    return isMissing(peer) ? peer : new NativeChain(peer, recipient, box);
  }

  private constructor(peer: NativePeer, recipient: Uint8Array, box: HalfBox) {
    this.#peer = peer;
    const corners = [...box.map((half) => -half), ...box].map(String);
    this.#args = [Buffer.from(recipient).toString("hex"), ...corners];
  }

  /** It gets the points alone, so that it need not look for empty slots. */
  load({ variants }: Pick<Recording, "variants">): Promise<void> {
    return this.#peer.load(variants.map(pointsOf));
  }

  contender(name: string, leafM: number, samples: number): RemoteContender {
    return this.#peer.contender(name, "chain", [leafM, ...this.#args], samples);
  }

  /** Sealed bytes in the form of NodeChain: openChain() opens them. */
  output(leafM: number, variant: number): Promise<Uint8Array> {
    return this.#peer.output("chain", [leafM, ...this.#args], variant);
  }

  close(): Promise<void> {
    return this.#peer.close();
  }
}
