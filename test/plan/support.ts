/** Plans to release: drawn by hand, and random numbers. */
import { bytes } from "../../bench/inputs/random.ts";
import { PLAN_FREE, PLAN_OCCUPIED, type Plan } from "../../host/formats/plan.ts";
import type { RandomBytes } from "../../host/keys/index.ts";
import type { PlanRules } from "../../host/plan/index.ts";

export const RULES: PlanRules = {
  cellM: 0.2,
  clutterM: 0.5,
  rooms: "none",
  noGo: [],
  dilateM: 0.3,
  voxelsMax: 2 ** 20,
};

/** Another draw of bytes each time it is asked, the same sequence for the same seed. */
export function seededRandom(seed: number): RandomBytes {
  let draw = 0;
  return (count) => bytes(count, Math.imul(seed + 1, 0x9e3779b1) + draw++);
}

/** A plan as text, the highest row first: `#` occupied, `.` free, a digit free in that room, else unknown. */
export function drawn(text: string, more: Partial<Plan> = {}): Plan {
  const rows = text
    .split("\n")
    .filter((row) => row !== "")
    .reverse();
  const width = Math.max(...rows.map((row) => row.length));
  const cells = new Uint8Array(width * rows.length);
  const roomOf = new Uint8Array(cells.length);
  for (const [y, row] of rows.entries()) {
    for (const [x, sign] of [...row].entries()) {
      const at = y * width + x;
      if (sign === "#") cells[at] = PLAN_OCCUPIED;
      if (/[.\d]/.test(sign)) cells[at] = PLAN_FREE;
      if (/\d/.test(sign)) roomOf[at] = Number(sign);
    }
  }
  const origin = { x: 0, y: 0, yawRad: 0 };
  return {
    ...{ cellM: 0.05, width, height: rows.length, origin, cells, roomOf },
    ...{ rooms: [], noGo: [], metadata: [], ...more },
  };
}

/** A room of so many cells of 0.05 m, with a wall of one cell around it. */
export function box(width: number, height: number, more: Partial<Plan> = {}): Plan {
  const cells = new Uint8Array(width * height).fill(PLAN_FREE);
  for (let x = 0; x < width; x++) {
    cells[x] = PLAN_OCCUPIED;
    cells[(height - 1) * width + x] = PLAN_OCCUPIED;
  }
  for (let y = 0; y < height; y++) {
    cells[y * width] = PLAN_OCCUPIED;
    cells[(y + 1) * width - 1] = PLAN_OCCUPIED;
  }
  const origin = { x: 0, y: 0, yawRad: 0 };
  return { cellM: 0.05, width, height, origin, cells, rooms: [], noGo: [], metadata: [], ...more };
}
