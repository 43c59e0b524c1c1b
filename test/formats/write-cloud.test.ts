import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type Cloud, writeCloud } from "../../host/formats/index.ts";
import { beamsOf, metadataOf, positionsOf, readAll, temporaryFolder, valuesOf } from "./samples.ts";

const folder = temporaryFolder();

function makeCloud(count: number): Required<Omit<Cloud, "viewpoint">> {
  const values = (offset: number) =>
    Float32Array.from({ length: count }, (_, i) => (i + offset) / count);
  return {
    count,
    positions: Float32Array.from({ length: 3 * count }, (_, i) => Math.sin(i) * 50),
    intensity: values(0),
    ring: Uint16Array.from({ length: count }, (_, i) => i % 65536),
    time: values(0.5),
  };
}

describe.each(["pcd", "ply"])("writeCloud .%s", (extension) => {
  const path = (name: string) => join(folder, `${name}.${extension}`);

  it.each([0, 1, 65535, 65536, 65537])("gives back %i points", async (count) => {
    const cloud = makeCloud(count);
    await writeCloud(path("all"), cloud);
    const [frame] = await readAll(path("all"));
    expect(frame!.count).toBe(count);
    expect(positionsOf(frame!).flat()).toEqual([...cloud.positions]);
    expect(valuesOf(frame!, frame!.layout.intensity)).toEqual([...cloud.intensity]);
    expect(beamsOf(frame!)).toEqual([...cloud.ring]);
    expect(frame!.layout.time).toBeDefined();
  });

  it("writes the fields that are there, and no word of its own", async () => {
    const { count, positions } = makeCloud(3);
    await writeCloud(path("bare"), { count, positions });
    const [frame] = await readAll(path("bare"));
    expect(frame!.layout).toMatchObject({ pointStep: 12, otherFields: [] });
    expect(metadataOf(frame!, "comment")).toEqual([]);
    const header = readFileSync(path("bare")).toString("latin1").slice(0, 200);
    expect(header).not.toMatch(/mapveil|#|comment|obj_info|20\d\d/i);
  });

  it("refuses columns that are too short, before a file appears", async () => {
    const cloud = { ...makeCloud(3), ring: new Uint16Array(2) };
    await expect(writeCloud(path("short"), cloud)).rejects.toMatchObject({
      code: "USAGE",
      details: { field: "ring" },
    });
    expect(readdirSync(folder)).not.toContain(`short.${extension}`);
  });
});

it("writeCloud gives the mode that was asked for", async () => {
  const path = join(folder, "private.pcd");
  await writeCloud(path, makeCloud(3), { mode: 0o600 });
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

it("writeCloud refuses other endings", async () => {
  const failing = writeCloud(join(folder, "cloud.xyz"), makeCloud(1));
  await expect(failing).rejects.toMatchObject({ code: "USAGE" });
});
