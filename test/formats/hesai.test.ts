/**
 * Hesai packets against an encoder of its own: every point, stamp and beam; where frames end; what is
 * refused; what their envelopes tell.
 */
import { describe, expect, it } from "vitest";
import { nominalAngles } from "../../host/formats/hesai-angles.ts";
import { openFrames } from "../../host/formats/index.ts";
import { capture, HOST_MAC, SENSOR_MAC } from "./capture-builder.ts";
import { ENCODED_MODELS, type EncodedBlock, gpsPacket, hesaiPoint } from "./hesai-encoder.ts";
import {
  anglesOf,
  CAPTURED_NS,
  calibrationOf,
  DUAL,
  FIRINGS,
  modelNamed,
  packetsOf,
  returnOf,
  START_NS,
  STEP,
  type Turns,
} from "./hesai-turns.ts";
import { mcap, packetMessage } from "./ros-builders.ts";
import {
  beamsOf,
  errorOf,
  metadataOf,
  positionsOf,
  readAll,
  temporaryFolder,
  validPositions,
  valuesOf,
  writeInput,
} from "./samples.ts";

const folder = temporaryFolder();
const XT32 = modelNamed("PandarXT-32");

function write(name: string, turns: Turns): { path: string; blocks: readonly EncodedBlock[] } {
  const { packets, blocks } = packetsOf(turns);
  if (nominalAngles(turns.model.name) === undefined) {
    writeInput(folder, `${name}.csv`, calibrationOf(turns.model));
  }
  return { path: writeInput(folder, `${name}.pcap`, capture(packets)), blocks };
}

describe("nominal angles", () => {
  // Channel, elevation, azimuth: rows of the tables in the user manuals.
  it.each([
    ["PandarXT-16", 16, "1 15 0, 8 1 0, 16 -15 0"],
    ["PandarXT-32", 32, "1 15 0, 32 -16 0"],
    ["XT32M", 32, "1 19.5 0, 32 -20.8 0"],
    ["Pandar40P", 40, "1 15 -1.042, 6 2 -1.042, 7 1.67 3.125, 8 1.33 -5.208, 9 1 -1.042"],
    ["Pandar40P", 40, "29 -5.67 -5.208, 30 -6 -1.042, 31 -7 -1.042, 40 -25 -1.042"],
    ["Pandar64", 64, "1 15 -1.042, 6 2 -1.042, 7 1.83 1.042, 9 1.5 5.208, 10 1.33 -5.208"],
    ["Pandar64", 64, "54 -6 -1.042, 55 -7 -1.042, 64 -25 -1.042"],
  ])("of %s are those of its manual", (name, channels, text) => {
    const { elevations, azimuths } = nominalAngles(name)!;
    expect([elevations.length, azimuths.length]).toEqual([channels, channels]);
    for (const row of text.split(", ")) {
      const [channel, elevation, azimuth] = row.split(" ").map(Number);
      expect(elevations[channel! - 1]).toBeCloseTo(elevation!, 2);
      expect(azimuths[channel! - 1]).toBeCloseTo(azimuth!, 3);
    }
    const isFalling = elevations.slice(1).every((value, n) => value < elevations[n]!);
    expect(isFalling).toBe(true);
  });
});

