/** The embedded storage: the suite of every storage, and what only files and an index can suffer. */

import { chmodSync, readdirSync, statSync, unlinkSync, writeFileSync } from "node:fs";
import type { FileHandle } from "node:fs/promises";
import { dirname, join } from "node:path";
import { open as openLmdb } from "lmdb";
import { expect, onTestFinished, test } from "vitest";
import { systemClock } from "../../host/core/clock.ts";
import { DataClass } from "../../host/gen/mapveil/v1/types_pb.ts";
import type { LocalFiles } from "../../host/receiver/local-files.ts";
import { openLocalStore } from "../../host/receiver/local-store.ts";
import { LocalWrite, type Unfinished } from "../../host/receiver/local-write.ts";
import type { Store } from "../../host/receiver/store.ts";
import { Takeover } from "../../host/receiver/takeover.ts";
import { RECIPIENT, SOURCE, veil } from "./artefacts.ts";
import { key, ORIGIN, put, putPart, readAll, storeSuite } from "./store-suite.ts";
import { MemoryLog, temporaryFolder } from "./temporary.ts";

storeSuite("local store", async (clock) => {
  const folder = temporaryFolder();
  const open = () => openLocalStore({ folder, clock, log: new MemoryLog() });
  let store = await open();
  onTestFinished(() => store.close());
  return {
    store,
    async reopen() {
      await store.close();
      store = await open();
      return store;
    },
  };
});

async function openIn(folder: string, log = new MemoryLog()): Promise<Store> {
  const store = await openLocalStore({ folder, clock: systemClock, log });
  onTestFinished(() => store.close());
  return store;
}

/** Paths of all files of artefacts. */
const filesIn = (folder: string) =>
  readdirSync(join(folder, "data"), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));

test("nobody else may enter its folder", async () => {
  const folder = temporaryFolder();
  chmodSync(folder, 0o755);
  const store = await openIn(folder);
  await put(store, key("file"), veil(300));
  expect(statSync(folder).mode & 0o777).toBe(0o700);
  for (const path of filesIn(folder)) expect(statSync(path).mode & 0o777).toBe(0o600);
});

test("a second receiver is kept off a folder; a lock that was left behind is not one", async () => {
  const folder = temporaryFolder();
  const store = await openLocalStore({ folder, clock: systemClock, log: new MemoryLog() });
  await expect(openIn(folder)).rejects.toMatchObject({ code: "UNAVAILABLE" });
  await store.close();
  await openIn(folder);
});

test("a folder that is a file is refused with its name", async () => {
  const path = join(temporaryFolder(), "file");
  writeFileSync(path, "");
  await expect(openIn(path)).rejects.toMatchObject({ code: "IO", details: { file: path } });
});

test("a deleted artefact has no file; a file without a record is removed", async () => {
  const folder = temporaryFolder();
  const log = new MemoryLog();
  const first = await openLocalStore({ folder, clock: systemClock, log });
  await put(first, key("gone"), veil(300));
  const [path] = filesIn(folder);
  await put(first, key("kept"), veil(300));
  await first.remove(key("gone"));
  expect(filesIn(folder)).toHaveLength(1);
  await first.close();
  // As if the machine had died between the record of the deletion and the removal of the file.
  writeFileSync(path!, "left");
  writeFileSync(join(dirname(path!), "not-an-artefact"), "foreign");
  const again = await openIn(folder, log);
  expect(filesIn(folder)).toHaveLength(2);
  expect(again.accounts()).toMatchObject({ stored: 2, kept: 1, deleted: 1, lost: 0 });
  expect(log.events.map(({ event, fields }) => [event, fields.count])).toEqual([
    ["files_removed", 1],
    ["files_ignored", 1],
  ]);
});

test("a record without a file is counted as lost, and said aloud", async () => {
  const folder = temporaryFolder();
  const log = new MemoryLog();
  const first = await openLocalStore({ folder, clock: systemClock, log });
  await put(first, key("lost"), veil(300));
  await putPart(first, key("part"), veil(300));
  await first.close();
  for (const path of filesIn(folder)) unlinkSync(path);
  const again = await openIn(folder, log);
  expect(again.accounts()).toMatchObject({ stored: 1, kept: 0, keptBytes: 0, lost: 1 });
  expect(await again.list(RECIPIENT, 0, 10)).toEqual([]);
  expect(again.accounts().unfinished).toBe(0);
  expect(log.events.map(({ event, level }) => [level, event])).toEqual([
    ["error", "artefacts_lost"],
    ["warn", "writes_discarded"],
  ]);
  const bytes = veil(300);
  await put(again, key("lost"), bytes);
  expect(await readAll(again, key("lost"))).toEqual(new Uint8Array(bytes));
});

