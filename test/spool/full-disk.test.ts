/** A full disk: nothing is lost, nothing half, and it goes on when there is room. Needs a tmpfs. */
import { rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import type { SpooledArtefact } from "../../host/spool/index.ts";
import { SmallDisk } from "../faults/harness/small-disk.ts";
import { skipsWithout } from "../faults/harness/tools.ts";
import { accountedFor, artefactOf, openIn } from "./fixture.ts";

const hasNoDisk = skipsWithout("mounting a tmpfs");
let disk: SmallDisk;

afterEach(() => disk?.close());

test.skipIf(hasNoDisk)(
  "full: refuses what is new, settles what is there, and recovers by itself",
  async () => {
    disk = new SmallDisk(6);
    const folder = join(disk.folder, "spool");
    let spool = await openIn(folder, { quotaBytes: 100_000_000 });
    const kept: SpooledArtefact[] = [];
    let refusals = 0;
    const fill = async (bytes: number) => {
      for (let failures = 0; failures < 3; ) {
        const number = kept.length + 1;
        await spool.add(artefactOf(number, bytes)).then(
          (artefact) => kept.push(artefact),
          (error: unknown) => {
            expect(error).toMatchObject({ code: "NO_SPACE" });
            failures++;
          },
        );
      }
    };
    await fill(65_536);
    expect(kept.length).toBeGreaterThan(30);
    expect(spool.state().diskFull).toBe(true);
    // Another one takes what is left of the disk.
    disk.fill(0);
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
    // Somebody takes what the spool had kept free: then as much is left free in its file.
    await spool.close();
    rmSync(join(folder, "reserve"));
    writeFileSync(join(disk.folder, "more"), Buffer.alloc(disk.free));
    spool = await openIn(folder, { quotaBytes: 100_000_000 });
    kept.length = 0;
    await fill(3_000);
    expect(kept.length).toBeGreaterThan(100);
    const usedPages = 20 * 17 + kept.length;
    expect(statSync(join(folder, "data.mdb")).size - usedPages * 4096).toBeGreaterThan(1_048_576);
    for (let i = 0; i < 100; i++) await spool.refuse("DISK_FULL");
    for (const { id } of kept) expect(await spool.markUploaded(id)).toBe(true);
    disk.clear();
    const before = spool.accounts().spooled;
    await spool.add(artefactOf(99, 200_000));
    expect(spool.state().diskFull).toBe(false);
    expect(spool.accounts().spooled).toBe(before + 1);
    await spool.close();
  },
);

test.skipIf(hasNoDisk)("a full disk at the start: a new spool says so", async () => {
  disk = new SmallDisk(1);
  disk.fill(0);
  await expect(openIn(join(disk.folder, "spool"))).rejects.toMatchObject({ code: "NO_SPACE" });
});
