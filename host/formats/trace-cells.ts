/**
 * Outlines of areas of cells, as polygons with holes: the border of each connected area is walked
 * along the edges of its cells, the area on the left hand.
 */

/** Corners of a closed line, x y a corner, in cells; the first corner is not repeated. */
export type Ring = readonly (readonly [number, number])[];

/** Outer ring anticlockwise, then the holes clockwise. */
export type CellPolygon = readonly Ring[];

/** Steps along the edges of cells, anticlockwise: east, north, west, south. */
const STEP_X = [1, 0, -1, 0] as const;
const STEP_Y = [0, 1, 0, -1] as const;

/**
 * The areas of cells with `layer`, connected over their sides. Corners where the line goes straight
 * on are left out. Cells that touch only at a corner do not connect: then rings meet in that corner
 * and never cross, so that each polygon is simple.
 */
export function traceCells(
  layers: Uint8Array,
  width: number,
  height: number,
  layer: number,
): CellPolygon[] {
  const areas = labelAreas(layers, width, height, layer);
  const isInside = (area: number, x: number, y: number) =>
    x >= 0 && y >= 0 && x < width && y < height && areas[y * width + x] === area;
  // The south edge of each cell, walked eastwards, belongs to one ring only: rings start there.
  const walked = new Uint8Array(layers.length);
  const polygons: Ring[][] = [];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const area = areas[y * width + x]!;
      if (area === 0 || walked[y * width + x] === 1 || isInside(area, x, y - 1)) continue;
      const ring = walkRing(
        (cx, cy) => isInside(area, cx, cy),
        x,
        y,
        (cx, cy) => {
          walked[cy * width + cx] = 1;
        },
      );
      // The lowest edge of an area lies on its outer ring, so that it comes before its holes.
      const polygon = polygons[area - 1];
      if (polygon) polygon.push(ring);
      else polygons[area - 1] = [ring];
    }
  }
  return polygons;
}

/** Number of the area of each cell from 1 on, 0 for other layers. */
function labelAreas(layers: Uint8Array, width: number, height: number, layer: number): Uint32Array {
  const areas = new Uint32Array(width * height);
  const open: number[] = [];
  let count = 0;
  const enter = (at: number) => {
    if (layers[at] !== layer || areas[at] !== 0) return;
    areas[at] = count;
    open.push(at);
  };
  for (let start = 0; start < areas.length; start++) {
    if (layers[start] !== layer || areas[start] !== 0) continue;
    count++;
    enter(start);
    for (let at = open.pop(); at !== undefined; at = open.pop()) {
      const x = at % width;
      if (x > 0) enter(at - 1);
      if (x < width - 1) enter(at + 1);
      if (at >= width) enter(at - width);
      if (at < areas.length - width) enter(at + width);
    }
  }
  return areas;
}

/** Walks from the lower left corner of cell x y eastwards until the ring closes. */
function walkRing(
  isInside: (x: number, y: number) => boolean,
  startX: number,
  startY: number,
  passSouthEdge: (x: number, y: number) => void,
): Ring {
  const ring: [number, number][] = [];
  let [x, y, direction] = [startX, startY, 0];
  do {
    if (direction === 0) passSouthEdge(x, y);
    x += STEP_X[direction]!;
    y += STEP_Y[direction]!;
    // Where two cells of one area touch at this corner, turning right keeps the rings apart.
    const next = [direction + 3, direction, direction + 1]
      .map((turned) => turned % 4)
      .find((turned) => isEdge(isInside, x, y, turned))!;
    if (next !== direction) ring.push([x, y]);
    direction = next;
  } while (x !== startX || y !== startY || direction !== 0);
  return ring;
}

/** True if the step from corner x y has the area on its left and something else on its right. */
function isEdge(
  isInside: (x: number, y: number) => boolean,
  x: number,
  y: number,
  direction: number,
): boolean {
  const left = [
    [x, y],
    [x - 1, y],
    [x - 1, y - 1],
    [x, y - 1],
  ][direction]!;
  const right = [
    [x, y - 1],
    [x, y],
    [x - 1, y],
    [x - 1, y - 1],
  ][direction]!;
  return isInside(left[0]!, left[1]!) && !isInside(right[0]!, right[1]!);
}
