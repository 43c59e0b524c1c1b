/**
 * Plans and 2D scans with damage: small built ones cut at every offset, real ones cut and changed at
 * seeded places. Reading gives what the rest relies on, or a MapveilError, and soon.
 */
import { readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { BinaryWriter } from "@bufbuild/protobuf/wire";
import { PNG } from "pngjs";
import { describe, expect, it } from "vitest";
import { attemptFrames, attemptPlan, changedBytes, generator } from "./fuzz-support.ts";
import { bag, laserScan, type Message, mcap, occupancyGrid, stampedPose } from "./ros-builders.ts";
import {
  DATA,
  JARVIS,
  LAB_PLAN,
  ROBOROCK,
  temporaryFolder,
  VALETUDO_1C,
  VALETUDO_3I,
  VALETUDO_Z10,
  writeInput,
} from "./samples.ts";

export interface FuzzCounts {
  /** Small inputs are cut at every so-manieth offset. */
  readonly step: number;
  /** Cuts of each recorded input. */
  readonly cuts: number;
  readonly changes: number;
}

/** A reader and the name of its file; the map of a .yaml is its image. */
interface Input {
  readonly name: string;
  readonly content: Uint8Array;
  readonly read: (path: string) => Promise<string>;
  /** True if the shortest cut must be seen: the format says how long it is. */
  readonly tellsItsEnd: boolean;
}

const CSAIL = join(DATA, "scan2d_carmen/mit-csail_every16th.clf.gz");

/** A minimal upload, field by field. */
function smallUpload(): Uint8Array {
  const head = new BinaryWriter().uint32(8).uint32(5).uint32(16).uint32(3).uint32(24).uint32(2);
  for (const [field, value] of [
    [4, -1],
    [5, 2],
    [8, 0.05],
  ] as const) {
    head.tag(field, 5).float(value);
  }
  const cells = Uint8Array.of(0, 127, 128, 127, 127, 0);
  const point = new BinaryWriter().tag(2, 5).float(0.01).tag(3, 5).float(2.01).finish();
  const outline = new BinaryWriter().uint32(8).uint32(7);
  for (const [x, y] of [
    [0, 1],
    [1, 1],
    [1, 0],
  ] as const) {
    outline.tag(2, 2).bytes(new BinaryWriter().uint32(8).uint32(x).uint32(16).uint32(y).finish());
  }
  const room = new BinaryWriter().uint32(8).uint32(7).tag(2, 2).string("den").finish();
  const parts: [number, Uint8Array][] = [
    [2, new BinaryWriter().uint32(8).uint32(1_772_177_365).finish()],
    [3, head.finish()],
    [4, new BinaryWriter().tag(1, 2).bytes(cells).finish()],
    [6, new BinaryWriter().tag(2, 2).bytes(point).finish()],
    [12, room],
    [14, outline.finish()],
  ];
  const map = new BinaryWriter().uint32(8).uint32(0);
  for (const [field, bytes] of parts) map.tag(field, 2).bytes(bytes);
  return map.finish();
}

const SMALL_VALETUDO = JSON.stringify({
  __class: "ValetudoMap",
  metaData: { version: 2, nonce: "n" },
  size: { x: 100, y: 100 },
  pixelSize: 5,
  layers: [{ type: "segment", metaData: { name: "Bad" }, compressedPixels: [1, 2, 3] }],
  entities: [{ type: "path", points: [5, 10, 6, 11] }],
});

async function builtInputs(): Promise<Input[]> {
  const stampNs = 1_700_000_000_000_000_000n;
  const messages = (encoding: "ros1" | "cdr"): Message[] => {
    const at = { encoding, stampNs };
    const grid = occupancyGrid([0, 100, -1, 50, 0, 0], { ...at, width: 3 });
    return [
      { topic: "/map", type: "nav_msgs/OccupancyGrid", timeNs: stampNs, data: grid },
      {
        topic: "/scan",
        type: "sensor_msgs/LaserScan",
        timeNs: stampNs,
        data: laserScan([1, 2], at),
      },
      {
        topic: "/pose",
        type: "geometry_msgs/PoseStamped",
        timeNs: stampNs,
        data: stampedPose(stampNs, [1, 2, 0, 0, 0, 0, 1], encoding),
      },
    ];
  };
  const flaser = "FLASER 3 1.0 81.9 2.5 1 2 0.5 1 2 3 1000.25 robby 0.1\n";
  const newer = `ROBOTLASER1 0 -1 2 0.5 30 0.01 0 2 1 2 0 ${"0 ".repeat(11)}1000.5 robby 0.1\n`;
  const picture = new PNG({ width: 3, height: 2 });
  picture.data.fill(255);
  const plan = (name: string, content: Uint8Array | string, tellsItsEnd = false): Input => ({
    name,
    content: Buffer.from(content),
    read: attemptPlan,
    tellsItsEnd,
  });
  const scans = (name: string, content: Uint8Array | string): Input => ({
    name,
    content: Buffer.from(content),
    read: attemptFrames,
    tellsItsEnd: false,
  });
  return [
    plan("five.pgm", Buffer.concat([Buffer.from("P5\n# c\n3 2\n255\n"), Buffer.alloc(6, 9)]), true),
    plan("two.pgm", "P2\n# c\n3 2\n255\n0 205 254 254 254 9"),
    plan("picture.png", PNG.sync.write(picture), true),
    plan("facts.yaml", readFileSync(LAB_PLAN, "utf8").replace("lab_slam", "facts")),
    plan("valetudo.json", SMALL_VALETUDO, true),
    plan("packed.json.gz", gzipSync(SMALL_VALETUDO), true),
    plan("upload.bin", smallUpload()),
    plan("grid.bag", bag(messages("ros1"))),
    plan("grid.mcap", await mcap(messages("cdr"))),
    scans("scans.bag", bag(messages("ros1"))),
    scans("scans.mcap", await mcap(messages("cdr"))),
    scans("old.clf", flaser.repeat(2)),
    scans("new.log", newer.repeat(2)),
    scans("packed.clf.gz", gzipSync(flaser.repeat(3))),
  ];
}

function recordedInputs(): Input[] {
  const of = (path: string, content: Uint8Array, read: Input["read"]): Input => ({
    name: basename(path),
    content,
    read,
    tellsItsEnd: false,
  });
  const plans = [VALETUDO_1C, VALETUDO_3I, VALETUDO_Z10, ROBOROCK].map((path) =>
    of(path, readFileSync(path), attemptPlan),
  );
  const upload = gunzipSync(readFileSync(ROBOROCK));
  const log = gunzipSync(readFileSync(CSAIL)).subarray(0, 60_000);
  return [
    ...plans,
    of("upload.bin", upload, attemptPlan),
    of("log.clf", log, attemptFrames),
    of(CSAIL, readFileSync(CSAIL), attemptFrames),
    of(JARVIS, readFileSync(JARVIS).subarray(0, 150_000), attemptFrames),
  ];
}

/** An image is read by way of a .yaml that names it. */
function readerOf(folder: string, { name, content, read }: Input) {
  return (bytes: Uint8Array = content) => {
    const path = writeInput(folder, name, bytes);
    if (!/\.(?:pgm|png)$/.test(name)) return read(path);
    const facts = { resolution: 0.05, origin: [0, 0, 0], occupied_thresh: 0.65, free_thresh: 0.2 };
    return read(
      writeInput(folder, name.replace(/\..*/, ".yaml"), JSON.stringify({ image: name, ...facts })),
    );
  };
}

/** Declares the tests. */
export function fuzz2d({ step, cuts, changes }: FuzzCounts): void {
  const folder = temporaryFolder();
  writeInput(folder, "facts.pgm", "P2 1 1 255 0");

  it("small ones are read when whole, and cut at every offset give an error or less", async () => {
    for (const input of await builtInputs()) {
      const attempt = readerOf(folder, input);
      expect([input.name, await attempt()]).toEqual([input.name, "read"]);
      for (let end = 0; end < input.content.length; end += step) {
        const outcome = await attempt(input.content.subarray(0, end));
        const allowed = input.tellsItsEnd ? ["BAD_INPUT"] : ["read", "BAD_INPUT"];
        expect(allowed, `${input.name} cut at ${end}`).toContain(outcome);
      }
    }
  });

  it("small ones give what the rest relies on, or an error, after any change", async () => {
    const random = generator(2);
    for (const input of await builtInputs()) {
      const attempt = readerOf(folder, input);
      for (let i = 0; i < changes; i++) {
        const outcome = await attempt(changedBytes(input.content, random));
        expect(["read", "BAD_INPUT", "TOO_LARGE", "IO"]).toContain(outcome);
      }
    }
  });

  const recorded = cuts > 0 ? recordedInputs() : [];
  describe.each(recorded)("$name", (input) => {
    it("is cut and changed without harm", async () => {
      const attempt = readerOf(folder, input);
      const random = generator(input.content.length);
      for (let i = 0; i < cuts; i++) {
        const reach = i % 2 === 0 ? input.content.length : Math.min(1024, input.content.length);
        const outcome = await attempt(input.content.subarray(0, Math.floor(random() * reach)));
        expect(["read", "BAD_INPUT"]).toContain(outcome);
        const changed = await attempt(changedBytes(input.content, random));
        expect(["read", "BAD_INPUT", "TOO_LARGE"]).toContain(changed);
      }
    });
  });
}
