/** What a ray can hit: upright prisms that stand still, and capsules that bodies are made of. */

/** Metres, in the home's own frame: x and y along the walls, z up, 0 on the floor. */
export interface Box {
  readonly kind: "box";
  readonly x0: number;
  readonly y0: number;
  readonly z0: number;
  readonly x1: number;
  readonly y1: number;
  readonly z1: number;
}

/** An upright cylinder. */
export interface Cylinder {
  readonly kind: "cylinder";
  readonly x: number;
  readonly y: number;
  readonly radius: number;
  readonly z0: number;
  readonly z1: number;
}

export type Solid = Box | Cylinder;

/** A line from a to b with everything within `radius` of it. */
export interface Capsule {
  readonly a: readonly [number, number, number];
  readonly b: readonly [number, number, number];
  readonly radius: number;
}

export interface Rectangle {
  readonly x0: number;
  readonly y0: number;
  readonly x1: number;
  readonly y1: number;
}

/** A box over a rectangle of the floor. */
export function box(ground: Rectangle, z0: number, z1: number): Box {
  const { x0, y0, x1, y1 } = ground;
  return { kind: "box", x0, y0, z0, x1, y1, z1 };
}

/** What a solid covers of the floor. */
export function groundOf(solid: Solid): Rectangle {
  if (solid.kind === "box") return solid;
  const { x, y, radius } = solid;
  return { x0: x - radius, y0: y - radius, x1: x + radius, y1: y + radius };
}

/** Whether two rectangles come closer than `gap`. */
export function meet(a: Rectangle, b: Rectangle, gap = 0): boolean {
  return a.x0 < b.x1 + gap && b.x0 < a.x1 + gap && a.y0 < b.y1 + gap && b.y0 < a.y1 + gap;
}