describe("packets of Hesai lidars", () => {
  it.each(ENCODED_MODELS.map((model) => [model.name, model] as const))(
    "of a %s give every return at its place",
    async (name, model) => {
      const { path, blocks } = write(name, { model, turns: 1.5 });
      const frames = await readAll(path);
      const sizes = [FIRINGS, blocks.length - FIRINGS].map((count) => count * model.channels);
      expect(frames.map(({ count }) => count)).toEqual(sizes);
      const { elevations, azimuths } = anglesOf(model);
      const expected = blocks.flatMap(({ azimuth, returns }) =>
        returns.map(({ distance }, channel) =>
          hesaiPoint(distance, azimuth / 100 + azimuths[channel]!, elevations[channel]!),
        ),
      );
      const points = frames.flatMap((frame) => positionsOf(frame));
      const worst = points.map((p, i) =>
        Math.max(...p.map((v, a) => Math.abs(v - expected[i]![a]!))),
      );
      expect(points.length).toBe(expected.length);
      expect(Math.max(...worst)).toBeLessThan(2e-6);
      expect(frames.flatMap((frame) => valuesOf(frame, frame.layout.intensity))).toEqual(
        blocks.flatMap(({ returns }) => returns.map((r) => r.reflectivity * (1 / 255))),
      );
      expect(beamsOf(frames[0]!).slice(0, model.channels)).toEqual(
        Array.from({ length: model.channels }, (_, channel) => channel),
      );
      expect(metadataOf(frames[0]!, "sensor_model").length).toBe(1);
      expect(frames[0]!.stampNs).toBe(START_NS);
    },
  );

  it("take the lidar's clock, or that of the capture where it was never set or is wrong", async () => {
    const set = await readAll(write("set", { model: XT32, turns: 1.5 }).path);
    expect(set.map(({ stampNs }) => stampNs)).toEqual([START_NS, START_NS + 100_000_000n]);
    const unset = await readAll(write("unset", { model: XT32, turns: 1.5, year: 1970 }).path);
    expect(unset[0]!.stampNs).toBe(CAPTURED_NS);
    const wrong = await readAll(write("wrong", { model: XT32, turns: 1, year: 2019 }).path);
    expect(wrong[0]!.stampNs).toBe(CAPTURED_NS);
    // Its manual says that years count from 2000; recordings also count from 1900.
    const other = { model: modelNamed("Pandar64"), turns: 1, year: 2124 };
    expect((await readAll(write("p64", other).path))[0]!.stampNs).toBe(START_NS);
  });

  it("tell where in the turn a return was", async () => {
    const [frame] = await readAll(write("time", { model: XT32, turns: 1 }).path);
    const times = valuesOf(frame!, frame!.layout.time);
    expect(times[0]).toBeCloseTo(5 / 36_000, 9);
    expect(times.at(-1)).toBeCloseTo(((FIRINGS - 1) * STEP + 5) / 36_000, 9);
  });

  it("give both returns of a firing, and one that came twice once", async () => {
    const { path } = write("dual", { model: XT32, turns: 1, mode: DUAL });
    const [frame] = await readAll(path);
    expect(frame!.count).toBe(2 * FIRINGS * 32);
    let expected = 0;
    for (let firing = 0; firing < FIRINGS; firing++) {
      for (let channel = 0; channel < 32; channel++) {
        const [first, second] = [0, 1].map((echo) => returnOf(firing, channel, echo).distance);
        expected += first === 0 ? 0 : first === second ? 1 : 2;
      }
    }
    expect(validPositions(frame!)).toHaveLength(expected);
  });

  it("leave no piece of a turn over, where a recording begins and where it ends", async () => {
    const model = modelNamed("PandarQT");
    const { packets } = packetsOf({ model, turns: 3 });
    const framesOf = async (from: number, to: number) => {
      writeInput(folder, "pieces.csv", calibrationOf(model));
      const path = writeInput(folder, "pieces.pcap", capture(packets.slice(from, to)));
      return (await readAll(path)).map(({ count }) => count / model.channels);
    };
    // Ten packets of four firings a turn: the last of the first turn, the second turn, then some.
    expect(await framesOf(9, 22)).toEqual([44, 8]);
    expect(await framesOf(9, 21)).toEqual([48]);
    expect(await framesOf(9, 10)).toEqual([4]);
  });

  it("end a frame where packets were lost for longer than a turn takes", async () => {
    const { packets } = packetsOf({ model: XT32, turns: 8 });
    // Two packets of the first turn, two of the seventh.
    const kept = [...packets.slice(0, 2), ...packets.slice(31, 33)];
    const frames = await readAll(writeInput(folder, "lost.pcap", capture(kept)));
    expect(frames.map(({ count }) => count)).toEqual([16 * 32, 16 * 32]);
  });

  it("that come in another order end no frame", async () => {
    const { packets } = packetsOf({ model: XT32, turns: 1, each: 400 });
    const [first, second, ...rest] = packets;
    const path = writeInput(folder, "swapped.pcap", capture([second!, first!, ...rest]));
    expect((await readAll(path)).map(({ count }) => count)).toEqual([400 * 32]);
  });

  it("of a lidar that is set to a part of the turn make a frame of each pass", async () => {
    const { packets } = packetsOf({ model: XT32, turns: 3, sector: 9000 });
    const path = writeInput(folder, "sector.pcap", capture(packets));
    expect((await readAll(path)).map(({ count }) => count)).toEqual([1280, 1280, 1280]);
  });

  it("of two lidars in one capture are kept apart", async () => {
    const one = packetsOf({ model: XT32, turns: 1 }).packets;
    const other = packetsOf({ model: modelNamed("PandarXT-16"), turns: 1 }).packets;
    const source = [10, 73, 19, 202] as const;
    const mixed = one.flatMap((packet, i) => [packet, { ...other[i]!, source }]);
    const frames = await readAll(writeInput(folder, "two.pcap", capture(mixed)));
    expect(frames.map(({ count }) => count)).toEqual([32 * FIRINGS, 16 * FIRINGS]);
  });

  it("come from messages of the drivers as well", async () => {
    const { packets } = packetsOf({ model: XT32, turns: 1.5 });
    const direct = await readAll(writeInput(folder, "direct.pcap", capture(packets)));
    for (const type of [
      "pandar_msgs/PandarScan",
      "hesai_ros_driver/UdpFrame",
      "nebula_msgs/NebulaPackets",
    ] as const) {
      const half = packets.length / 2;
      const messages = [packets.slice(0, half), packets.slice(half)].map((part) => ({
        topic: "/pandar_packets",
        type,
        timeNs: part[0]!.timeNs,
        data: packetMessage(type, part, "hesai_top"),
      }));
      const frames = await readAll(writeInput(folder, "messages.mcap", await mcap(messages)));
      expect(frames.map(({ stampNs }) => stampNs)).toEqual(direct.map(({ stampNs }) => stampNs));
      expect(frames.map((f) => positionsOf(f))).toEqual(direct.map((f) => positionsOf(f)));
      expect(metadataOf(frames[0]!, "topic")).toEqual(["/pandar_packets"]);
    }
  });

  it("say which lidar is not read, and what is missing", async () => {
    const at128 = Buffer.from(
      packetsOf({ model: modelNamed("OT128"), turns: 0.1 }).packets[0]!.payload,
    );
    at128.set([4, 3], 2);
    const path = writeInput(folder, "at.pcap", capture([{ payload: at128, timeNs: CAPTURED_NS }]));
    const unread = await errorOf(path);
    expect(unread.code).toBe("BAD_INPUT");
    expect(unread.message).toContain("1 of AT128");
    const { packets } = packetsOf({ model: modelNamed("OT128"), turns: 0.1 });
    const bare = await errorOf(writeInput(folder, "bare.pcap", capture(packets)));
    expect(bare.message).toMatch(/each OT128 has beam angles of its own.*--metadata/);
  });

  it.each([
    ["rows in another order", "Channel,Elevation,Azimuth\n1,1,0\n3,2,0", /line 3 .*channel 2/],
    ["no rows", "Channel,Elevation,Azimuth\n", /no line has the form/],
    ["another number of channels", "1,1,0\n2,0,0\n", /2 channels, .* has 32/],
    ["an angle that is none", "1,91,0\n", /line 1 .*90/],
  ])("refuse an angle correction with %s", async (_, text, message) => {
    const { packets } = packetsOf({ model: XT32, turns: 0.5 });
    const path = writeInput(folder, "calibrated.pcap", capture(packets));
    const metadataPath = writeInput(folder, "angles.txt", text);
    const error = await errorOf(path, { metadataPath });
    expect(error.code).toBe("BAD_INPUT");
    expect(error.message).toMatch(message);
  });

  it("tell who sent them, when, and where the GPS receiver stood", async () => {
    const { packets } = packetsOf({ model: XT32, turns: 1.5 });
    const sentence = "$GPRMC,083059.00,A,5231.27512,N,01324.19244,E,0.021,,170524,,,A*74";
    const gps = { payload: gpsPacket(sentence), timeNs: CAPTURED_NS, port: 10_110 };
    const path = writeInput(
      folder,
      "told.pcap",
      capture([...packets.slice(0, 3), gps, ...packets.slice(3)]),
    );
    const metadataPath = writeInput(folder, "unit.csv", calibrationOf(XT32));
    for (const frame of await readAll(path, { metadataPath, reads: "all" })) {
      expect(metadataOf(frame, "mac_address").sort()).toEqual([SENSOR_MAC, HOST_MAC].sort());
      expect(metadataOf(frame, "ip_address")).toEqual(["10.73.19.201", "10.73.19.44"]);
      expect(metadataOf(frame, "geo_position")).toEqual(["52.5212520, 13.4032073"]);
      expect(metadataOf(frame, "raw_text")).toEqual([sentence]);
      expect(metadataOf(frame, "sensor_model")).toEqual(["PandarXT-32"]);
      expect(metadataOf(frame, "calibration")).toHaveLength(1);
      expect(metadataOf(frame, "wall_clock")).toHaveLength(3);
    }
    for await (const frame of (await openFrames(path, { metadataPath })).frames()) {
      expect(frame.metadata.map(({ value }) => value).join("")).toBe("");
      expect(frame.metadata.map(({ name }) => name)).toContain("mac_address");
    }
  });
});
