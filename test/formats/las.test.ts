import { describe, expect, it } from "vitest";
import type { Frame } from "../../host/core/frame.ts";
import { LocalCloud } from "../../host/formats/local-cloud.ts";
import { generator } from "./fuzz-support.ts";
import { type LasOptions, type LasPoint, las } from "./las-builders.ts";
import { laz } from "./laz-builder.ts";
import {
  errorOf,
  metadataOf,
  placesOf,
  positionsOf,
  readAll,
  temporaryFolder,
  valuesOf,
  writeInput,
} from "./samples.ts";

const folder = temporaryFolder();
let files = 0;
const input = (content: Uint8Array, ending = "las") =>
  writeInput(folder, `${files++}.${ending}`, content);

const POINTS: readonly LasPoint[] = [
  { xyz: [1, 2, 3], intensity: 65535 },
  { xyz: [-4000, 5001, 6], intensity: 1, withheld: true },
  { xyz: [7_000_123, -8, 9], intensity: 13107 },
];

async function only(content: Uint8Array): Promise<Frame> {
  const [frame, ...others] = await readAll(input(content));
  expect(others).toEqual([]);
  return frame!;
}

describe("LAS", () => {
  it("of every version and point format gives its points, those withheld left out", async () => {
    for (const minor of [0, 1, 2, 3, 4]) {
      for (let format = 0; format <= (minor < 4 ? 5 : 10); format++) {
        const options: LasOptions = { minor, format, extraBytes: format, offset: [10, 20, 30] };
        const frame = await only(las(POINTS, options));
        const expected = [
          [10.001, 20.002, 30.003],
          [7010.123, 19.992, 30.009],
        ];
        for (const [i, place] of placesOf(frame).entries()) {
          for (const axis of [0, 1, 2]) expect(place[axis]).toBeCloseTo(expected[i]![axis]!, 3);
        }
        expect(valuesOf(frame, frame.layout.intensity)).toEqual([1, 0.2]);
      }
    }
  });

  it("far from where its map begins keeps millimetres, in a pose of its own", async () => {
    const offset = [431_000, 5_412_000, 0] as const;
    const frame = await only(las(POINTS, { offset }));
    expect(frame.pose!.quaternion).toEqual([0, 0, 0, 1]);
    const [first] = positionsOf(frame);
    expect(Math.max(...first!.map(Math.abs))).toBeLessThan(1);
    expect(placesOf(frame)[1]![1]).toBeCloseTo(5_411_999.992, 3);
    expect(positionsOf(frame).every((point) => point.some((value) => value !== 0))).toBe(true);
    const empty = await only(las([], { offset }));
    expect([empty.count, empty.pose]).toEqual([0, undefined]);
  });

  it("in feet is turned to metres, and in degrees is refused", async () => {
    const wkt = (text: string) => ({
      records: [{ user: "LASF_Projection", id: 2112, content: Buffer.from(`${text}\0`) }],
      offset: [1000, 1000, 1000] as const,
    });
    const plane = 'PROJCS["x",GEOGCS["y",UNIT["degree",0.0174]],UNIT["US survey foot",0.3048006]]';
    const height = 'VERT_CS["z",VERT_DATUM["w",2005],UNIT["metre",1.0],AXIS["Up",UP]]';
    const [feet] = placesOf(await only(las(POINTS, wkt(plane))));
    for (const value of feet!) expect(value).toBeCloseTo(304.801, 2);
    const both = placesOf(await only(las(POINTS, wkt(`COMPD_CS["c",${plane},${height}]`))))[0]!;
    expect([both[0], both[2]].map((value) => Math.round(value!))).toEqual([305, 1000]);
    // 9002 and 9003 are the foot and the US survey foot, along the ground (3076) and upwards (4099).
    const keys = (...values: number[]) => {
      const entries = values.flatMap((unit, i) => [[3076, 4099][i]!, 0, 1, unit]);
      const content = Buffer.from(Uint16Array.of(1, 1, 0, values.length, ...entries).buffer);
      return { user: "LASF_Projection", id: 34735, content };
    };
    const { offset } = wkt("");
    for (const [units, metres] of [
      [[9002], [304.8, 304.8]],
      [
        [9003, 9001],
        [304.801, 1000],
      ],
    ] as const) {
      const [place] = placesOf(await only(las(POINTS, { offset, records: [keys(...units)] })));
      for (const axis of [0, 2]) {
        expect(Math.abs(place![axis]! - metres[axis / 2]!)).toBeLessThan(0.004);
      }
    }
    // Some call a foot a foot and give it one metre: the keys know better.
    const contrary = wkt('PROJCS["x",UNIT["foot",1]]').records;
    const [known] = placesOf(
      await only(las(POINTS, { offset, records: [...contrary, keys(9002)] })),
    );
    for (const value of known!) expect(value).toBeCloseTo(304.8, 2);
    const error = await errorOf(input(las(POINTS, wkt('GEOGCS["WGS 84",UNIT["degree",0.0174]]'))));
    expect(error).toMatchObject({ code: "BAD_INPUT" });
    expect(error.message).toMatch(/are degrees .* project it to metres/);
  });

  it("tells who made it, when, of which project and where on earth", async () => {
    const extra = Buffer.alloc(192);
    extra.write("gate_id", 4);
    extra.write("owner of the gate", 160);
    const keys = Buffer.from(Uint16Array.of(1, 1, 0, 1, 3072, 0, 1, 32632).buffer);
    const frame = await only(
      las(
        POINTS.map((point, i) => ({ ...point, source: 7001, user: 9, gpsTime: 82_000_000 + i })),
        {
          ...{ minor: 4, format: 6, system: "SN-4711 LEICA", software: "anna's exporter 3" },
          ...{ sourceId: 815, day: 123, year: 2026, isGpsAdjusted: true },
          guid: Buffer.from("78563412bc9a f0de 0102030405060708".replaceAll(" ", ""), "hex"),
          records: [
            { user: "LASF_Projection", id: 34735, description: "keys", content: keys },
            { user: "LASF_Spec", id: 3, content: Buffer.from("survey of 5 Elm Road") },
            { user: "LASF_Spec", id: 4, content: extra },
            { user: "acme", id: 9, content: Buffer.from("unit 0815") },
          ],
          extendedRecords: [{ user: "acme", id: 10, content: Uint8Array.of(0xca, 0xfe, 0, 1) }],
        },
      ),
    );
    expect(metadataOf(frame, "software")).toEqual(["SN-4711 LEICA", "anna's exporter 3"]);
    expect(metadataOf(frame, "session_id")).toEqual([
      ...["815", "12345678-9abc-def0-0102-030405060708", "7001"],
    ]);
    expect(metadataOf(frame, "wall_clock")).toEqual([
      ...["2026-05-03", "2014-04-20T03:33:02.000Z", "2014-04-20T03:33:04.000Z"],
    ]);
    expect(metadataOf(frame, "geo_position")[0]).toContain("32632");
    expect(metadataOf(frame, "comment")).toEqual([
      ...["keys", "survey of 5 Elm Road", "owner of the gate"],
    ]);
    expect(metadataOf(frame, "point_field")).toContain("gate_id");
    expect(metadataOf(frame, "raw_text")).toEqual([
      ...["acme 9: unit 0815", "acme 10: cafe0001", "user data 9"],
    ]);
    expect(metadataOf(frame, "map_origin")[0]).toBe("0 0 0");
  });

  const broken: [string, (bytes: Buffer) => Buffer, RegExp][] = [
    ["a header that is cut", (b) => b.subarray(0, 100), /has 100 of its 227 bytes/],
    ["another version", (b) => patched(b, 25, 9), /version .* is 1\.9; 1\.0 to 1\.4 are read/],
    ["a format of a later version", (b) => patched(b, 104, 6), /point format .* is 6/],
    ["a point that is too short", (b) => patched(b, 105, 3), /is 3 bytes; format 0 has 20/],
    ["points that are cut", (b) => b.subarray(0, -1), /declares 3 points .* room for 2/],
    ["an offset behind the file", (b) => patched(b, 98, 255), /do not fit version 1\.2/],
    ["no scale", (b) => b.fill(0, 131, 139), /scale \(offset 131\) is not three sound numbers/],
  ];
  it.each(broken)("with %s is refused", async (_, damage, message) => {
    const error = await errorOf(input(damage(las(POINTS))));
    expect(error).toMatchObject({ code: "BAD_INPUT" });
    expect(error.message).toMatch(message);
  });
});