test("a file that was cut on the disk is said to be damaged", async () => {
  const folder = temporaryFolder();
  const store = await openIn(folder);
  await put(store, key("short"), veil(1000));
  writeFileSync(filesIn(folder)[0]!, "short");
  const read = await store.openRead(key("short"));
  await expect(read.read(0, 1000)).rejects.toMatchObject({ reason: "ARTEFACT_DAMAGED" });
  await read.close();
});

test("no key becomes a path out of the folder", async () => {
  const store = await openIn(temporaryFolder());
  for (const artefact of [
    "../../../x",
    "..",
    "a/b/c",
    "UPPER",
    "a.b.c",
    "nul\0nul",
    "x".repeat(64),
  ]) {
    await expect(put(store, key(artefact), veil(300))).rejects.toMatchObject({
      reason: "NAME_INVALID",
    });
  }
  expect(store.accounts().unfinished).toBe(0);
});

test("what the disk has failed to take once counts as lost, though the next sync succeeds", async () => {
  const unfinished: Unfinished = {
    id: `${RECIPIENT}/fault`,
    origin: ORIGIN,
    committedBytes: 0,
    receivedBytes: 0,
    recorded: false,
    idleMs: 0,
    progressAtMs: 0,
    sync: undefined,
  };
  let syncs = 0;
  const cuts: number[] = [];
  const handle = {
    write: async (bytes: Uint8Array) => ({ bytesWritten: bytes.length }),
    datasync: async () => {
      // As the kernel does it: the failure is told once, and the pages count as clean afterwards.
      if (++syncs === 2) throw Object.assign(new Error("EIO"), { code: "EIO" });
    },
    truncate: async (bytes: number) => void cuts.push(bytes),
    close: async () => {},
  } as unknown as FileHandle;
  const unused = () => Promise.reject(new Error("Not in this test."));
  const host = {
    files: { assertRoom: async () => {}, syncFolderOf: async () => {} } as unknown as LocalFiles,
    monotonicMs: () => 0,
    record: async () => {},
    store: unused,
    drop: unused,
  };
  const hold = await new Takeover().take(unfinished.id, undefined);
  const write = new LocalWrite(host, unfinished, hold, handle);
  await write.append(veil(500));
  await unfinished.sync?.();
  await write.append(veil(300));
  await expect(write.finish(new Uint8Array(32))).rejects.toMatchObject({ reason: "DISK_FAULT" });
  await write.close();
  expect(unfinished).toMatchObject({ committedBytes: 500, receivedBytes: 500 });
  expect(cuts).toEqual([500]);
});

test("withdrawals are kept up to a limit for each recipient; those that are there still rise", async () => {
  const folder = temporaryFolder();
  const source = (i: number) => ({ recipient: RECIPIENT, source: SOURCE.slice(1) + i });
  const floorKey = (i: number) => ({ ...source(i), dataClass: DataClass.LIDAR });
  const store = await openLocalStore({ folder, clock: systemClock, log: new MemoryLog() });
  await store.raiseFloor(floorKey(0), 1n);
  await store.close();
  const root = openLmdb({ path: join(folder, "index"), maxDbs: 8 });
  const totals = root.openDB<{ floors: number }, string>("totals", { encoding: "json" });
  expect(totals.get(RECIPIENT)?.floors).toBe(1);
  totals.putSync(RECIPIENT, { ...totals.get(RECIPIENT)!, floors: 2 ** 20 - 1 });
  await root.close();
  const full = await openIn(folder);
  await full.raiseFloor(floorKey(1), 1n);
  await expect(full.raiseFloor(floorKey(2), 1n)).rejects.toMatchObject({
    code: "RESOURCE_EXHAUSTED",
    reason: "QUOTA_EXCEEDED",
  });
  expect(await full.floor(floorKey(2))).toBeUndefined();
  expect((await full.raiseFloor(floorKey(1), 2n)).epoch).toBe(2n);
  await full.raiseFloor({ ...floorKey(2), recipient: "ffeeddccbbaa9988" }, 1n);
});
