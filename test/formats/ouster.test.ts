import { createHash } from "node:crypto";
import { copyFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { openByteFile } from "../../host/formats/byte-file.ts";
import { type OusterMetadata, readOusterMetadata } from "../../host/formats/ouster-metadata.ts";
import { readRangeMm } from "../../host/formats/ouster-packet.ts";
import { columnBytes, packetBytes } from "../../host/formats/ouster-profile.ts";
import { readPcap } from "../../host/formats/pcap-records.ts";
import { UdpPackets } from "../../host/formats/udp-packets.ts";
import { referencePoint } from "./ouster-reference.ts";
import {
  beamsOf,
  errorOf,
  metadataOf,
  OS0,
  OS1,
  positionsOf,
  readAll,
  SAME_PORTS,
  temporaryFolder,
  validPositions,
  valuesOf,
  writeInput,
} from "./samples.ts";

const OS0_JSON = OS0.replace(".pcap", ".json");
const OS1_JSON = OS1.replace("_lb_n3.pcap", ".json");
const folder = temporaryFolder();

/** The lidar packets of a capture. */
async function packetsOf(path: string, metadata: OusterMetadata): Promise<Uint8Array[]> {
  const file = await openByteFile(path);
  const udp = new UdpPackets();
  const size = packetBytes(metadata.profile, metadata.rows, metadata.columnsPerPacket);
  const packets: Uint8Array[] = [];
  for await (const { data } of readPcap(file)) {
    const packet = udp.push(data);
    if (packet?.payload.length === size) packets.push(packet.payload.slice());
  }
  await file.close();
  return packets;
}

/** Calls back for every pixel of every packet, row by row as the maker's digests want it. */
function eachPixel(
  metadata: OusterMetadata,
  packet: Uint8Array,
  visit: (view: DataView, at: number, column: number, row: number) => void,
): void {
  const view = new DataView(packet.buffer, packet.byteOffset, packet.byteLength);
  const { profile, rows, columnsPerPacket } = metadata;
  for (let row = 0; row < rows; row++) {
    for (let c = 0; c < columnsPerPacket; c++) {
      const column = profile.packetHeader + c * columnBytes(profile, rows);
      const at = column + profile.columnHeader + row * profile.pixel;
      visit(view, at, view.getUint16(column + 8, true), row);
    }
  }
}

describe("Ouster decoding", () => {
  it("gives the ranges and reflectivities of the maker's digest", async () => {
    const digest = JSON.parse(readFileSync(OS0.replace(".pcap", "_digest.json"), "utf8"));
    const metadata = await readOusterMetadata(OS0_JSON, () => {});
    const range = createHash("md5");
    const reflectivity = createHash("md5");
    for (const packet of await packetsOf(OS0, metadata)) {
      const word = Buffer.alloc(4);
      eachPixel(metadata, packet, (view, at) => {
        word.writeUInt32LE(readRangeMm(metadata.profile, view, at));
        range.update(word);
        reflectivity.update(packet.subarray(at + metadata.profile.reflectivity).subarray(0, 1));
      });
    }
    expect(range.digest("hex")).toBe(digest.packet_hash.RANGE);
    expect(reflectivity.digest("hex")).toBe(digest.packet_hash.REFLECTIVITY);
  });

  it.each([
    ["dual return", OS0, OS0_JSON],
    ["low data rate", OS1, OS1_JSON],
  ])("puts every pixel where the manual's formula says (%s)", async (_, path, json) => {
    const metadata = await readOusterMetadata(json, () => {});
    const frames = await readAll(path);
    const positions = frames.map(positionsOf);
    const rings = frames.map(beamsOf);
    const packets = await packetsOf(path, metadata);
    const perFrame = metadata.columnsPerFrame / metadata.columnsPerPacket;
    expect(packets).toHaveLength(perFrame * frames.length);
    let worst = 0;
    packets.forEach((packet, i) => {
      const index = Math.floor(i / perFrame);
      eachPixel(metadata, packet, (view, at, column, row) => {
        const rangeMm = readRangeMm(metadata.profile, view, at);
        const slot = column * metadata.rows + row;
        const expected = referencePoint(metadata, rangeMm, column, row);
        const found = positions[index]![slot]!;
        for (const axis of [0, 1, 2]) {
          worst = Math.max(worst, Math.abs(found[axis]! - expected[axis]!));
        }
        if (rings[index]![slot] !== row) throw new Error(`slot ${slot} has another ring`);
      });
    });
    // Half a step of f32 at 250 m.
    expect(worst).toBeLessThan(1e-5);
  });

  it("spreads time and intensity over 0..1", async () => {
    const [frame] = await readAll(OS1);
    const times = valuesOf(frame!, frame!.layout.time);
    expect(times[0]).toBe(0);
    expect(times.at(-1)).toBe(1023 / 1024);
    const intensities = valuesOf(frame!, frame!.layout.intensity);
    expect(Math.max(...intensities.slice(0, 65536))).toBeLessThanOrEqual(1);
    expect(intensities.filter((value) => value > 0).length).toBeGreaterThan(100_000);
  });

  it("stamps each frame with the capture of its first packet, 0.1 s apart", async () => {
    const stamps = (await readAll(OS1)).map((frame) => frame.stampNs!);
    expect(stamps[0]).toBe(1_650_410_295_350_216_000n);
    for (const i of [1, 2]) {
      expect(Number(stamps[i]! - stamps[i - 1]!) / 1e9).toBeCloseTo(0.1, 3);
    }
  });
});

describe("Ouster identity", () => {
  it("is reported from metadata and packets, each value once", async () => {
    const [frame] = await readAll(OS1);
    const expected = {
      serial_number: ["122201000998"],
      part_number: ["840-103575-06"],
      session_id: ["7109750"],
      sensor_model: ["OS-1-128"],
      ip_address: ["127.0.0.1"],
      wall_clock: ["2022-04-19T23:18:15.350216000Z"],
      file_name: ["OS-1-128_v2.3.0_1024x10_lb_n3.pcap"],
    } as const;
    for (const [name, values] of Object.entries(expected)) {
      expect(metadataOf(frame!, name as keyof typeof expected)).toEqual(values);
    }
    expect(metadataOf(frame!, "firmware")).toContain("v2.3.0");
    expect(metadataOf(frame!, "calibration")).toContain("beam_altitude_angles: 128 values");
  });

  it("is found in packets whose metadata hides it", async () => {
    const json = JSON.parse(readFileSync(OS1_JSON, "utf8"));
    const metadataPath = writeInput(
      folder,
      "hidden.json",
      JSON.stringify({ ...json, prod_sn: "", initialization_id: 0 }),
    );
    const [frame] = await readAll(OS1, { metadataPath });
    expect(metadataOf(frame!, "serial_number")).toEqual(["122201000998"]);
    expect(metadataOf(frame!, "session_id")).toContain("7109750");
  });
});

describe("two sensors on one port", () => {
  const read = (number: number) =>
    readAll(SAME_PORTS, { metadataPath: SAME_PORTS.replace(".pcap", `.${number}.json`) });

  it("are told apart, fragments joined, addresses reported", async () => {
    const [frame] = await read(1);
    expect(metadataOf(frame!, "serial_number")).toEqual(["122247000785"]);
    expect(metadataOf(frame!, "mac_address")).toEqual(["bc:0f:a7:00:8a:30", "80:61:5f:0e:f4:e9"]);
    expect(metadataOf(frame!, "ip_address")).toContain("169.254.92.158");
    const [legacy] = await read(2);
    expect(metadataOf(legacy!, "serial_number")).toEqual(["122239000672"]);
    expect(metadataOf(legacy!, "mac_address")).toContain("bc:0f:a7:00:80:73");
    expect([frame!.layout.pointStep, legacy!.count]).toEqual([20, 64 * 1024]);
    for (const each of [frame!, legacy!]) {
      const ranges = validPositions(each).map((p) => Math.hypot(...p));
      expect(ranges.length).toBeGreaterThan(500);
      expect(Math.max(...ranges)).toBeLessThan(300);
    }
  });

  it("need to be told which metadata to use", async () => {
    const error = await errorOf(SAME_PORTS);
    expect(error.code).toBe("BAD_INPUT");
    expect(error.message).toMatch(/looked for .*same_ports\.json.*--metadata/);
  });
});

describe("Ouster metadata", () => {
  const flat = JSON.parse(readFileSync(OS1_JSON, "utf8"));
  let files = 0;
  const parse = (json: unknown) =>
    readOusterMetadata(writeInput(folder, `${files++}.json`, JSON.stringify(json)), () => {});

  it("without a data format is taken from the mode", async () => {
    const { data_format: _, ...old } = flat;
    const metadata = await parse(old);
    expect([metadata.profile.name, metadata.rows, metadata.columnsPerFrame]).toEqual([
      "LEGACY",
      128,
      1024,
    ]);
  });

  const cases: [string, Record<string, unknown>, RegExp][] = [
    ["no angles", { beam_altitude_angles: undefined }, /"beam_altitude_angles" is missing/],
    ["too few angles", { beam_azimuth_angles: [1, 2] }, /has 2 values; expected 128/],
    ["words for angles", { beam_azimuth_angles: ["a"] }, /not a list of numbers/],
    ["no mode", { lidar_mode: "fast" }, /"lidar_mode"/],
    ["no beam origin", { lidar_origin_to_beam_origin_mm: null }, /beam_origin/],
    ["a short transform", { lidar_to_sensor_transform: [1] }, /has 1 values; expected 16/],
    [
      "an unknown profile",
      { data_format: { udp_profile_lidar: "X" } },
      /"udp_profile_lidar" is no profile/,
    ],
    [
      "huge counts",
      { data_format: { columns_per_frame: 4e9 } },
      /"columns_per_frame" is not a whole number from 1/,
    ],
  ];
  it.each(cases)("with %s is refused", async (_, change, message) => {
    const error = await parse({ ...flat, ...change }).catch((e: unknown) => e);
    expect(error).toMatchObject({ code: "BAD_INPUT" });
    expect((error as Error).message).toMatch(message);
  });

  it.each(["", "{", "[]", "null", "7"])("that is %j is refused", async (text) => {
    const error = await errorOf(OS1, { metadataPath: writeInput(folder, "bad.json", text) });
    expect(error.code).toBe("BAD_INPUT");
  });

  it("that is missing gives the path looked for", async () => {
    const path = join(folder, "alone.pcap");
    copyFileSync(OS1, path);
    expect((await errorOf(path)).message).toContain(join(folder, "alone.json"));
    const error = await errorOf(path, { metadataPath: join(folder, "none.json") });
    expect(error.code).toBe("IO");
  });

  it("of another sensor is refused with what was found instead", async () => {
    const error = await errorOf(OS1, { metadataPath: OS0_JSON });
    expect(error.message).toMatch(/another serial number|8448 bytes/);
  });
});
