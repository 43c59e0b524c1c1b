/** rosbag2 recordings: what MCAP gives, out of SQLite, with nothing left beside the file. */
import {
  chmodSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import sqlite from "node-sqlite3-wasm";
import { describe, expect, it, vi } from "vitest";
import { openFrames, openPlan } from "../../host/formats/index.ts";
import { XYZI } from "./clouds.ts";
import {
  laserScan,
  type Message,
  occupancyGrid,
  pointCloud2,
  stampedPose,
  stringMessage,
  transforms,
} from "./ros-builders.ts";
import { db3, writeDb3, writeRosbag2Folder } from "./rosbag2-builders.ts";
import {
  errorOf,
  metadataOf,
  positionsOf,
  readAll,
  temporaryFolder,
  writeInput,
} from "./samples.ts";

const folder = temporaryFolder();
let files = 0;
const next = (ending = ".db3") => join(folder, `home${files++}${ending}`);
const input = (messages: Iterable<Message>, options = {}) => {
  const path = next();
  writeDb3(path, messages, options);
  return path;
};

const SECOND = 1_000_000_000n;
const START = 1_700_000_000n * SECOND;
const ROWS = [
  [1, 2, 3, 0],
  [4, 5, 6, 255],
];
const at = (i: number) => START + BigInt(i) * SECOND;
const cloud = (i: number): Message => ({
  topic: "/points",
  type: "sensor_msgs/PointCloud2",
  timeNs: at(i),
  data: pointCloud2(
    XYZI,
    ROWS.map(([x, ...rest]) => [x! + i, ...rest]),
    { stampNs: at(i) },
  ),
});
const pose = (i: number, x: number): Message => ({
  topic: "/pose",
  type: "geometry_msgs/PoseStamped",
  timeNs: at(i),
  data: stampedPose(at(i), [x, 0, 0, 0, 0, 0, 1]),
});
const note: Message = {
  topic: "/note",
  type: "std_msgs/String",
  timeNs: START,
  data: stringMessage("Ada's"),
};
const firstX = async (path: string) => (await readAll(path)).map((f) => positionsOf(f)[0]![0]);

describe("a rosbag2 database", () => {
  it("gives clouds, stamps and what the recording says", async () => {
    const source = await openFrames(input([note, cloud(0), cloud(1)]));
    expect(source).toMatchObject({ format: "rosbag2", expectedFrames: 2 });
    await source.close();
    const path = input([note, cloud(0), cloud(1)]);
    const frames = await readAll(path, {});
    expect(frames.map(({ stampNs }) => stampNs)).toEqual([at(0), at(1)]);
    expect(positionsOf(frames[0]!)).toEqual(ROWS.map((row) => row.slice(0, 3)));
    expect(metadataOf(frames[0]!, "raw_text")).toEqual(["topic: /note", "Ada's"]);
    expect(metadataOf(frames[0]!, "software")).toEqual(["humble"]);
    expect(metadataOf(frames[0]!, "topic")).toEqual(["/points"]);
  });

  it("gives poses, transforms, flat scans and grids", async () => {
    const sits = [{ parent: "base", child: "lidar", pose: [0, 0, 1, 0, 0, 0, 1] }];
    const tf = { topic: "/tf_static", type: "tf2_msgs/TFMessage", timeNs: START };
    const odometry = {
      topic: "/odom",
      type: "nav_msgs/Odometry",
      timeNs: START,
      data: stampedPose(START, [5, 0, 0, 0, 0, 0, 1], "cdr", "base"),
    };
    const [posed] = await readAll(
      input([{ ...tf, data: transforms(sits, START) }, odometry, cloud(0)]),
    );
    expect(posed!.pose!.translation).toEqual([5, 0, 1]);
    const data = laserScan([1, 2]);
    const scan = { topic: "/scan", type: "sensor_msgs/LaserScan", timeNs: START, data };
    const flat = await openFrames(input([scan]));
    expect(flat.flat).toBe(true);
    await flat.close();
    const grid = { topic: "/map", type: "nav_msgs/OccupancyGrid", timeNs: START };
    const path = input([{ ...grid, data: occupancyGrid([0, 100, -1, 0], { width: 2 }) }]);
    expect(await openPlan(path)).toMatchObject({ width: 2, height: 2 });
  });

  it("is read by time, without an index in the order of recording", async () => {
    const mixed = [cloud(2), cloud(0), cloud(1)];
    expect(await firstX(input(mixed))).toEqual([1, 2, 3]);
    expect(await firstX(input(mixed, { timeIndex: false }))).toEqual([3, 1, 2]);
  });

  it("is read where its messages were compressed", async () => {
    expect(await firstX(input([cloud(0), cloud(1)], { packed: true }))).toEqual([1, 2]);
  });

  it("is read in the mode of a write-ahead log", async () => {
    const path = input([cloud(0)]);
    const file = openSync(path, "r+");
    writeSync(file, Buffer.from([2, 2]), 0, 2, 18);
    expect(await firstX(path)).toEqual([1]);
  });

  it("leaves nothing beside the file nor in the folder for temporary files", async () => {
    const alone = join(folder, "alone");
    mkdirSync(alone);
    const path = writeInput(alone, "a.db3", db3(folder, [cloud(0), cloud(1)]));
    const temporary = join(folder, "temporary");
    mkdirSync(temporary);
    vi.stubEnv("TMPDIR", temporary);
    const source = await openFrames(path);
    const frames = source.frames()[Symbol.asyncIterator]();
    await frames.next();
    expect(readdirSync(alone)).toEqual(["a.db3"]);
    // A process that is killed here leaves a lock without a name of the recording.
    const held = readdirSync(temporary, { recursive: true }).map(String).sort();
    expect(held).toHaveLength(2);
    expect(held[1]).toBe(join(held[0]!, "recording.db3.lock"));
    await source.close();
    vi.unstubAllEnvs();
    expect(readdirSync(alone)).toEqual(["a.db3"]);
    expect(readdirSync(temporary)).toEqual([]);
  });

  it("is let go of in the middle of a message", async () => {
    const source = await openFrames(input([cloud(0), cloud(1)]));
    const frames = source.frames()[Symbol.asyncIterator]();
    await frames.next();
    await source.close();
    await expect(frames.next()).rejects.toMatchObject({ code: "BAD_INPUT" });
  });

  it("may have any name, also through a link", async () => {
    const path = join(folder, "Küche ?mode=memory 🤖.db3");
    writeDb3(path, [cloud(0)]);
    expect(await firstX(path)).toEqual([1]);
    const link = next();
    symlinkSync(path, link);
    expect(await firstX(link)).toEqual([1]);
  });

  it("is read in a folder that may not be written", async () => {
    const locked = join(folder, "locked");
    mkdirSync(locked);
    const path = writeInput(locked, "a.db3", db3(folder, [cloud(0)]));
    chmodSync(locked, 0o555);
    chmodSync(folder, 0o755);
    // The administrator may write anywhere: be somebody else meanwhile.
    const isAdministrator = process.geteuid!() === 0;
    if (isAdministrator) process.seteuid!(65534);
    try {
      expect(() => writeInput(locked, "b", "")).toThrow(/EACCES/);
      expect(await firstX(path)).toEqual([1]);
    } finally {
      if (isAdministrator) process.seteuid!(0);
      chmodSync(locked, 0o755);
    }
  });
});

describe("a rosbag2 folder", () => {
  it.each([
    ["plain", {}],
    ["with compressed messages", { packed: true }],
    ["with compressed files", { packedFiles: true }],
  ])("gives its parts in their order (%s)", async (_, options) => {
    const path = next("");
    writeRosbag2Folder(
      path,
      [
        [note, cloud(0)],
        [cloud(1), cloud(2)],
      ],
      options,
    );
    const source = await openFrames(path);
    expect(source).toMatchObject({ format: "rosbag2", expectedFrames: 3 });
    await source.close();
    expect(await firstX(path)).toEqual([1, 2, 3]);
  });

  it("tells its names, times and what was added by hand", async () => {
    const path = next("");
    writeRosbag2Folder(path, [[cloud(0)]], { more: "  custom_data:\n    owner: Ada" });
    const [frame] = await readAll(path, {});
    expect(metadataOf(frame!, "file_name")).toContain("home_0.db3");
    expect(metadataOf(frame!, "raw_text")).toContain("owner: Ada");
    expect(metadataOf(frame!, "wall_clock")).toContain("2023-11-14T22:13:20.000000000Z");
  });

  it("reads nothing outside of itself", async () => {
    const path = next("");
    writeRosbag2Folder(path, [[cloud(0)]]);
    rmSync(join(path, "home_0.db3"));
    writeInput(folder, "home_0.db3", db3(folder, [cloud(0)]));
    expect((await errorOf(path)).code).toBe("IO");
  });

  it("with a compressed file that is damaged, cut off or a bomb is refused", async () => {
    const path = next("");
    writeRosbag2Folder(path, [[cloud(0)]], { packedFiles: true });
    const part = join(path, "home_0.db3.zstd");
    const whole = readFileSync(part);
    // One block says 128 KiB of the same byte; a frame may have any number of them.
    const block = Buffer.from([0x02, 0x00, 0x10, 7]);
    const bomb = [Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0, 0x58]), ...Array(20_000).fill(block)];
    const contents: [Buffer, string][] = [
      [whole.subarray(0, 2000), "BAD_INPUT"],
      [whole.subarray(0, 3), "BAD_INPUT"],
      [Buffer.from("no zstd at all"), "BAD_INPUT"],
      [Buffer.concat(bomb), "TOO_LARGE"],
    ];
    for (const [content, code] of contents) {
      writeFileSync(part, content);
      expect(await errorOf(path)).toMatchObject({ code });
    }
  });

  it("says which line of its metadata is wrong", async () => {
    const path = next("");
    writeRosbag2Folder(path, [[cloud(0)]], { more: "  custom_data: 7" });
    const error = await errorOf(path);
    expect(error).toMatchObject({ code: "BAD_INPUT" });
    expect(error.message).toMatch(/metadata\.yaml: line \d+: custom_data /);
  });
});

