import { describe, expect, it } from "vitest";
import type { Frame } from "../../host/core/frame.ts";
import { parseXml } from "../../host/formats/xml-tree.ts";
import { type BuiltField, e57 } from "./e57-builders.ts";
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
const input = (content: Uint8Array) => writeInput(folder, `${files++}.e57`, content);

async function only(content: Uint8Array): Promise<Frame> {
  const [frame, ...others] = await readAll(input(content));
  expect(others).toEqual([]);
  return frame!;
}

function close(found: number[][], expected: readonly (readonly number[])[], digits = 4): void {
  expect(found.length).toBe(expected.length);
  for (const [i, place] of found.entries()) {
    for (const axis of [0, 1, 2]) expect(place[axis]).toBeCloseTo(expected[i]![axis]!, digits);
  }
}

const AXES = ["X", "Y", "Z"] as const;
const axes = (field: Omit<BuiltField, "name">): BuiltField[] =>
  AXES.map((axis) => ({ ...field, name: `cartesian${axis}` }));

describe("E57", () => {
  it("takes integers of any width, wherever a packet cuts them, over many pages", async () => {
    for (const bits of [1, 7, 8, 13, 19, 21, 31, 32, 33, 40]) {
      const minimum = -(2n ** BigInt(bits - 1));
      const field = { bits, minimum, scale: 2 ** (4 - bits), offset: 100 };
      const span = 2n ** BigInt(bits);
      const rows = Array.from({ length: 120 }, (_, i) =>
        [7n, 11n, 13n].map((prime) => minimum + ((BigInt(i) * prime * 987_654_321n) % span)),
      );
      const frame = await only(e57({ fields: axes(field), rows, packetPoints: 17 }));
      close(
        placesOf(frame),
        rows.map((row) => row.map((raw) => Number(raw) * field.scale + 100)),
      );
    }
  });

  it("takes floats and angles, leaves out what is not valid, and puts a scan where it stood", async () => {
    const pose =
      '<pose type="Structure"><rotation type="Structure"><w type="Float">0.7071067811865476</w>' +
      '<x type="Float"/><y type="Float">0</y><z type="Float">0.7071067811865476</z></rotation>' +
      '<translation type="Structure"><x type="Float">431000</x><y type="Float">5412000</y>' +
      '<z type="Float">10</z></translation></pose>';
    const invalid = { name: "cartesianInvalidState", bits: 2 };
    const fields = [...axes({ bits: "double" }), invalid];
    const rows = [
      [1, 2, 3, 0n],
      [9, 9, 9, 2n],
      [4, 0, -1, 0n],
    ];
    const frame = await only(e57({ fields, rows, scan: pose }));
    close(placesOf(frame), [
      [430_998, 5_412_001, 13],
      [431_000, 5_412_004, 9],
    ]);
    expect(Math.max(...positionsOf(frame).flat().map(Math.abs))).toBeLessThan(10);
    const angles = ["Range", "Azimuth", "Elevation"].map((name) => ({
      ...{ name: `spherical${name}`, bits: "single" as const },
    }));
    const turned = await only(e57({ fields: angles, rows: [[2, Math.PI / 2, Math.PI / 6]] }));
    close(placesOf(turned), [[0, Math.sqrt(3), 1]]);
  });

  it("spreads intensities over the range that the file names", async () => {
    const fields = [...axes({ bits: "single" }), { name: "intensity", bits: 12 }];
    const rows = [0n, 1000n, 2000n].map((value, i) => [i, 1, 1, value]);
    const limits =
      '<intensityLimits type="Structure"><intensityMinimum type="Integer"/>' +
      '<intensityMaximum type="Integer">2000</intensityMaximum></intensityLimits>';
    const frame = await only(e57({ fields, rows, scan: limits }));
    const shades = valuesOf(frame, frame.layout.intensity);
    for (const [i, shade] of shades.entries()) expect(shade).toBeCloseTo(i / 2, 4);
  });

  it("tells scanner, people, times and places, and what people wrote", async () => {
    const say = (name: string, text: string) => `<${name} type="String">${text}</${name}>`;
    const frame = await only(
      e57({
        fields: [...axes({ bits: "single" }), { name: "anna:mark", bits: 8 }],
        rows: [[1, 2, 3, 4n]],
        root:
          say("guid", "{A-1}") +
          say("coordinateMetadata", '<![CDATA[PROJCS["UTM 32"]]]>') +
          '<creationDateTime type="Structure"><dateTimeValue type="Float">987654321.5' +
          "</dateTimeValue></creationDateTime>" +
          `<images2D type="Vector"><vectorChild type="Structure">${say("sensorModel", "EOS &amp; 5")}` +
          "</vectorChild></images2D>",
        scan:
          say("name", "bedroom of Anna") +
          say("sensorSerialNumber", "LLS071234567") +
          say("sensorModel", "Focus S 150") +
          say("sensorFirmwareVersion", "6.7.1") +
          say("anna:owner", "Anna Muster"),
      }),
    );
    const expected = {
      session_id: ["{A-1}"],
      geo_position: ['PROJCS["UTM 32"]'],
      wall_clock: ["987654321.5"],
      comment: ["bedroom of Anna"],
      serial_number: ["LLS071234567"],
      sensor_model: ["Focus S 150"],
      part_number: ["EOS & 5"],
      firmware: ["6.7.1"],
      raw_text: ["anna:owner: Anna Muster"],
      point_field: ["anna:mark"],
    } as const;
    for (const [name, values] of Object.entries(expected)) {
      expect(metadataOf(frame, name as keyof typeof expected), name).toEqual(values);
    }
    expect(frame.layout.otherFields).toEqual(["other"]);
  });

  const plain = { fields: axes({ bits: "single" }), rows: [[1, 2, 3]] };
  const changed = (at: number) => {
    const bytes = e57(plain);
    bytes[at]! ^= 1;
    return bytes;
  };
  it.each([
    ["a page that changed", changed(60), /checksum of the page at offset 0 is wrong/],
    ["its end missing", e57(plain).subarray(0, 1000), /1000 bytes are less than a page/],
    ["more points than bytes", e57({ ...plain, recordCount: 9 }), /packet|ends before|checksum/],
    ["no coordinates", e57({ fields: [{ name: "a", bits: 8 }], rows: [[1n]] }), /no coordinates/],
    [
      "points without a byte",
      e57({ fields: axes({ bits: 0 }), rows: [[0n, 0n, 0n]], recordCount: 10 ** 8 }),
      /have no bytes at all/,
    ],
    ["a document type", e57({ ...plain, root: "<!DOCTYPE x>" }), /no sound XML/],
    ["too many points", e57({ ...plain, recordCount: 2 ** 40 }), /at most 134217727/],
  ])("with %s is refused", async (_, content, message) => {
    const error = await errorOf(input(content));
    expect(error.code).toMatch(/BAD_INPUT|TOO_LARGE/);
    expect(error.message).toMatch(message);
  });
});

