/** The map in a stream's thread: which one it is, and under which rules. */
import type { Frame } from "../core/frame.ts";
import { defaultPolicy, isGathered } from "../policy/index.ts";
import { MapMaker } from "../veil/map-maker.ts";
import type {
  HeldScan,
  MadeRelease,
  ReleaseTerms,
  ScanTerms,
  StreamRules,
} from "./frame-worker.ts";

export class ThreadMap {
  readonly #maker: MapMaker;
  #rules: StreamRules | undefined;
  /** Number of the map that the maker has. */
  #map: number | undefined;

  /** Loads what maps are made with; takes as long as the loading of a core. */
  static async create(recipient: Uint8Array): Promise<ThreadMap> {
    return new ThreadMap(await MapMaker.create({ recipient, policy: defaultPolicy() }));
  }

  private constructor(maker: MapMaker) {
    this.#maker = maker;
  }

  /** Whether the rules let nothing leave but maps, or plans made of them. */
  get isOnly(): boolean {
    return this.#rules !== undefined && isGathered(this.#rules.policy.level);
  }

  /** Rules of the maps that are begun from now on. */
  setRules(rules: StreamRules): void {
    this.#rules = rules;
  }

  /**
   * Takes a scan, all of it or nothing.
   * @throws MapveilError as MapMaker.add does
   */
  scan(frame: Frame, { map, level }: ScanTerms): HeldScan {
    if (map !== this.#map) {
      // Not this one's until it has begun: a release must not find the map before it.
      this.#map = undefined;
      this.#maker.begin({ ...this.#rules!, level });
      this.#map = map;
    }
    const { scans, heldScans } = this.#maker.add(frame);
    return { scans, heldBack: heldScans };
  }

  /** What may leave of a map by now; undefined if nothing may, or if there is no such map. */
  release({ map, epoch }: ReleaseTerms): MadeRelease | undefined {
    if (map !== this.#map) return undefined;
    const made = this.#maker.release(epoch);
    if (made === undefined) return undefined;
    const { veil, report } = made;
    const { scans, heldScans, cells, removed } = report;
    return { veil, scans: scans - heldScans, voxels: cells, removed };
  }

  /** Zeroes the map. */
  forget(): void {
    this.#map = undefined;
    this.#maker.wipe();
  }
}
