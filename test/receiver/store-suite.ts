/** What every storage of the receiver must do, over the interface alone. */
import { describe, expect, test } from "vitest";
import type { Clock } from "../../host/core/clock.ts";
import { DataClass } from "../../host/gen/mapveil/v1/types_pb.ts";
import {
  ARTEFACT_OVERHEAD_BYTES,
  type ArtefactKey,
  type ArtefactWrite,
  type Store,
  type WriteOrigin,
} from "../../host/receiver/store.ts";
import { digestOf, OTHER_RECIPIENT, RECIPIENT, SOURCE, sha, veil } from "./artefacts.ts";
import { JumpingClock } from "./temporary.ts";

export interface OpenedStore {
  readonly store: Store;
  /** Closes it and opens it again. */
  reopen(): Promise<Store>;
}

export const ORIGIN: WriteOrigin = {
  client: "fleet",
  source: SOURCE,
  dataClass: DataClass.LIDAR,
  epoch: 7n,
  deletionHash: "d".repeat(64),
};
export const key = (artefact: string, recipient = RECIPIENT): ArtefactKey => ({
  recipient,
  artefact,
});

/** Writes a whole artefact. */
export async function put(store: Store, at: ArtefactKey, bytes: Uint8Array, origin = ORIGIN) {
  const write = await store.openWrite(at, origin);
  try {
    await write.append(bytes);
    return await write.finish(digestOf(bytes));
  } finally {
    await write.close();
  }
}

/** Writes a part of an artefact and lets go of it. */
export async function putPart(store: Store, at: ArtefactKey, bytes: Uint8Array, origin = ORIGIN) {
  const write = await store.openWrite(at, origin);
  await write.append(bytes);
  await write.close();
}

export async function readAll(store: Store, at: ArtefactKey): Promise<Uint8Array> {
  const read = await store.openRead(at);
  try {
    return await read.read(0, read.sizeBytes);
  } finally {
    await read.close();
  }
}

const reason = (name: string) => expect.objectContaining({ reason: name });