describe("E57 as surveys have it", () => {
  it("lies in the box that it names, with colours, over many pages and packets", async () => {
    const color = ["Red", "Green", "Blue"].map((name) => ({ name: `color${name}`, bits: 8 }));
    const intensity = { name: "intensity", bits: 8, scale: 0.5, offset: 10 };
    const rows = Array.from({ length: 2000 }, (_, i) => {
      const [turn, shade] = [i / 50, BigInt(i % 256)];
      return [Math.cos(turn), 2 * Math.sin(turn), i / 1000, shade, shade, shade, shade];
    });
    // A pose that does not turn; the box is in the scanner's frame.
    const scan =
      '<pose type="Structure"><translation type="Structure"><x type="Float">5</x>' +
      '<y type="Float">6</y><z type="Float">7</z></translation></pose>' +
      '<cartesianBounds type="Structure"><xMinimum type="Float">-1</xMinimum>' +
      '<xMaximum type="Float">1</xMaximum><yMinimum type="Float">-2</yMinimum>' +
      '<yMaximum type="Float">2</yMaximum><zMinimum type="Float">0</zMinimum>' +
      '<zMaximum type="Float">1.999</zMaximum></cartesianBounds>';
    const fields = [...axes({ bits: "single" }), intensity, ...color];
    const frame = await only(e57({ fields, rows, scan }));
    const places = placesOf(frame);
    close(
      places,
      rows.map((row) => [Number(row[0]) + 5, Number(row[1]) + 6, Number(row[2]) + 7]),
    );
    expect(metadataOf(frame, "map_origin")).toContain("-1 1 -2 2 0 1.999");
    const ends = [0, 1, 2].flatMap((axis) => {
      const values = places.map((place) => place[axis]!);
      return [Math.min(...values), Math.max(...values)];
    });
    for (const [i, end] of [4, 6, 4, 8, 7, 8.999].entries()) expect(ends[i]).toBeCloseTo(end, 2);
    expect(frame.layout.otherFields).toEqual(["red", "green", "blue"]);
    const shades = valuesOf(frame, frame.layout.intensity);
    expect([shades[0], shades[51], shades[255]]).toEqual([0, 0.2, 1]);
  });

  it("from scanners that measure angles lies on the sphere that they saw", async () => {
    const fields: BuiltField[] = [
      ...["Range", "Azimuth", "Elevation"].map((name) => ({
        ...{ name: `spherical${name}`, bits: "double" as const },
      })),
      { name: "sphericalInvalidState", bits: 2 },
    ];
    const rows = Array.from({ length: 1000 }, (_, i) => {
      const [azimuth, elevation] = [((i % 40) - 19.5) * (Math.PI / 20), (i / 1000 - 0.5) * Math.PI];
      return [1, azimuth, elevation, i % 10 === 9 ? 2n : 0n];
    });
    const places = placesOf(await only(e57({ fields, rows })));
    const seen = rows.filter((row) => row[3] === 0n);
    expect(places.length).toBe(seen.length);
    for (const [i, [x, y, z]] of places.entries()) {
      expect(Math.hypot(x!, y!, z!)).toBeCloseTo(1, 5);
      const elevation = Number(seen[i]![2]);
      expect(Math.asin(Math.max(-1, Math.min(1, z!)))).toBeCloseTo(elevation, 2);
      // Where the sphere is narrow a turn says little.
      if (Math.abs(elevation) > 1.5) continue;
      expect(Math.atan2(y!, x!)).toBeCloseTo(Number(seen[i]![1]), 4);
    }
  });

  it("from cameras and merged files tells serial numbers and where it came from", async () => {
    const say = (name: string, text: string) => `<${name} type="String">${text}</${name}>`;
    const frame = await only(
      e57({
        ...{ fields: axes({ bits: "single" }), rows: [[1, 2, 3]] },
        scan:
          say("guid", "{SCAN}") +
          say("sensorSerialNumber", "LLS071234567") +
          '<originalGuids type="Vector">' +
          ["{G-1}", "{G-2}", "{G-3}"].map((guid) => say("vectorChild", guid)).join("") +
          "</originalGuids>",
        root:
          '<images2D type="Vector"><vectorChild type="Structure">' +
          say("guid", "{IMAGE}") +
          say("associatedData3DGuid", "{SCAN-OF-IMAGE}") +
          say("sensorSerialNumber", "CAM-99-1234") +
          say("sensorModel", "EOS 5") +
          "</vectorChild></images2D>",
      }),
    );
    const found = metadataOf(frame, "session_id").sort();
    expect(found).toEqual(
      ["{G-1}", "{G-2}", "{G-3}", "{IMAGE}", "{SCAN-OF-IMAGE}", "{SCAN}"].sort(),
    );
    expect(metadataOf(frame, "serial_number")).toEqual(["CAM-99-1234", "LLS071234567"]);
    // The model of a lidar may pass, that of a camera may not.
    expect(metadataOf(frame, "sensor_model")).toEqual([]);
    expect(metadataOf(frame, "part_number")).toEqual(["EOS 5"]);
  });
});

describe("XML", () => {
  it("gives elements with their attributes and texts", () => {
    const root = parseXml(
      "<?xml version=\"1.0\"?><a b='1 &lt; 2'>x<!-- no --><c/>&#65;<![CDATA[<&]]></a>",
    )!;
    expect([root.name, root.attributes.get("b"), root.text]).toEqual(["a", "1 < 2", "xA<&"]);
    expect(root.children.map(({ name }) => name)).toEqual(["c"]);
  });

  it.each([
    "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>",
    "<a><b></a></b>",
    "<a>",
    "<a/><b/>",
    "<a b=c/>",
    "<![CDATA[",
    "<a>".repeat(100) + "</a>".repeat(100),
    "",
  ])("refuses %j", (text) => {
    expect(parseXml(text)).toBeUndefined();
  });

  it("takes time that grows with the text alone", () => {
    const start = performance.now();
    for (const part of ["<![CDATA[", "<!--", "<a b='", "&#", "<a "]) parseXml(part.repeat(200_000));
    expect(performance.now() - start).toBeLessThan(2000);
  });
});
