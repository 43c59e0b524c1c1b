import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { openFrames } from "../../host/formats/index.ts";
import { AT128, errorOf, OS1, RAW_BAG, temporaryFolder, writeInput } from "./samples.ts";

const folder = temporaryFolder();

describe("openFrames", () => {
  it("reports format, period and progress", async () => {
    const source = await openFrames(OS1);
    expect(source).toMatchObject({
      format: "ouster-pcap",
      periodSeconds: 0.1,
      bytesTotal: 1636356,
    });
    const seen: number[] = [];
    for await (const _ of source.frames()) seen.push(source.bytesRead);
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
    expect(source.bytesRead).toBe(source.bytesTotal);
    await source.close();
    await source.close();
  });

  it("gives its frames once", async () => {
    const source = await openFrames(AT128);
    source.frames();
    expect(() => source.frames()).toThrow(/once/);
    await source.close();
  });

  it("can be closed in the middle", async () => {
    const source = await openFrames(OS1);
    for await (const frame of source.frames()) {
      expect(frame.count).toBe(131072);
      break;
    }
    await source.close();
  });

  it("names missing files, folders and pipes", async () => {
    expect(await errorOf(join(folder, "none.pcd"))).toMatchObject({ code: "IO" });
    mkdirSync(join(folder, "folder.pcd"));
    expect((await errorOf(join(folder, "folder.pcd"))).message).toMatch(/folder, not a file/);
    execFileSync("mkfifo", [join(folder, "pipe.pcd")]);
    expect((await errorOf(join(folder, "pipe.pcd"))).message).toMatch(/device, pipe or socket/);
  });

  it.each(["pcd", "ply", "bin", "mcap", "bag", "db3", "pcap"])(
    "refuses an empty .%s",
    async (extension) => {
      const error = await errorOf(writeInput(folder, `empty.${extension}`, ""));
      expect(error.code).toBe("BAD_INPUT");
      expect(error.message).toMatch(/empty/);
    },
  );

  it("lists what is supported for other endings", async () => {
    const error = await errorOf(writeInput(folder, "cloud.xyz", "1 2 3"));
    expect(error.message).toMatch(/"\.xyz" is not a supported kind.*\.pcd, \.ply/);
  });

  it.each(["pcd", "ply", "bin", "mcap", "db3", "pcap"])(
    "sees a bag behind the name .%s",
    async (extension) => {
      const path = join(folder, `bag.${extension}`);
      copyFileSync(RAW_BAG, path);
      expect((await errorOf(path)).message).toMatch(/first bytes are those of rosbag/);
    },
  );
});
