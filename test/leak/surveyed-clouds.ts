/** Surveyed clouds of a room that tell of a scanner, of its people and of where on earth it stood. */
import { e57 } from "../formats/e57-builders.ts";
import { generator } from "../formats/fuzz-support.ts";
import { las } from "../formats/las-builders.ts";

/** A room of 8 m, in steps of millimetres. */
export function roomOf(count: number): [number, number, number][] {
  const random = generator(1501);
  return Array.from({ length: count }, () => {
    const place = [random(), random(), random() / 3].map((value) => Math.round(8000 * value));
    return [place[0]!, place[1]!, place[2]!];
  });
}

export const LAS_KNOWN = [
  ...["SN-4711 LEICA P40", "anna's exporter 3.14", "12345678-9abc-def0-0102-030405060708"],
  ...["survey of 5 Elm Road", "owner of the gate", "unit 0815-2", "gate_id_of_anna"],
];

/** Points of format 6 have times, those of format 0 can be packed here. */
export function builtLas(format: 0 | 6, count = 4000): Buffer {
  const extra = Buffer.alloc(192);
  extra.write("gate_id_of_anna", 4);
  extra.write("owner of the gate", 160);
  const points = roomOf(count).map((xyz, i) => ({
    ...{ xyz, intensity: 16 * i, source: 7001, user: 9, gpsTime: 82_000_000.125 + i },
  }));
  return las(points, {
    ...{ minor: 4, format, system: "SN-4711 LEICA P40", software: "anna's exporter 3.14" },
    ...{ sourceId: 815, day: 123, year: 2026, isGpsAdjusted: true },
    offset: [431_234.567, 5_412_345.678, 301.25],
    guid: Buffer.from("78563412bc9af0de0102030405060708", "hex"),
    records: [
      { user: "LASF_Spec", id: 3, content: Buffer.from("survey of 5 Elm Road") },
      { user: "LASF_Spec", id: 4, content: extra },
    ],
    extendedRecords: [{ user: "acme", id: 9, content: Buffer.from("unit 0815-2") }],
  });
}

export const E57_KNOWN = [
  ...["{0F1E2D3C-4B5A-6978-8796-A5B4C3D2E1F0}", "{GUID-OF-THE-FIRST-SCAN}", "bedroom of Anna"],
  ...["LLS071234567", "CAM-99-1234", "EOS 5 of Anna", "Anna Muster, 5 Elm Road", "6.7.1-rc4"],
  ...['PROJCS["ETRS89 / UTM zone 32N"]', "987654321.5", "mark_of_anna"],
];

export function builtE57(count = 4000): Buffer {
  const say = (name: string, text: string) => `<${name} type="String">${text}</${name}>`;
  const number = (name: string, value: number) => `<${name} type="Float">${value}</${name}>`;
  const within = (name: string, inner: string) => `<${name} type="Structure">${inner}</${name}>`;
  const vector = (name: string, inner: string) => `<${name} type="Vector">${inner}</${name}>`;
  const bits = { bits: 14, minimum: 0n, scale: 0.001 };
  const place = [431_234.567, 5_412_345.678, 301.25];
  return e57({
    fields: [
      ...["X", "Y", "Z"].map((axis) => ({ ...bits, name: `cartesian${axis}` })),
      ...[
        { name: "intensity", bits: 8 },
        { name: "anna:mark_of_anna", bits: 3 },
      ],
    ],
    rows: roomOf(count).map((xyz, i) => [...xyz, i % 256, i % 8].map((value) => BigInt(value))),
    root:
      say("guid", E57_KNOWN[0]!) +
      say("coordinateMetadata", 'PROJCS["ETRS89 / UTM zone 32N"]') +
      within("creationDateTime", number("dateTimeValue", 987_654_321.5)) +
      vector(
        "images2D",
        within("vectorChild", say("sensorSerialNumber", "CAM-99-1234")) +
          within("vectorChild", say("sensorModel", "EOS 5 of Anna")),
      ),
    scan:
      vector("originalGuids", say("vectorChild", "{GUID-OF-THE-FIRST-SCAN}")) +
      say("name", "bedroom of Anna") +
      say("sensorSerialNumber", "LLS071234567") +
      say("sensorFirmwareVersion", "6.7.1-rc4") +
      say("anna:owner", "Anna Muster, 5 Elm Road") +
      within(
        "pose",
        within("translation", ["x", "y", "z"].map((axis, i) => number(axis, place[i]!)).join("")),
      ),
  });
}