describe("a damaged database", () => {
  const cases: [string, string, RegExp][] = [
    ["without messages", "DROP TABLE messages", /without the table messages/],
    ["without topics", "DROP TABLE topics", /without the table topics/],
    [
      "with a view for a table",
      "ALTER TABLE messages RENAME TO m; CREATE VIEW messages AS SELECT * FROM m",
      /without the table messages/,
    ],
    ["without a column", "ALTER TABLE messages DROP COLUMN data", /messages\.data is missing/],
    [
      "with a computed column",
      "ALTER TABLE messages DROP COLUMN data; ALTER TABLE messages ADD COLUMN data AS (zeroblob(9))",
      /messages\.data is missing/,
    ],
    ["with text for a blob", "UPDATE messages SET data = 'x'", /row 0 is not a blob/],
    ["with text for a time", "UPDATE messages SET timestamp = 'x'", /timestamp of row 0/],
    ["with a topic without a name", "UPDATE topics SET name = x'00'", /topics\.name of row 0/],
    ["with a topic that is not there", "UPDATE messages SET topic_id = 9", /does not have/],
    ["with empty messages", "UPDATE messages SET data = x''", /plain CDR header/],
  ];
  it.each(cases)("%s is refused", async (_, change, message) => {
    const error = await errorOf(input([cloud(0)], { change }));
    expect(error).toMatchObject({ code: "BAD_INPUT" });
    expect(error.message).toMatch(message);
  });

  it("that is none, or another's, is refused", async () => {
    const none = await errorOf(writeInput(folder, "none.db3", "SQLite format 3\0 and no more"));
    expect(none).toMatchObject({ code: "BAD_INPUT" });
    const other = next();
    const database = new sqlite.Database(other);
    database.exec("CREATE TABLE people (name TEXT)");
    database.close();
    expect((await errorOf(other)).message).toMatch(/without the table topics/);
  });

  it("in another serialization is refused", async () => {
    const error = await errorOf(input([cloud(0)], { serialization: "cbor" }));
    expect(error.message).toMatch(/not in CDR/);
  });

  it("gives the frames before the fault", async () => {
    const change = "UPDATE messages SET data = 'x' WHERE id = 2";
    const source = await openFrames(input([cloud(0), cloud(1)], { change }));
    const frames = source.frames()[Symbol.asyncIterator]();
    expect((await frames.next()).done).toBe(false);
    await expect(frames.next()).rejects.toMatchObject({ code: "BAD_INPUT" });
    await source.close();
  });

  it("whose recorder was killed is not read in part", async () => {
    const path = input([cloud(0)]);
    writeInput(folder, `${path.slice(folder.length + 1)}-wal`, "frames that are not yet in it");
    expect((await errorOf(path)).message).toMatch(/-wal at the end/);
  });
});

it("poses of a recording with several parts come from all of them", async () => {
  const path = next("");
  writeRosbag2Folder(path, [[pose(0, 0), cloud(1)], [pose(2, 2)]]);
  const [frame] = await readAll(path);
  expect(frame!.pose!.translation[0]).toBeCloseTo(1, 6);
});
