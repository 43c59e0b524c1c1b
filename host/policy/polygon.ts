/** Is a no-go polygon simple, that is without crossings, spikes and repeated corners? */

export type Vertex = readonly [x: number, y: number];

/** Twice the signed area of the triangle a b c: its sign says on which side of a-b c lies. */
function turn(a: Vertex, b: Vertex, c: Vertex): number {
  return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]);
}

/** Does c, known to lie on the line through a and b, lie between them? */
function between(a: Vertex, b: Vertex, c: Vertex): boolean {
  return (
    Math.min(a[0], b[0]) <= c[0] &&
    c[0] <= Math.max(a[0], b[0]) &&
    Math.min(a[1], b[1]) <= c[1] &&
    c[1] <= Math.max(a[1], b[1])
  );
}

/** Do the closed segments a-b and c-d share a point? */
function segmentsMeet(a: Vertex, b: Vertex, c: Vertex, d: Vertex): boolean {
  const [sideC, sideD] = [Math.sign(turn(a, b, c)), Math.sign(turn(a, b, d))];
  const [sideA, sideB] = [Math.sign(turn(c, d, a)), Math.sign(turn(c, d, b))];
  if (sideC * sideD < 0 && sideA * sideB < 0) return true;
  return (
    (sideC === 0 && between(a, b, c)) ||
    (sideD === 0 && between(a, b, d)) ||
    (sideA === 0 && between(c, d, a)) ||
    (sideB === 0 && between(c, d, b))
  );
}

/** Does the path a-b-c turn back on itself at b? */
function isSpike(a: Vertex, b: Vertex, c: Vertex): boolean {
  const ahead = (b[0] - a[0]) * (c[0] - b[0]) + (b[1] - a[1]) * (c[1] - b[1]);
  return turn(a, b, c) === 0 && ahead < 0;
}

/**
 * What is wrong with a closed polygon of at least three corners, or null if it is simple. Looks at
 * the corners rounded to f32, as the core will see them; corners are counted from 0. Takes time
 * with the square of the number of corners.
 */
export function polygonFault(corners: readonly Vertex[]): string | null {
  const p = corners.map(([x, y]): Vertex => [Math.fround(x), Math.fround(y)]);
  const n = p.length;
  for (let i = 0; i < n; i++) {
    const [a, b, c] = [p[i]!, p[(i + 1) % n]!, p[(i + 2) % n]!];
    if (a[0] === b[0] && a[1] === b[1]) {
      const last = i === n - 1;
      return last
        ? "its last corner repeats the first, leave it out: a polygon closes by itself"
        : `corners ${i} and ${i + 1} are the same point, leave one out`;
    }
    if (isSpike(a, b, c)) return `it turns back on itself at corner ${(i + 1) % n}`;
  }
  for (let i = 0; i < n; i++) {
    for (let j = i + 2; j < n; j++) {
      const neighbours = i === 0 && j === n - 1;
      if (!neighbours && segmentsMeet(p[i]!, p[i + 1]!, p[j]!, p[(j + 1) % n]!)) {
        const edges = `its edge ${i}-${i + 1} meets its edge ${j}-${(j + 1) % n}`;
        return `${edges}, it must not cross itself`;
      }
    }
  }
  return null;
}
