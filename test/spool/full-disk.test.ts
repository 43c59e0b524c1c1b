/** A full disk: nothing is lost, nothing half, and it goes on when there is room. Needs a tmpfs. */
import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import type { SpooledArtefact } from "../../host/spool/index.ts";
import { accountedFor, artefactOf, openIn, removeFolders, temporaryFolder } from "./fixture.ts";

const mounts: string[] = [];

afterAll(() => {
  for (const path of mounts) execFileSync("umount", [path]);
  removeFolders();
});

/** Why there is no small disk here; undefined if there is one at `path`. */
function mountSmallDisk(path: string, size: string): string | undefined {
  try {
    mkdirSync(path);
    execFileSync("mount", ["-t", "tmpfs", "-o", `size=${size}`, "mapveil-test", path], {
      stdio: "pipe",
    });
    mounts.push(path);
    return undefined;
  } catch (error) {
    if (process.env.CI === "true" && process.getuid?.() === 0) throw error;
    return `no tmpfs can be mounted here: ${String(error)}`;
  }
}

test("full: refuses what is new, settles what is there, and recovers by itself", async (context) => {
  const disk = join(temporaryFolder(), "disk");
  const reason = mountSmallDisk(disk, "6m");
  if (reason) return context.skip(reason);
  const folder = join(disk, "spool");
  let spool = await openIn(folder, { quotaBytes: 100_000_000 });
  const kept: SpooledArtefact[] = [];
  let refusals = 0;
  const fill = async () => {
    for (let failures = 0; failures < 3; ) {
      const number = kept.length + 1;
      await spool.add(artefactOf(number, 65_536)).then(
        (artefact) => kept.push(artefact),
        (error: unknown) => {
          expect(error).toMatchObject({ code: "NO_SPACE" });
          failures++;
        },
      );
    }
  };
  await fill();
  expect(kept.length).toBeGreaterThan(30);
  expect(spool.state().diskFull).toBe(true);
  // Another one takes what is left of the disk.
  const rest = join(disk, "rest");
  expect(() => writeFileSync(rest, new Uint8Array(8_000_000))).toThrow(/ENOSPC/);
  for (let i = 0; i < 300; i++) {
    await spool.refuse("DISK_FULL");
    refusals++;
  }
  const veil = await spool.read(kept[0]!.id);
  expect(Buffer.compare(veil!, artefactOf(1, 65_536).veil)).toBe(0);
  for (const { id } of kept.splice(0, 5)) expect(await spool.markUploaded(id)).toBe(true);
  await spool.close();
  spool = await openIn(folder, { quotaBytes: 100_000_000 });
  const { captured, uploaded, spooled, refused } = spool.accounts();
  expect({ captured, uploaded, spooled, refused }).toEqual({
    captured: kept.length + 5 + refusals,
    uploaded: 5,
    spooled: kept.length,
    refused: { DISK_FULL: 300 },
  });
  expect((await spool.destroy("lidar", 2n, 2n)).artefacts).toBe(kept.length);
  expect(accountedFor(spool.accounts())).toBe(spool.accounts().captured);
  // The pages of the file are free again: that is room, although the disk stays full.
  for (let i = 0; i < 20; i++) await spool.add(artefactOf(i, 65_536));
  rmSync(rest);
  const before = spool.accounts().spooled;
  await spool.add(artefactOf(99, 200_000));
  expect(spool.state().diskFull).toBe(false);
  expect(spool.accounts().spooled).toBe(before + 1);
  await spool.close();
});

test("a full disk at the start: a new spool says so", async (context) => {
  const disk = join(temporaryFolder(), "disk");
  const reason = mountSmallDisk(disk, "64k");
  if (reason) return context.skip(reason);
  expect(() => writeFileSync(join(disk, "rest"), new Uint8Array(80_000))).toThrow(/ENOSPC/);
  await expect(openIn(join(disk, "spool"))).rejects.toMatchObject({ code: "NO_SPACE" });
});
