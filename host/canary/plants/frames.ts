/** Frames that carry planted values wherever a driver can put one. */
import type { Frame, MetadataField, MetadataName, PointLayout } from "../../core/frame.ts";
import { METADATA_IDS } from "../../core/metadata-ids.ts";
import type { Planter } from "../planter.ts";
import { roomPoints, sensorPlace } from "./room.ts";

/** Coordinates and attributes stand first; the rest of a point is never read. */
const POINT_BYTES = 512;
const FREE_OFFSET = 32;
/** As many as the sidecar takes with a frame. */
const METADATA_MAX = 64;
const PERIOD_NS = 1_000_000_000n;

const NAMES = Object.keys(METADATA_IDS) as MetadataName[];

/** A layout whose names, scales and offsets are planted. */
function plantedLayout(planter: Planter): PointLayout {
  const carrier = "layout of points";
  const bias = Number(planter.value("visit_time", carrier)) / 1e9;
  planter.note("visit_time", carrier, bias);
  const f32 = (offset: number) => ({ offset, type: "f32" as const });
  return {
    pointStep: POINT_BYTES,
    x: f32(0),
    y: f32(4),
    z: f32(8),
    intensity: f32(12),
    ring: { offset: 16, type: "u16" },
    time: { offset: 24, type: "f64", scale: 1, bias: -bias },
    otherFields: Array.from({ length: 40 }, () =>
      planter.next("names of point fields").slice(0, 64),
    ),
  };
}

/** Lays forms one behind the other into the free bytes of the points, over and over. */
function fillFree(data: Uint8Array, forms: readonly Uint8Array[], points: number): void {
  const fitting = forms.filter(({ length }) => length <= POINT_BYTES - FREE_OFFSET);
  let form = 0;
  for (let point = 0; point < points; point++) {
    let at = point * POINT_BYTES + FREE_OFFSET;
    const end = (point + 1) * POINT_BYTES;
    for (; at + fitting[form]!.length <= end; form = (form + 1) % fitting.length) {
      data.set(fitting[form]!, at);
      at += fitting[form]!.length + 1;
    }
  }
}

/** Reports of a frame: every name there is in turn, each with another text. */
function metadataOf(texts: readonly string[], frame: number): MetadataField[] {
  const groups = Math.ceil(texts.length / METADATA_MAX);
  const from = (frame % groups) * METADATA_MAX;
  return texts
    .slice(from, from + METADATA_MAX)
    .map((value, i) => ({ name: NAMES[(from + i + frame) % NAMES.length]!, value }));
}

/**
 * Frames of a room, a second apart, on a sensor that stands far from the origin of a surveyed map.
 * @param count at least 8, so that every text has its turn
 */
export function plantedFrames(planter: Planter, count: number): Frame[] {
  const layout = plantedLayout(planter);
  const forms = planter.bytes("bytes of points");
  const texts = planter.texts("metadata of frames");
  const place = ["whereabouts", "whereabouts", "altitude"].map((id) =>
    Number(planter.value(id, "poses")),
  );
  const startNs = BigInt(planter.value("visit_time", "stamps"));
  return Array.from({ length: count }, (_, i) => {
    const points = roomPoints(i);
    const data = new Uint8Array(points.length * POINT_BYTES);
    fillFree(data, forms, points.length);
    const view = new DataView(data.buffer);
    for (const [k, point] of points.entries()) {
      const at = k * POINT_BYTES;
      for (const [axis, metres] of point.entries()) view.setFloat32(at + 4 * axis, metres, true);
      view.setFloat32(at + 12, (k % 97) / 97, true);
      view.setUint16(at + 16, k % 32, true);
      view.setFloat64(at + 24, Number(startNs) / 1e9 + k / points.length, true);
    }
    const stampNs = startNs + BigInt(i) * PERIOD_NS;
    const translation = sensorPlace(i).map((metres, axis) => metres + place[axis]!) as [
      number,
      number,
      number,
    ];
    noteMoment(planter, stampNs);
    for (const metres of translation) planter.note("whereabouts", "poses", metres);
    return {
      count: points.length,
      layout,
      data,
      stampNs,
      pose: { translation, quaternion: [0, 0, 0, 1] as const },
      metadata: metadataOf(texts, i),
    };
  });
}

/** A stamp in the units and texts in which programs write it. */
function noteMoment(planter: Planter, ns: bigint): void {
  const iso = new Date(Number(ns / 1_000_000n)).toISOString();
  const values = [ns, ns / 1000n, ns / 1_000_000n, ns / 1_000_000_000n, Number(ns) / 1e9];
  for (const value of values) planter.note("visit_time", "stamps", value);
  planter.note("visit_time", "stamps", iso.slice(0, 19));
  planter.note("visit_time", "stamps", iso.slice(0, 19).replace("T", " "));
}
