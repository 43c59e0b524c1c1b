/** The sensors of the bench: their table adds up, and the frames made for them are what they say. */
import { beforeAll, describe, expect, test } from "vitest";
import { MAX_SLOTS } from "../../assembly/abi.ts";
import { assertHolds } from "../../bench/inputs/cells.ts";
import { bundled, floatsOf, frameOf, os1WithPoses, VARIANTS } from "../../bench/inputs/frames.ts";
import { RangeImage } from "../../bench/inputs/range-image.ts";
import { framesOf, resample, sourceImages } from "../../bench/inputs/resample.ts";
import { JsVoxelGrid } from "../../bench/peers/js-voxel-grid.ts";
import { labelOf, SENSORS, selectSensors, UnknownName } from "../../bench/sensors.ts";
import type { Frame } from "../../host/core/frame.ts";

const DEGREE = Math.PI / 180;
const sensorOf = (label: string) => SENSORS.find((sensor) => labelOf(sensor) === label)!;
const isEmpty = (floats: Float32Array, at: number) =>
  floats[at] === 0 && floats[at + 1] === 0 && floats[at + 2] === 0;

describe("the table", () => {
  test.each(SENSORS.map((sensor) => [labelOf(sensor), sensor] as const))("%s adds up", (_, s) => {
    // A frame has whole slots: what the wire carries is met to a slot a frame.
    expect(Math.abs(s.slots * s.rateHz - s.pointsPerSecond)).toBeLessThanOrEqual(s.rateHz);
    expect(s.slots).toBeLessThanOrEqual(MAX_SLOTS);
    expect(s.pointStep).toBeGreaterThanOrEqual(12);
    expect(s.pointStep % 2).toBe(0);
  });

  test("has every sensor and mode once, and twice the slots in dual return", () => {
    expect(new Set(SENSORS.map(labelOf)).size).toBe(SENSORS.length);
    const duals = SENSORS.filter(({ mode }) => mode === "dual");
    expect(duals.length).toBeGreaterThan(5);
    for (const dual of duals) {
      const { slots } = sensorOf(`${dual.name} single`);
      expect(Math.abs(dual.slots - 2 * slots)).toBeLessThanOrEqual(1);
    }
  });

  test("is searched by maker, name and mode", () => {
    expect(selectSensors(["os1-128 2048"], false).map(labelOf)).toEqual([
      "OS1-128 2048x10",
      "OS1-128 2048x10 dual",
    ]);
    expect(new Set(selectSensors(["HESAI"], true).map(({ maker }) => maker))).toEqual(
      new Set(["Hesai"]),
    );
    expect(() => selectSensors(["vlp", "abacus"], false)).toThrow(UnknownName);
    expect(() => selectSensors(["abacus"], false)).toThrow(/"abacus".*Ouster OS1-128 1024x10/);
    expect(selectSensors(undefined, true)).toHaveLength(6);
  });
});

/** Real points in bins of a degree. */
class Surface {
  readonly #bins = new Map<number, number[]>();

  constructor({ floats, stride }: { floats: Float32Array; stride: number }) {
    for (let at = 0; at < floats.length; at += stride) {
      if (isEmpty(floats, at)) continue;
      const point = [...floats.subarray(at, at + 3)];
      const bin = this.#binOf(point);
      if (!this.#bins.has(bin)) this.#bins.set(bin, []);
      this.#bins.get(bin)!.push(...point);
    }
  }

  #binOf([x, y, z]: readonly number[], across = 0, up = 0): number {
    const azimuth = Math.floor(Math.atan2(y!, x!) / DEGREE) + across;
    const elevation = Math.floor(Math.atan2(z!, Math.hypot(x!, y!)) / DEGREE) + up;
    return ((azimuth + 540) % 360) * 256 + elevation + 128;
  }

  distance(point: readonly number[]): number {
    let nearest = Infinity;
    for (const across of [-1, 0, 1]) {
      for (const up of [-1, 0, 1]) {
        const others = this.#bins.get(this.#binOf(point, across, up)) ?? [];
        for (let at = 0; at < others.length; at += 3) {
          const d = [0, 1, 2].map((axis) => others[at + axis]! - point[axis]!);
          nearest = Math.min(nearest, Math.hypot(d[0]!, d[1]!, d[2]!));
        }
      }
    }
    return nearest;
  }
}

