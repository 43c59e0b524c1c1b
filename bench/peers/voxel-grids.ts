/** The native voxel grids: which program has them, by what rule they grid, and what they are held to. */
import { type CellRule, ExactGrid } from "../inputs/exact-grid.ts";
import { type Recording, VARIANTS } from "../inputs/frames.ts";
import { pointsOf, slotsOf } from "../inputs/points.ts";
import type { RemoteContender } from "../measure/race.ts";
import type { MissingPeer } from "../report/report.ts";
import { isMissing, type NativeName, type NativePeer, nativePeer } from "./native.ts";

interface Grid {
  readonly title: string;
  readonly program: NativeName;
  readonly op: string;
  readonly rule: CellRule;
  /** Numbers a voxel: x y z, or the number of points as well. */
  readonly stride: 3 | 4;
}

export const NATIVE_GRIDS = {
  pcl: {
    title: "pcl::VoxelGrid",
    program: "pcl",
    op: "voxel-grid",
    rule: "multiply",
    stride: 3,
  },
  approximate: {
    title: "pcl::ApproximateVoxelGrid",
    program: "pcl",
    op: "approximate-voxel-grid",
    rule: "multiply",
    stride: 3,
  },
  open3d: {
    title: "Open3D VoxelDownSample",
    program: "open3d",
    op: "voxel-down-sample",
    rule: "from the corner",
    stride: 3,
  },
  sorted: {
    title: "sorted keys, native C++",
    program: "reference",
    op: "sorted-keys",
    rule: "divide",
    stride: 4,
  },
  c: {
    title: "the core's algorithm, native C",
    program: "reference",
    op: "bricks",
    rule: "divide",
    stride: 4,
  },
} as const satisfies Record<string, Grid>;

export type GridName = keyof typeof NATIVE_GRIDS;
export const GRID_NAMES = Object.keys(NATIVE_GRIDS) as GridName[];

/** What verification found besides. */
export interface Finding {
  /** Variants that came back as they went in: the grid gave up. */
  readonly unfiltered: number;
  /** Share of points beyond one a voxel, over all variants. */
  readonly excess: number;
}

/** The native grids that are on this machine. */
export class NativeGrids {
  readonly missing: readonly MissingPeer[];
  readonly #peers: ReadonlyMap<NativeName, NativePeer>;
  #points: readonly Float32Array[] = [];

  static async start(): Promise<NativeGrids> {
    const programs = new Set(Object.values(NATIVE_GRIDS).map(({ program }) => program));
    const found = await Promise.all([...programs].map((program) => nativePeer(program)));
    return new NativeGrids(
      new Map(found.flatMap((peer) => (isMissing(peer) ? [] : [[peer.name, peer]]))),
      found.filter(isMissing),
    );
  }

  private constructor(peers: ReadonlyMap<NativeName, NativePeer>, missing: readonly MissingPeer[]) {
    this.#peers = peers;
    this.missing = missing;
  }

  /** Grids that can be compared with. */
  get names(): readonly GridName[] {
    return GRID_NAMES.filter((name) => this.#peers.has(NATIVE_GRIDS[name].program));
  }

  /** Libraries get the points alone, so that they need not look for empty slots; "reference" does. */
  async load({ variants }: Recording): Promise<void> {
    this.#points = variants.map(pointsOf);
    const slots = variants.map(slotsOf);
    for (const [program, peer] of this.#peers) {
      await peer.load(program === "reference" ? slots : this.#points);
    }
  }

  contender(name: GridName, leafM: number): RemoteContender {
    const { program, op } = NATIVE_GRIDS[name];
    return this.#peers.get(program)!.contender(name, op, [leafM]);
  }

  /** Throws unless the grid is right by its own rule on every variant, as far as it claims to be. */
  async verify(name: GridName, leafM: number): Promise<Finding> {
    const { title, program, op, rule, stride } = NATIVE_GRIDS[name];
    let unfiltered = 0;
    let points = 0;
    let voxels = 0;
    for (let variant = 0; variant < VARIANTS; variant++) {
      const bytes = await this.#peers.get(program)!.output(op, [leafM], variant);
      const output = new Float32Array(bytes.buffer);
      const grid = new ExactGrid(this.#points[variant]!, leafM, rule);
      const what = `${title}, variant ${variant}, ${leafM} m`;
      points += output.length / stride;
      voxels += grid.size;
      if (name === "approximate") grid.assertInside(what, output);
      else if (name === "pcl" && isUnfiltered(output, this.#points[variant]!, grid)) unfiltered++;
      else grid.assertSame(what, output, stride);
    }
    return { unfiltered, excess: points / voxels - 1 };
  }

  async close(): Promise<void> {
    for (const peer of this.#peers.values()) await peer.close();
  }
}

/** Whether a grid handed the points back as they were, though some of them share a voxel. */
function isUnfiltered(output: Float32Array, points: Float32Array, grid: ExactGrid): boolean {
  if (output.length !== points.length || grid.size === points.length / 3) return false;
  return output.every((value, i) => value === points[i]);
}
