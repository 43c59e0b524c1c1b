/** What is drawn once for a release and never leaves: how it is turned and shifted, and its holes. */
import { MapveilError } from "../core/errors.ts";
import type { Plan } from "../formats/plan.ts";
import { drawRandom, type RandomBytes, wipe } from "../keys/index.ts";
import { HOLE_RANDOM_BYTES, noGoHole, type Rectangle, type Vertex } from "../policy/index.ts";
import { type Transform, transform } from "./grid.ts";
import { PATH_LEFT_OUT, PATH_TRIM_M, type PlanRules } from "./rules.ts";

/** Shifts are uniform below this, in metres: many cells of any size, so that each place in a cell is as likely. */
const SHIFT_M = 1024;
/** More corners than any owner draws; holes take time with the square of it. */
const AREA_CORNERS_MAX = 4096;

/** Edge of the square of cells of a path after which the draw of those left out repeats. */
const LEFT_OUT_EDGE = 64;

/** Plan and path of one release share it, so that the one shows no more of a hole than the other. */
export interface ReleaseSecret {
  readonly yawRad: number;
  /** Metres, in the released frame. */
  readonly shift: Vertex;
  /** What is cut from plan and path, in the robot's map, metres. */
  readonly holes: readonly Rectangle[];
  /** What is cut from the path besides: around the dock, its start and its end. */
  readonly ends: readonly Rectangle[];
  /** A random byte for each cell of the path, by its place: those of the lowest are left out. */
  readonly pathBytes: Uint8Array;
}

/** Where the path begins and ends, and the dock: they lead to where the robot lives. */
function pathEnds({ dock, path }: Plan): Vertex[] {
  const ends: Vertex[] = dock === undefined ? [] : [[dock.x, dock.y]];
  const points = path === undefined ? 0 : Math.floor(path.length / 2);
  const pointAt = (i: number): Vertex => [path![2 * i]!, path![2 * i + 1]!];
  const isPlace = (i: number) => pointAt(i).every(Number.isFinite);
  let [first, last] = [0, points - 1];
  while (first < points && !isPlace(first)) first++;
  while (last > first && !isPlace(last)) last--;
  return first < points ? [...ends, pointAt(first), pointAt(last)] : ends;
}

/**
 * Draws what one release of a plan and of its path is hidden by: a turn and a shift that are uniform,
 * and a hole for each no-go area of the policy and of the robot's own app.
 *
 * Throws TOO_LARGE for an area of more than 4096 corners, USAGE for one without.
 */
export function drawSecret(plan: Plan, rules: PlanRules, random: RandomBytes): ReleaseSecret {
  const closed = plan.noGo.map((corners) => corners.map(({ x, y }): Vertex => [x, y]));
  const hole = (corners: readonly Vertex[], dilateM: number) => {
    if (corners.length <= AREA_CORNERS_MAX) {
      const drawn = drawRandom(random, HOLE_RANDOM_BYTES);
      const rectangle = noGoHole(corners, dilateM, drawn);
      wipe(drawn);
      return rectangle;
    }
    const message = `A no-go area has ${corners.length} corners, at most ${AREA_CORNERS_MAX} are taken.`;
    throw new MapveilError("TOO_LARGE", message);
  };
  const bytes = drawRandom(random, 12);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const uniform = (at: number) => view.getUint32(at, true) / 2 ** 32;
  const [turn, x, y] = [uniform(0), uniform(4), uniform(8)];
  wipe(bytes);
  return {
    yawRad: turn * 2 * Math.PI,
    shift: [x * SHIFT_M, y * SHIFT_M],
    holes: [...rules.noGo, ...closed].map((corners) => hole(corners, rules.dilateM)),
    ends: pathEnds(plan).map((end) => hole([end], PATH_TRIM_M)),
    pathBytes: drawRandom(random, LEFT_OUT_EDGE * LEFT_OUT_EDGE),
  };
}

/** From the robot's map in metres to cells of the release. */
export function toRelease({ yawRad, shift }: ReleaseSecret, cellM: number): Transform {
  return transform(yawRad, 1 / cellM, shift[0] / cellM, shift[1] / cellM);
}

/** Whether the cell of a path at a place of the released frame is left out of this release. */
export function isLeftOut({ pathBytes }: ReleaseSecret, x: number, y: number): boolean {
  const wrapped = (at: number) => ((at % LEFT_OUT_EDGE) + LEFT_OUT_EDGE) % LEFT_OUT_EDGE;
  return pathBytes[wrapped(y) * LEFT_OUT_EDGE + wrapped(x)]! < 256 * PATH_LEFT_OUT;
}
