import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Frame } from "../../host/core/frame.ts";
import { parseXml } from "../../host/formats/xml-tree.ts";
import { type BuiltField, e57 } from "./e57-builders.ts";
import {
  DATA,
  errorOf,
  metadataOf,
  positionsOf,
  readAll,
  temporaryFolder,
  valuesOf,
  writeInput,
} from "./samples.ts";

const folder = temporaryFolder();
let files = 0;
const input = (content: Uint8Array) => writeInput(folder, `${files++}.e57`, content);
const recorded = (name: string) => join(DATA, "e57", `${name}.e57`);

/** Metres of the file's own frame. */
function placesOf(frame: Frame): number[][] {
  const origin = frame.pose?.translation ?? [0, 0, 0];
  return positionsOf(frame).map((point) => point.map((value, axis) => value + origin[axis]!));
}

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

describe("recorded E57", () => {
  it.each([
    ["las2e57_no_images_tag", 153],
    ["tinyCartesianFloatRgb", 2090],
    ["translationWithoutRotation", 4],
  ])("%s lies in the box that it names", async (name, count) => {
    const [frame] = await readAll(recorded(name));
    expect(frame!.count).toBe(count);
    const xml = readFileSync(recorded(name)).toString("latin1");
    const bounds = AXES.flatMap((axis) =>
      ["Minimum", "Maximum"].map((end) =>
        Number(new RegExp(`<${axis.toLowerCase()}${end}[^>]*>([^<]*)<`).exec(xml)![1]),
      ),
    );
    const places = placesOf(frame!);
    for (const axis of [0, 1, 2]) {
      const values = places.map((place) => place[axis]!);
      expect(Math.min(...values)).toBeGreaterThan(bounds[2 * axis]! - 0.01);
      expect(Math.max(...values)).toBeLessThan(bounds[2 * axis + 1]! + 0.01);
    }
  });

  it("of scanners that measure angles, of cameras and of merged files", async () => {
    const [sphere] = await readAll(recorded("tiny_spherical"));
    expect(placesOf(sphere!).every((place) => Math.abs(Math.hypot(...place) - 1) < 1e-5)).toBe(
      true,
    );
    const [pictures] = await readAll(recorded("tiny_pc_and_images"));
    expect(metadataOf(pictures!, "serial_number")).toEqual(["serial"]);
    expect(metadataOf(pictures!, "sensor_model")).toEqual([]);
    const [merged] = await readAll(recorded("original_guids"));
    expect(metadataOf(merged!, "session_id")).toEqual(
      expect.arrayContaining(["guid1", "guid2", "guid3"]),
    );
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
