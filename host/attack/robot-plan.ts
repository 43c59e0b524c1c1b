/** The plan that a robot makes of its scans: cells that beams ended in, cells that they went through. */
import { PLAN_FREE, PLAN_OCCUPIED, type Plan } from "../formats/plan.ts";
import { BEAMS, type Visit } from "./visit.ts";

/** Edge of a cell of a robot's own map, as most robots have it. */
export const ROBOT_CELL_M = 0.05;
/** A cell counts as occupied if a beam ended there at least this often for each that went through. */
const OCCUPIED_SHARE = 0.3;

/** What the robot knows after a visit, in its own map. */
export function robotPlan({ scans, path }: Visit): Plan {
  const box = boundsOf(scans);
  const width = Math.ceil((box.x1 - box.x0) / ROBOT_CELL_M) + 2;
  const height = Math.ceil((box.y1 - box.y0) / ROBOT_CELL_M) + 2;
  const through = new Uint16Array(width * height);
  const ends = new Uint16Array(width * height);
  for (const { x, y, yawRad, ranges } of scans) {
    const fromX = (x - box.x0) / ROBOT_CELL_M + 1;
    const fromY = (y - box.y0) / ROBOT_CELL_M + 1;
    for (let beam = 0; beam < BEAMS; beam++) {
      const range = ranges[beam]! / ROBOT_CELL_M;
      if (range === 0) continue;
      const angle = yawRad + (2 * Math.PI * beam) / BEAMS;
      const dx = Math.cos(angle);
      const dy = Math.sin(angle);
      const steps = Math.floor(range - 0.7);
      for (let step = 0; step < steps; step++) {
        through[Math.floor(fromY + step * dy) * width + Math.floor(fromX + step * dx)]!++;
      }
      ends[Math.floor(fromY + range * dy) * width + Math.floor(fromX + range * dx)]!++;
    }
  }
  const cells = new Uint8Array(width * height);
  for (let i = 0; i < cells.length; i++) {
    if (ends[i]! > OCCUPIED_SHARE * through[i]!) cells[i] = PLAN_OCCUPIED;
    else if (through[i]! > 0) cells[i] = PLAN_FREE;
  }
  const origin = { x: box.x0 - ROBOT_CELL_M, y: box.y0 - ROBOT_CELL_M, yawRad: 0 };
  return {
    cellM: ROBOT_CELL_M,
    width,
    height,
    origin,
    cells,
    rooms: [],
    path,
    noGo: [],
    metadata: [],
  };
}

function boundsOf(scans: Visit["scans"]) {
  const box = { x0: Infinity, y0: Infinity, x1: -Infinity, y1: -Infinity };
  const take = (x: number, y: number) => {
    box.x0 = Math.min(box.x0, x);
    box.y0 = Math.min(box.y0, y);
    box.x1 = Math.max(box.x1, x);
    box.y1 = Math.max(box.y1, y);
  };
  for (const { x, y, yawRad, ranges } of scans) {
    take(x, y);
    for (let beam = 0; beam < BEAMS; beam++) {
      const angle = yawRad + (2 * Math.PI * beam) / BEAMS;
      take(x + ranges[beam]! * Math.cos(angle), y + ranges[beam]! * Math.sin(angle));
    }
  }
  return box;
}
