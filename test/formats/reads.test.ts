/** What readers say of a recording beside its points: all of it, the names that are asked for, or none. */
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Frame } from "../../host/core/frame.ts";
import { type MetadataReads, openFrames, openPlan } from "../../host/formats/index.ts";
import { MetadataList } from "../../host/formats/metadata-list.ts";
import { sanitizerOf } from "../veil/support.ts";
import { AT128, DATA, OS1, RAW_BAG, ROBOROCK, VALETUDO_Z10 } from "./samples.ts";

const GUARDIAN = join(DATA, "guardian/diagnostics_first.mcap");
const CSAIL = join(DATA, "scan2d_carmen/mit-csail_60s.clf.gz");

async function firstFrame(path: string, reads?: MetadataReads): Promise<Frame> {
  const source = await openFrames(path, { reads });
  try {
    for await (const frame of source.frames()) return { ...frame, data: frame.data.slice() };
  } finally {
    await source.close();
  }
  throw new Error(`${path} has no frame`);
}

const namesOf = (metadata: Frame["metadata"]) => [...new Set(metadata.map(({ name }) => name))];

describe("MetadataList", () => {
  test("keeps the values of the names that are read, and of others that there was one, once", () => {
    const list = MetadataList.ofFile("/home/anna/flat.mcap", ["topic"]);
    for (const value of ["A1", "A2", "A1"]) list.add("serial_number", value);
    for (const value of ["/points", "/points", "/scan", ""]) list.tell("topic", value);
    list.add("comment", undefined);
    expect(list.list()).toEqual([
      { name: "file_name", value: "" },
      { name: "serial_number", value: "" },
      { name: "topic", value: "/points" },
      { name: "topic", value: "/scan" },
    ]);
    const copy = list.copy();
    copy.add("topic", "/other");
    expect([list.size, copy.size]).toEqual([4, 5]);
  });

  test("keeps everything for inspection, each value once and no longer than 4,096 characters", () => {
    const list = MetadataList.ofFile("/home/anna/flat.mcap", "all");
    for (const value of ["A1", "A1", "x".repeat(5000)]) list.add("serial_number", value);
    expect(list.list().map(({ value }) => value)).toEqual(["flat.mcap", "A1", "x".repeat(4096)]);
  });
});

describe.each([RAW_BAG, AT128, GUARDIAN, CSAIL])("%s", (path) => {
  test("has the values of what is asked for, and of nothing by default", async () => {
    const all = (await firstFrame(path, "all")).metadata;
    expect(all.length).toBeGreaterThan(0);
    expect(all.every(({ value }) => value !== "")).toBe(true);
    const none = (await firstFrame(path)).metadata;
    expect(none).toEqual(namesOf(all).map((name) => ({ name, value: "" })));
    // One that may pass and one that may not are enough.
    const names = namesOf(all);
    for (const wanted of [
      names.at(-1)!,
      names.find((name) => name === "sensor_model") ?? names[0]!,
    ]) {
      const some = (await firstFrame(path, [wanted])).metadata;
      expect(some.filter(({ name }) => name === wanted)).toEqual(
        all.filter(({ name }) => name === wanted),
      );
      expect(some.every(({ name, value }) => name === wanted || value === "")).toBe(true);
    }
  });
});

test.each([VALETUDO_Z10, ROBOROCK])("a plan has no value by default: %s", async (path) => {
  const all = await openPlan(path, { reads: "all" });
  const { metadata, cells, rooms } = await openPlan(path);
  expect(metadata).toEqual(namesOf(all.metadata).map((name) => ({ name, value: "" })));
  expect(Buffer.compare(cells, all.cells)).toBe(0);
  expect(rooms).toEqual(all.rooms);
  const said = JSON.stringify(rooms);
  for (const { value } of all.metadata) {
    const text = value.replace(/^name: /, "");
    if (text.length > 3) expect(said).not.toContain(text);
  }
});

test("a report names what was stripped as if the values had been read, and the cells are the same", async () => {
  const sealed = async (reads: MetadataReads) => {
    const sanitizer = await sanitizerOf();
    return sanitizer.sanitize(await firstFrame(OS1, reads)).report;
  };
  const [none, all] = [await sealed([]), await sealed("all")];
  expect(all.stripped).toEqual(expect.arrayContaining(["serial_number", "ip_address", "firmware"]));
  expect(none.stripped).toEqual(all.stripped);
  expect(none.voxels).toBe(all.voxels);
});
