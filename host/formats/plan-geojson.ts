/**
 * Plans as a FeatureCollection of polygons (the geometry of RFC 7946), in metres of the plan's own
 * frame instead of degrees: the lower left corner of the plan is 0 0, x to the right, y up.
 */
import {
  LAYER_FREE,
  LAYER_NONE,
  LAYER_OCCUPIED,
  LAYER_ROOMS,
  type PlanTile,
  ROOM_TYPES,
} from "./plan.ts";
import { traceCells } from "./trace-cells.ts";

/** A polygon for each connected area; properties: type wall, free, path or room, and the room's type. */
export function planGeoJson(tile: PlanTile, kind: "grid" | "path"): string {
  const { layers, width, height, cellM } = tile;
  const present = new Uint8Array(LAYER_NONE + 1);
  for (let at = 0; at < width * height; at++) present[layers[at]!] = 1;
  // Steps of a micrometre, so that 3 * 0.2 is written as 0.6.
  const metres = (cells: number) => Number((cells * cellM).toFixed(6));
  const features = [...present.keys()]
    .filter((layer) => layer !== LAYER_NONE && present[layer] === 1)
    .flatMap((layer) =>
      traceCells(layers, width, height, layer).map((polygon) => ({
        type: "Feature",
        properties: propertiesOf(layer, kind),
        geometry: {
          type: "Polygon",
          coordinates: polygon.map((ring) =>
            [...ring, ring[0]!].map(([x, y]) => [metres(x), metres(y)]),
          ),
        },
      })),
    );
  return `${JSON.stringify({ type: "FeatureCollection", unit: "metre", features })}\n`;
}

function propertiesOf(layer: number, kind: "grid" | "path"): Record<string, string> {
  if (kind === "path") return { type: "path" };
  if (layer === LAYER_OCCUPIED) return { type: "wall" };
  if (layer === LAYER_FREE) return { type: "free" };
  return { type: "room", room: ROOM_TYPES[layer - LAYER_ROOMS]! };
}
