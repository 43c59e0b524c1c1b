/**
 * The first size class of what is released, under `padding: classes`. It comes from what is public of
 * a release, its kind, the edge of its cells and whether the lidar is flat, and never from the home:
 * about seven of eight homes fit into it, the others into its double.
 */

/** What classes are told apart for. */
export type SizedKind = "map" | "flat map" | "grid" | "path";

interface Growth {
  /** Bytes of any release: its header, its label, its outline. */
  readonly base: number;
  /** Bytes at 1 m that grow with the edges of cells that a wall is long, and with the faces that it is large. */
  readonly edges: number;
  readonly faces: number;
}

/**
 * Fitted to 2,000 homes of seed 7 of host/attack/home.ts at 0.05 to 0.8 m, maps of a spatial lidar to
 * 40 of them; test/leak/sizes.proof.ts measures others.
 */
const GROWTH: Readonly<Record<SizedKind, Growth>> = {
  "flat map": { base: 110, edges: 72, faces: 0 },
  map: { base: 110, edges: 0, faces: 80 },
  grid: { base: 110, edges: 64, faces: 4 },
  path: { base: 110, edges: 50, faces: 0 },
};

/** First classes are multiples of it. */
const STEP_BYTES = 64;

/**
 * Bytes of the first class of a release with cells of `edgeM` metres, 0.01 to 10: whole numbers alone, so
 * that every robot finds the same one.
 */
export function firstClassBytes(kind: SizedKind, edgeM: number): number {
  const edgeMm = Math.round(edgeM * 1000);
  const { base, edges, faces } = GROWTH[kind];
  const growth = Math.ceil((edges * 1000 * edgeMm + faces * 1_000_000) / (edgeMm * edgeMm));
  return STEP_BYTES * Math.ceil((base + growth) / STEP_BYTES);
}
