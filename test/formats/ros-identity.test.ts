/** What recorded and built messages beside the points say, and that nothing of it is kept unasked. */
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Frame, MetadataName } from "../../host/core/frame.ts";
import { openPlan } from "../../host/formats/index.ts";
import { XYZI } from "./clouds.ts";
import {
  bag,
  type Encoding,
  laserScan,
  type Message,
  MessageWriter,
  mcap,
  occupancyGrid,
  pointCloud2,
  stampedPose,
} from "./ros-builders.ts";
import { IDENTITY_MESSAGES, identityMessages, START, TURN } from "./ros-identity-messages.ts";
import { DATA, metadataOf, readAll, temporaryFolder, writeInput } from "./samples.ts";

const folder = temporaryFolder();
let files = 0;

const EXPECTED: readonly (readonly [MetadataName, readonly string[]])[] = [
  ["geo_position", ["48.1371540, 11.5761240", "altitude 519.25"]],
  ["serial_number", ["H0815-4711", "SN-99-1234", "BAT-553311"]],
  ["firmware", ["3.4.03"]],
  ["map_origin", ["12.5 -7.25 0", "13.5 -7.25 0", "21.5 22.5 0", "31.5 0 0", "-41.5 42.5 0"]],
  [
    "raw_text",
    [
      ...["frame_id: secret_frame", "lidar of anna", "All well", "port: /dev/ttyACM7"],
      ...["child_frame_id: base_7", "child_frame_id: arm_7", "Camera of Anna"],
      ...["battery: slot 2", "cannot reach anna-laptop.local", "/home/anna/ws/src/driver.cpp"],
      "topic: /7/sensor_msgs/Imu",
    ],
  ],
];

async function frameAfter(encoding: Encoding, more: readonly Message[] = []): Promise<string> {
  const messages = [
    ...identityMessages(encoding),
    ...more,
    {
      topic: "/points",
      type: "sensor_msgs/PointCloud2",
      timeNs: START,
      data: pointCloud2(XYZI, [[1, 2, 3, 4]], { encoding, frameId: "lidar" }),
    },
  ];
  const content = encoding === "ros1" ? bag(messages) : await mcap(messages);
  return writeInput(folder, `${files++}.${encoding === "ros1" ? "bag" : "mcap"}`, content);
}

describe.each(["cdr", "ros1"] as const)("messages in %s", (encoding) => {
  it("tell what they say by its name, and only the lidar's own frame and topic may pass", async () => {
    const [frame] = await readAll(await frameAfter(encoding), { poseTopic: "none" });
    for (const [name, values] of EXPECTED) {
      expect(metadataOf(frame!, name)).toEqual(expect.arrayContaining([...values]));
    }
    expect(metadataOf(frame!, "raw_text").join()).not.toContain("41.5");
    expect(metadataOf(frame!, "frame_id")).toEqual(["lidar"]);
    expect(metadataOf(frame!, "topic")).toEqual(["/points"]);
    expect(metadataOf(frame!, "sensor_model")).toEqual([]);
    const software = metadataOf(frame!, "software");
    expect(software).toEqual(
      expect.arrayContaining(["/driver_of_anna", encoding === "ros1" ? "/driver" : "writer 1.2.3"]),
    );
    if (encoding === "cdr") expect(metadataOf(frame!, "raw_text")).toContain("floor plan.png");
  });

  it("are not kept unasked, nor do damaged ones keep points back", async () => {
    const damaged = Object.keys(IDENTITY_MESSAGES).map((type) => {
      const data = IDENTITY_MESSAGES[type]!(encoding).subarray(0, -3);
      return { topic: `/cut/${type}`, type, timeNs: START, data };
    });
    const path = await frameAfter(encoding, damaged);
    const [frame] = await readAll(path, { poseTopic: "none", reads: ["frame_id"] });
    expect(frame!.count).toBe(1);
    const kept = frame!.metadata.filter(({ value }) => value !== "");
    expect(kept).toEqual([{ name: "frame_id", value: "lidar" }]);
    const names = frame!.metadata.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(EXPECTED.map(([name]) => name)));
    expect(new Set(names).size).toBe(names.length);
  });
});

it("one kind of message does not crowd out another", async () => {
  const poses = Array.from({ length: 400 }, (_, i) => ({
    topic: "/odom",
    type: "nav_msgs/Odometry",
    timeNs: START,
    data: stampedPose(START + BigInt(i), [i, i / 2, 0, ...TURN], "cdr", "base"),
  }));
  const late = {
    topic: "/battery",
    type: "sensor_msgs/BatteryState",
    timeNs: START,
    data: IDENTITY_MESSAGES["sensor_msgs/BatteryState"]!("cdr"),
  };
  const scan = {
    topic: "/scan",
    type: "sensor_msgs/LaserScan",
    timeNs: START,
    data: laserScan([1, 2]),
  };
  const path = writeInput(folder, `${files++}.mcap`, await mcap([...poses, late, scan]));
  const [frame] = await readAll(path, { poseTopic: "none" });
  expect(metadataOf(frame!, "serial_number")).toEqual(["BAT-553311"]);
  expect(frame!.metadata.length).toBeLessThan(200);
});

it("a robot's own diagnostics name its lidars, its controller and their firmware", async () => {
  const path = join(DATA, "guardian/diagnostics_first.mcap");
  const frames = await readAll(path);
  const said = (name: MetadataName) =>
    new Set(frames.flatMap((frame: Frame) => metadataOf(frame, name)));
  expect([...said("serial_number")]).toEqual(
    expect.arrayContaining(["H1316887", "H1312769", "guardian_controller-NTXGEN"]),
  );
  expect(said("firmware")).toContain("3.4.03(17/Dec./2012)");
  expect(said("raw_text")).toContain("Port: /dev/ttyACM2");
  const unasked = await readAll(path, { reads: [] });
  expect(unasked.flatMap(({ metadata }) => metadata).every(({ value }) => value === "")).toBe(true);
});

describe("a plan with a path", () => {
  const grid = {
    topic: "/map",
    type: "nav_msgs/OccupancyGrid",
    timeNs: START,
    data: occupancyGrid([0, 100, 0, 0], { width: 2 }),
  };
  const pathOn = (topic: string, frame: string): Message => {
    const message = new MessageWriter("cdr").header(START, frame).value("u32", 2);
    for (const x of [0.5, 1.5]) {
      message.header(START, frame);
      for (const part of [x, 2 * x, 0, 0, 0, 0, 0]) message.value("f64", part);
    }
    return { topic, type: "nav_msgs/Path", timeNs: START, data: message.finish() };
  };
  const planOf = async (...messages: readonly Message[]) =>
    openPlan(writeInput(folder, `${files++}.mcap`, await mcap([grid, ...messages])));

  it("takes where the robot went in the frame of its map, not where it means to go", async () => {
    const went = await planOf(pathOn("/went", "map"), pathOn("/move_base/global_plan", "map"));
    expect([...went.path!]).toEqual([0.5, 1, 1.5, 3]);
    expect((await planOf(pathOn("/went", "odom"))).path).toBeUndefined();
    expect((await planOf(pathOn("/a", "map"), pathOn("/b", "map"))).path).toBeUndefined();
    expect((await planOf()).path).toBeUndefined();
  });
});