const ROWS = 16;
const COLUMNS = 64;

function beamOf(i: number) {
  const azimuth = (-2 * Math.PI * Math.floor(i / ROWS)) / COLUMNS;
  return { azimuth, elevation: 15 * DEGREE * (1 - (2 * (i % ROWS)) / (ROWS - 1)) };
}

/** Column by column: 24 see a round wall at 10 m, 24 one at 40 m, 16 nothing. */
function twoWalls(): Float32Array {
  const points = new Float32Array(3 * ROWS * COLUMNS);
  for (let i = 0; i < 48 * ROWS; i++) {
    const { azimuth, elevation } = beamOf(i);
    const range = i < 24 * ROWS ? 10 : 40;
    const flat = range * Math.cos(elevation);
    const point = [flat * Math.cos(azimuth), flat * Math.sin(azimuth)];
    points.set([...point, range * Math.sin(elevation)], 3 * i);
  }
  return points;
}

describe("frames made from a real one", () => {
  let images: RangeImage[];
  let source: Frame;
  beforeAll(async () => {
    images = await sourceImages();
    source = (await os1WithPoses())[0]!.frame;
  });

  test("have the slots of the table, numbers in all of them, and no more gaps than real ones", () => {
    for (const sensor of SENSORS) {
      const frame = resample(images[0]!, sensor, 0);
      const { floats } = floatsOf(frame);
      expect(frame.count, labelOf(sensor)).toBe(sensor.slots);
      expect(floats.every(Number.isFinite), labelOf(sensor)).toBe(true);
      let valid = 0;
      for (let at = 0; at < floats.length; at += 3) if (!isEmpty(floats, at)) valid++;
      const least = (sensor.validShare ?? 0.6) - 0.15;
      const returns = sensor.second === "empty" ? 2 : 1;
      expect((returns * valid) / sensor.slots, labelOf(sensor)).toBeGreaterThan(least);
    }
  });

  test("are the same in every run, and others for another seed", () => {
    const sensor = sensorOf("VLP-16 dual");
    const bytes = (seed: number) => resample(images[1]!, sensor, seed).data;
    expect(Buffer.compare(bytes(3), bytes(3))).toBe(0);
    expect(Buffer.compare(bytes(3), bytes(4))).not.toBe(0);
  });

  test.each(["VLP-32C single", "QT128 single", "M1 single", "Mid-360 single", "RPLidar S3 2D"])(
    "%s: every point lies at a real one",
    (label) => {
      const surface = new Surface(floatsOf(source));
      const { floats } = floatsOf(resample(images[0]!, sensorOf(label), 5));
      const far: number[] = [];
      for (let at = 0; at < floats.length; at += 3) {
        if (isEmpty(floats, at)) continue;
        const point = [...floats.subarray(at, at + 3)];
        // Half a pixel, half of what ranges of a patch may differ by, and noise; planar ones are flat.
        const bound = 0.03 * Math.hypot(...point) + 0.1 + (label.endsWith("2D") ? 0.05 : 0);
        if (!(surface.distance(point) <= bound)) far.push(at / 3);
      }
      expect(far).toEqual([]);
    },
  );

  test.each(["VLP-16 dual", "OS1-128 1024x10 dual"])("%s: second returns lie behind", (label) => {
    const { beams, slots, second } = sensorOf(label);
    const { floats } = floatsOf(resample(images[0]!, sensorOf(label), 1));
    let [pairs, behind] = [0, 0];
    for (let slot = 0; slot < slots; slot++) {
      if (slot % (2 * beams) < beams || isEmpty(floats, 3 * (slot - beams))) continue;
      pairs++;
      const [one, two] = [slot - beams, slot].map((i) => floats.subarray(3 * i, 3 * i + 3));
      const same = second === "repeats" ? [...one!] : [0, 0, 0];
      if (two!.every((value, axis) => value === same[axis])) continue;
      behind++;
      const [near, far] = [Math.hypot(...one!), Math.hypot(...two!)];
      expect(far - near).toBeGreaterThan(0.29);
      expect(far - near).toBeLessThan(3.01);
      for (const axis of [0, 1, 2]) expect(two![axis]! / far).toBeCloseTo(one![axis]! / near, 5);
    }
    expect(behind / pairs).toBeGreaterThan(0.18);
    expect(behind / pairs).toBeLessThan(0.22);
  });

  test("hold nothing between two things, and nothing where nothing was seen", () => {
    const image = new RangeImage(frameOf(twoWalls()), ROWS);
    const { floats } = floatsOf(resample(image, sensorOf("Mid-360 single"), 0));
    let [near, far, empty] = [0, 0, 0];
    for (let at = 0; at < floats.length; at += 3) {
      const range = Math.hypot(...floats.subarray(at, at + 3));
      if (range === 0) empty++;
      else if (Math.abs(range - 10) < 0.1) near++;
      else if (Math.abs(range - 40) < 0.2) far++;
      else expect.unreachable(`a point at ${range} m`);
    }
    const slots = floats.length / 3;
    expect(near / slots).toBeCloseTo(24 / 64, 1);
    expect(far / slots).toBeCloseTo(24 / 64, 1);
    expect(empty / slots).toBeCloseTo(16 / 64, 1);
  });

  test("are the real points where the beams are the real ones", () => {
    const points = twoWalls();
    const image = new RangeImage(frameOf(points), ROWS);
    const point = new Float32Array(3);
    for (let i = 0; i < ROWS * COLUMNS; i++) {
      const { azimuth, elevation } = beamOf(i);
      image.sample(azimuth, elevation, () => 0, point, 0);
      const d = [0, 1, 2].map((axis) => point[axis]! - points[3 * i + axis]!);
      expect(Math.hypot(...d)).toBeLessThan(0.001);
    }
  });
});