export function storeSuite(name: string, open: (clock: Clock) => Promise<OpenedStore>): void {
  const fresh = async () => (await open(new JumpingClock())).store;

  describe(`${name}: writing`, () => {
    test("what is finished is there, whole, also after opening again", async () => {
      const { store, reopen } = await open(new JumpingClock());
      const bytes = veil(300_000);
      const stored = await put(store, key("first"), bytes);
      expect(stored).toMatchObject({ ...key("first"), sizeBytes: 300_000, order: 1, epoch: 7n });
      expect(sha(await readAll(store, key("first")))).toBe(sha(bytes));
      const again = await reopen();
      expect(await again.look(key("first"))).toEqual({ state: "stored", artefact: stored });
      expect(sha(await readAll(again, key("first")))).toBe(sha(bytes));
      expect(again.accounts()).toMatchObject({ stored: 1, kept: 1, keptBytes: 300_000 });
    });

    test("what is not finished is kept and gone on with, also after opening again", async () => {
      const { store, reopen } = await open(new JumpingClock());
      const bytes = veil(1000);
      await putPart(store, key("part"), bytes.subarray(0, 600));
      const { dataClass, deletionHash } = ORIGIN;
      const facts = { dataClass, deletionHash };
      const state = { state: "unfinished", committedBytes: 600, ...facts, epoch: 7n };
      expect(await store.look(key("part"))).toEqual(state);
      const again = await reopen();
      expect(await again.look(key("part"))).toEqual(state);
      const write = await again.openWrite(key("part"), ORIGIN);
      expect(write.receivedBytes).toBe(600);
      expect(sha(await write.read(0, 600))).toBe(sha(bytes.subarray(0, 600)));
      await write.append(bytes.subarray(600));
      await write.finish(digestOf(bytes));
      await write.close();
      expect(sha(await readAll(again, key("part")))).toBe(sha(bytes));
      expect(again.accounts()).toMatchObject({ unfinished: 0, unfinishedBytes: 0, kept: 1 });
    });

    test("a write that took nothing leaves nothing", async () => {
      const store = await fresh();
      const write = await store.openWrite(key("nothing"), ORIGIN);
      await write.close();
      expect(await store.look(key("nothing"))).toEqual({ state: "absent" });
      expect(store.unfinishedOf("fleet")).toBe(0);
    });

    test("a look makes durable what an open write has taken", async () => {
      const store = await fresh();
      const write = await store.openWrite(key("open"), ORIGIN);
      await write.append(veil(500));
      expect(write.committedBytes).toBe(0);
      expect(await store.look(key("open"))).toMatchObject({ committedBytes: 500 });
      expect(write.committedBytes).toBe(500);
      await write.close();
    });

    test("a later call takes over, and the earlier one ends", async () => {
      const store = await fresh();
      const bytes = veil(900);
      const first = await store.openWrite(key("both"), ORIGIN);
      await first.append(bytes.subarray(0, 400));
      const taking = store.openWrite(key("both"), ORIGIN);
      expect(first.ended.aborted).toBe(true);
      await expect(first.append(bytes.subarray(400))).rejects.toEqual(reason("WRITE_SUPERSEDED"));
      await first.close();
      const second = await taking;
      expect(second.receivedBytes).toBe(400);
      await second.append(bytes.subarray(400));
      await second.finish(digestOf(bytes));
      await second.close();
      expect(sha(await readAll(store, key("both")))).toBe(sha(bytes));
    });

    test("of many that want a write at once, the last one gets it", async () => {
      const store = await fresh();
      const results = await Promise.allSettled(
        Array.from({ length: 20 }, () => store.openWrite(key("many"), ORIGIN)),
      );
      const won = results.flatMap((r) => (r.status === "fulfilled" ? [r.value] : []));
      expect(results.at(-1)!.status).toBe("fulfilled");
      for (const write of won.slice(0, -1)) expect(write.ended.aborted).toBe(true);
      await Promise.all(won.map((write) => write.close()));
      expect(store.unfinishedOf("fleet")).toBe(0);
    });

    test("what is stored cannot be written again, nor what was deleted", async () => {
      const { store, reopen } = await open(new JumpingClock());
      await put(store, key("once"), veil(400));
      await expect(store.openWrite(key("once"), ORIGIN)).rejects.toEqual(
        reason("ALREADY_STORED_DIFFERENT"),
      );
      expect(await store.remove(key("once"))).toBe(true);
      await expect(store.openWrite(key("once"), ORIGIN)).rejects.toEqual(
        reason("ARTEFACT_DELETED"),
      );
      const again = await reopen();
      await expect(again.openWrite(key("once"), ORIGIN)).rejects.toEqual(
        reason("ARTEFACT_DELETED"),
      );
      expect(await again.look(key("once"))).toEqual({ state: "deleted" });
      expect(again.accounts()).toMatchObject({ stored: 1, kept: 0, keptBytes: 0, deleted: 1 });
    });

    test("cancelling ends an open write and forgets it, and never a stored one", async () => {
      const store = await fresh();
      const write = await store.openWrite(key("gone"), ORIGIN);
      await write.append(veil(400));
      const cancelled = store.cancelWrite(key("gone"));
      expect(write.ended.reason).toEqual(reason("WRITE_CANCELLED"));
      await write.close();
      await cancelled;
      expect(await store.look(key("gone"))).toEqual({ state: "absent" });
      await put(store, key("kept"), veil(400));
      await store.cancelWrite(key("kept"));
      await store.cancelWrite(key("never"));
      expect(await store.look(key("kept"))).toMatchObject({ state: "stored" });
    });

    test("counts clients' writes and recipients' bytes while they grow", async () => {
      const store = await fresh();
      const write = await store.openWrite(key("grow"), ORIGIN);
      const appending = write.append(veil(1000));
      expect(store.usedBytes(RECIPIENT)).toBe(1000 + ARTEFACT_OVERHEAD_BYTES);
      await appending;
      expect([store.unfinishedOf("fleet"), store.unfinishedOf("others")]).toEqual([1, 0]);
      await write.discard();
      await write.close();
      await put(store, key("elsewhere", OTHER_RECIPIENT), veil(300));
      expect(store.usedBytes(RECIPIENT)).toBe(0);
      expect(store.usedBytes(OTHER_RECIPIENT)).toBe(300 + ARTEFACT_OVERHEAD_BYTES);
    });
  });

  describe(`${name}: floors`, () => {
    const floorKey = { recipient: RECIPIENT, source: SOURCE, dataClass: DataClass.LIDAR };

    test("rise, never fall, and stay", async () => {
      const { store, reopen } = await open(new JumpingClock());
      expect(await store.floor(floorKey)).toBeUndefined();
      const first = await store.raiseFloor(floorKey, 2n ** 64n - 1n);
      expect(first.epoch).toBe(2n ** 64n - 1n);
      expect(await store.raiseFloor(floorKey, 3n)).toEqual(first);
      const again = await reopen();
      expect(await again.floor(floorKey)).toEqual(first);
      expect(await again.floor({ ...floorKey, dataClass: DataClass.CAMERA })).toBeUndefined();
    });

    test("discard what is unfinished below them, open or not, and nothing else", async () => {
      const store = await fresh();
      await putPart(store, key("idle"), veil(400));
      await putPart(store, key("newer"), veil(400), { ...ORIGIN, epoch: 8n });
      await putPart(store, key("class"), veil(400), { ...ORIGIN, dataClass: DataClass.CAMERA });
      await putPart(store, key("robot"), veil(400), { ...ORIGIN, source: "0".repeat(32) });
      await putPart(store, key("other", OTHER_RECIPIENT), veil(400));
      await put(store, key("stored"), veil(400));
      const write = await store.openWrite(key("open"), ORIGIN);
      await write.append(veil(400));
      const raising = store.raiseFloor(floorKey, 8n);
      await new Promise((resolve) => write.ended.addEventListener("abort", resolve));
      expect(write.ended.reason).toEqual(reason("STALE_EPOCH"));
      await write.close();
      await raising;
      const states = ["idle", "open", "newer", "class", "robot", "stored"].map((id) =>
        store.look(key(id)),
      );
      expect((await Promise.all(states)).map(({ state }) => state)).toEqual([
        ...["absent", "absent"],
        ...["unfinished", "unfinished", "unfinished", "stored"],
      ]);
      expect((await store.look(key("other", OTHER_RECIPIENT))).state).toBe("unfinished");
    });

    test("are asked again in the commit", async () => {
      const store = await fresh();
      const bytes = veil(400);
      const write = await store.openWrite(key("late"), ORIGIN);
      await write.append(bytes);
      const raising = store.raiseFloor(floorKey, 8n);
      const finishing = write.finish(digestOf(bytes));
      await expect(finishing).rejects.toEqual(reason("STALE_EPOCH"));
      await write.close();
      await raising;
      expect(await store.look(key("late"))).toEqual({ state: "absent" });
    });
  });

  describe(`${name}: reading and deleting`, () => {
    test("lists in the order of storage, by recipient, without what was deleted", async () => {
      const store = await fresh();
      for (const id of ["delta", "alpha", "gamma", "beta"]) await put(store, key(id), veil(300));
      await put(store, key("zeta", OTHER_RECIPIENT), veil(300));
      await store.remove(key("alpha"));
      const all = await store.list(RECIPIENT, 0, 10);
      expect(all.map(({ artefact }) => artefact)).toEqual(["delta", "gamma", "beta"]);
      const [first] = await store.list(RECIPIENT, 0, 1);
      const rest = await store.list(RECIPIENT, first!.order, 10);
      expect(rest).toEqual(all.slice(1));
      expect(await store.list(RECIPIENT, all.at(-1)!.order, 10)).toEqual([]);
    });

    test("a deletion ends what is being read", async () => {
      const store = await fresh();
      await put(store, key("read"), veil(5000));
      const read = await store.openRead(key("read"));
      await read.read(0, 1000);
      await store.remove(key("read"));
      await expect(read.read(1000, 1000)).rejects.toEqual(reason("ARTEFACT_NOT_FOUND"));
      await read.close();
      await expect(store.openRead(key("read"))).rejects.toEqual(reason("ARTEFACT_NOT_FOUND"));
      expect(await store.remove(key("read"))).toBe(false);
      expect(await store.remove(key("never"))).toBe(false);
    });

    test("tells listeners of their recipient only, after it can be listed", async () => {
      const store = await fresh();
      const seen: Promise<number>[] = [];
      const stop = store.onStored(RECIPIENT, () =>
        seen.push(store.list(RECIPIENT, 0, 10).then((list) => list.length)),
      );
      await put(store, key("other", OTHER_RECIPIENT), veil(300));
      await put(store, key("mine"), veil(300));
      stop();
      await put(store, key("after"), veil(300));
      expect(await Promise.all(seen)).toEqual([1]);
    });
  });

  describe(`${name}: unfinished writes nobody goes on with`, () => {
    const DAY_MS = 86_400_000;

    test("are discarded by time without progress, whatever the wall clock does", async () => {
      const clock = new JumpingClock();
      const { store } = await open(clock);
      await putPart(store, key("idle"), veil(400));
      for (const days of [30, -30]) {
        clock.wallOffsetMs = days * DAY_MS;
        expect(await store.discardIdle(DAY_MS)).toBe(0);
      }
      clock.monotonicOffsetMs = DAY_MS / 2;
      expect(await store.discardIdle(DAY_MS)).toBe(0);
      await putPart(store, key("idle"), veil(200));
      clock.monotonicOffsetMs = 1.25 * DAY_MS;
      expect(await store.discardIdle(DAY_MS)).toBe(0);
      clock.monotonicOffsetMs = 1.75 * DAY_MS;
      expect(await store.discardIdle(DAY_MS)).toBe(1);
      expect(await store.look(key("idle"))).toEqual({ state: "absent" });
      expect(await store.discardIdle(0)).toBe(0);
    });

    test("grow old over restarts too, and open ones never do", async () => {
      const clock = new JumpingClock();
      const { store, reopen } = await open(clock);
      await putPart(store, key("idle"), veil(400));
      clock.monotonicOffsetMs = 0.75 * DAY_MS;
      expect(await store.discardIdle(DAY_MS)).toBe(0);
      const again = await reopen();
      const write: ArtefactWrite = await again.openWrite(key("open"), ORIGIN);
      await write.append(veil(400));
      clock.monotonicOffsetMs = 1.5 * DAY_MS;
      expect(await again.discardIdle(DAY_MS)).toBe(1);
      clock.monotonicOffsetMs = 9 * DAY_MS;
      expect(await again.discardIdle(DAY_MS)).toBe(0);
      await write.close();
      expect((await again.look(key("open"))).state).toBe("unfinished");
    });
  });
}
