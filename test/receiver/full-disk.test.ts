/** A disk that is really full: the receiver refuses, keeps what it has, and recovers by itself. */
import { spawnSync } from "node:child_process";
import { mkdirSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { systemClock } from "../../host/core/clock.ts";
import { openLocalStore } from "../../host/receiver/local-store.ts";
import { SILENT } from "../../host/telemetry/log.ts";
import { skipsWithout } from "../faults/harness/tools.ts";
import { digestOf, nameOf, RECIPIENT, sha, veil } from "./artefacts.ts";
import { piecesOf } from "./pieces.ts";
import { send, startReceiver } from "./running-receiver.ts";
import { temporaryFolder } from "./temporary.ts";

const parent = `recipients/${RECIPIENT}`;

function mount(folder: string, bytes: number): boolean {
  mkdirSync(folder);
  return spawnSync("mount", ["-t", "tmpfs", "-o", `size=${bytes}`, "tmpfs", folder]).status === 0;
}

const hasNoDisk = skipsWithout("mounting a tmpfs");

function smallDisk(bytes: number): string {
  const folder = join(temporaryFolder(), "disk");
  if (!mount(folder, bytes)) throw new Error("A tmpfs could not be mounted.");
  onTestFinished(() => {
    spawnSync("umount", ["-l", folder]);
  });
  return folder;
}

test.skipIf(hasNoDisk)("a full disk stops writing, and nothing else", async () => {
  const disk = smallDisk(4 * 2 ** 20);
  const running = await startReceiver({}, { dataDir: join(disk, "data") });
  let fleet = running.as("fleet");
  const kept = new Map<string, Uint8Array>();
  let refusal: unknown;
  for (let i = 0; refusal === undefined && i < 100; i++) {
    const bytes = veil(200_000);
    await send(fleet, piecesOf(`artefact-${i}`, bytes, { pieceBytes: 50_000 })).then(
      () => kept.set(`artefact-${i}`, bytes),
      (error: unknown) => {
        refusal = error;
      },
    );
  }
  const full = {
    code: "RESOURCE_EXHAUSTED",
    reason: "DISK_FULL",
    retryDelayMs: expect.any(Number),
  };
  expect(refusal).toMatchObject(full);
  expect(kept.size).toBeGreaterThan(5);
  const cut = `artefact-${kept.size}`;
  // Another program takes the rest, the reserve too.
  const { bavail, bsize } = statfsSync(disk);
  writeFileSync(join(disk, "ballast"), Buffer.alloc(bavail * bsize));
  await expect(send(fleet, piecesOf("another", veil(1000)))).rejects.toMatchObject(full);
  let { artefacts } = running.as("reader");
  expect((await artefacts.listArtefacts({ parent })).artefacts).toHaveLength(kept.size);
  for (const [id, bytes] of kept) {
    const { artefact } = await artefacts.getArtefact({ name: nameOf(id) });
    expect(sha(artefact!.digest)).toBe(sha(digestOf(bytes)));
  }
  // A floor may need a page that is not there: it is refused then, and holds after the next try.
  const floor = { parent, source: "0".repeat(32), dataClass: 1, epochFloor: 1n };
  await fleet.ingest.raiseEpochFloor(floor).catch((error: unknown) => {
    expect(error).toMatchObject(full);
  });
  // It starts on a full disk too, and still gives what it has.
  await running.restart();
  const listed = await running.as("reader").artefacts.listArtefacts({ parent });
  expect(listed.artefacts).toHaveLength(kept.size);
  rmSync(join(disk, "ballast"));
  fleet = running.as("fleet");
  artefacts = running.as("reader").artefacts;
  await artefacts.deleteArtefact({ name: nameOf("artefact-0") });
  await artefacts.deleteArtefact({ name: nameOf("artefact-1") });
  await fleet.ingest.cancelWrite({ name: nameOf(cut) });
  expect((await send(fleet, piecesOf("another", veil(200_000)))).complete).toBe(true);
  expect((await fleet.ingest.raiseEpochFloor(floor)).epochFloor).toBe(1n);
  const accounts = running.receiver.accounts();
  expect(accounts).toMatchObject({ kept: kept.size - 1, deleted: 2, lost: 0, unfinished: 0 });
  await running.restart();
  const { refused: _, ...after } = running.receiver.accounts();
  const { refused: __, ...before } = accounts;
  expect(after).toEqual(before);
});

test.skipIf(hasNoDisk)("a first start on a full disk says so", async () => {
  const disk = smallDisk(2 ** 20);
  writeFileSync(join(disk, "ballast"), Buffer.alloc(2 ** 20));
  const folder = join(disk, "data");
  await expect(openLocalStore({ folder, clock: systemClock, log: SILENT })).rejects.toMatchObject({
    code: "NO_SPACE",
    details: { file: folder },
  });
});

test.skipIf(hasNoDisk)("a deletion makes room on a disk that artefacts have filled", async () => {
  const disk = smallDisk(4 * 2 ** 20);
  const running = await startReceiver({}, { dataDir: join(disk, "data") });
  const fleet = running.as("fleet");
  const { artefacts } = running.as("reader");
  // Several times what fits.
  for (let i = 0; i < 60; i++) {
    const write = () => send(fleet, piecesOf(`artefact-${i}`, veil(200_000)));
    await write().catch(async (error: { reason: string }) => {
      expect(error.reason).toBe("DISK_FULL");
      const { artefacts: oldest } = await artefacts.listArtefacts({ parent, pageSize: 2 });
      for (const { name } of oldest) await artefacts.deleteArtefact({ name });
      await write();
    });
  }
  expect(running.receiver.accounts()).toMatchObject({ stored: 60, lost: 0, unfinished: 0 });
});