function patched(bytes: Buffer, at: number, value: number): Buffer {
  bytes[at] = value;
  return bytes;
}

/** Points near one another and far apart, of several flight lines, one in nine withheld. */
function surveyed(count: number): LasPoint[] {
  const random = generator(1503);
  const below = (limit: number) => Math.floor(limit * random());
  return Array.from({ length: count }, () => ({
    xyz: [below(2 ** (1 + below(22))), below(8000) - 4000, below(2 ** (1 + below(20)))],
    intensity: below(3) === 0 ? 7 : below(65_536),
    user: below(4) === 0 ? 1 : below(256),
    source: below(5) === 0 ? 3 : below(65_536),
    withheld: below(9) === 0,
  }));
}

describe("LAZ", () => {
  it.each([
    [1, 200],
    [7, 200],
    [300, 1000],
    [50_000, 3000],
  ])("in chunks of %d has the same points plain and packed", async (chunkPoints, count) => {
    const faults = () => [
      process.listenerCount("uncaughtException"),
      process.listenerCount("unhandledRejection"),
    ];
    const before = faults();
    const feet = 'PROJCS["x",GEOGCS["y"],UNIT["US survey foot",0.3048006]]';
    const bytes = las(surveyed(count), {
      ...{ minor: 4, offset: [431_000, 5_412_000, 3], software: "anna's exporter 3" },
      records: [{ user: "LASF_Projection", id: 2112, content: Buffer.from(feet) }],
      extendedRecords: [{ user: "acme", id: 10, content: Buffer.from("unit 0815") }],
    });
    const packed = laz(bytes, chunkPoints);
    if (chunkPoints >= 300) expect(packed.length).toBeLessThan(bytes.length);
    const plain = await only(bytes);
    const unpacked = await only(packed);
    expect(plain.count).toBeGreaterThan(count / 2);
    expect(Buffer.compare(unpacked.data, plain.data)).toBe(0);
    expect(unpacked.pose).toEqual(plain.pose);
    // The first of it is the name of the file.
    expect(unpacked.metadata.slice(1)).toEqual(plain.metadata.slice(1));
    expect(metadataOf(unpacked, "raw_text")).toContain("acme 10: unit 0815");
    expect(faults()).toEqual(before);
  });

  it.each([
    ["in the record of the packing", 250],
    ["in the points", 700],
    ["in the last chunk", -30],
  ])("cut %s is refused", async (_, end) => {
    const error = await errorOf(input(laz(las(surveyed(200)), 50).subarray(0, end), "laz"));
    expect(error.code).toBe("BAD_INPUT");
    expect(error.message).toMatch(/do not fit|packed points are damaged or cut short/);
  });

  it("with damage, more points than bytes, or waveforms is refused", async () => {
    const bytes = laz(las(surveyed(200)), 50);
    const packing = 227 + 54;
    const damages: [(copy: Buffer) => void, RegExp][] = [
      [(copy) => copy.writeUInt16LE(9, packing), /damaged or cut short/],
      [(copy) => copy.writeBigInt64LE(2n ** 40n, copy.readUInt32LE(96)), /damaged or cut short/],
      [(copy) => copy.writeUInt16LE(21, 105), /damaged or cut short/],
      [(copy) => copy.writeUInt32LE(2 ** 26, 107), /no file packs more than 64 in one/],
      [
        (copy) => copy.set([0x84, 57, 0], 104),
        /have waveforms \(format 4\); unpack it with laszip/,
      ],
    ];
    for (const [damage, message] of damages) {
      const copy = Buffer.from(bytes);
      damage(copy);
      const error = await errorOf(input(copy, "laz"));
      expect(error.code).toBe("BAD_INPUT");
      expect(error.message).toMatch(message);
    }
  });
});

it("takes no memory for points that a header only declares", async () => {
  expect(() => new LocalCloud("x.las", 2 ** 28)).toThrow(/at most 134217727; split it/);
  const declared = las(POINTS, { minor: 4, format: 6 });
  declared.writeBigUInt64LE(2n ** 26n, 247);
  const error = await errorOf(input(declared));
  expect(error.message).toMatch(/declares 67108864 points .* room for 3/);
});