test("what an artefact holds is compared with the plain grid cell by cell", () => {
  const positions = Float32Array.of(1, 1, 1, -2, 3, 0.5, 1, 1, 1.01, 4, -4, 2);
  const grid = new JsVoxelGrid(4);
  const cells = grid.addCells(positions, 3, 4, 0.05);
  const tile = new Int32Array(3 * cells);
  grid.copyShifted(cells, tile);
  expect(cells).toBe(3);
  assertHolds("same", tile, grid, cells);
  expect(() => assertHolds("short", tile.subarray(3), grid, cells)).toThrow("2 cells, not 3");
  const twice = Int32Array.from([...tile.subarray(0, 6), ...tile.subarray(0, 3)]);
  expect(() => assertHolds("twice", twice, grid, cells)).toThrow("cell 2 is wrong");
  expect(() => assertHolds("moved", tile.with(1, tile[1]! + 1), grid, cells)).toThrow("cell 0");
});

test("a recording of the sensor is taken if it is as full as the mode, its gaps put back", async () => {
  const images = await sourceImages();
  const recordings = [await bundled("XT32"), await bundled("AT128")];
  const real = framesOf(sensorOf("XT32 single"), images, recordings);
  expect(real.origin).toBe("real");
  expect(real.variants).toHaveLength(VARIANTS);
  const { floats } = floatsOf(real.positions[0]!);
  const kept: number[] = [];
  for (let at = 0; at < floats.length; at += 3) {
    if (!isEmpty(floats, at)) kept.push(...floats.subarray(at, at + 3));
  }
  expect(Float32Array.from(kept)).toEqual(floatsOf(recordings[0]!.variants[0]!).floats);
  for (const [i, { count, layout, data }] of real.variants.entries()) {
    expect(count).toBe(64_000);
    expect(layout.pointStep).toBe(26);
    const third = new DataView(data.buffer, data.byteOffset).getFloat32(2 * 26 + 4, true);
    expect(third).toBe(floatsOf(real.positions[i]!).floats[7]);
  }
  // Too few points for this sensor, and another mode of it.
  expect(framesOf(sensorOf("AT128 single"), images, recordings).origin).toBe("OS1-128");
  expect(framesOf(sensorOf("XT32 dual"), images, recordings).origin).toBe("OS1-128");
});
