/** What the spool promises, call by call. */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { digestOf } from "../../host/spool/digest.ts";
import { TestClock } from "../permission/test-clock.ts";
import { artefactOf, openIn, removeFolders, temporaryFolder, veilOf } from "./fixture.ts";

afterAll(removeFolders);

describe("artefacts", () => {
  test("come back as they were after a restart, every field of them", async () => {
    const folder = join(temporaryFolder(), "below", "spool");
    const clock = new TestClock();
    const spool = await openIn(folder, { clock });
    const added = await spool.add({
      ...artefactOf(1, 100_000, "running_path", 0xffff_ffff_ffff_fff0n),
      level: "full",
    });
    expect(added).toEqual({
      id: "artefact-1",
      serial: 1,
      dataClass: "running_path",
      level: "full",
      epoch: 0xffff_ffff_ffff_fff0n,
      recipient: "0123456789abcdef",
      sealedBytes: 100_000,
      digest: digestOf(veilOf(1, 100_000)),
      spooledAtMs: clock.wall,
    });
    await spool.close();
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    const again = await openIn(folder, { clock });
    expect(again.nextToUpload(9)).toEqual([added]);
    expect(await again.read("artefact-1")).toEqual(Buffer.from(veilOf(1, 100_000)));
    expect(await again.read("artefact-2")).toBeUndefined();
    await again.close();
  });

  test("never get a serial that was used before, even when all are gone", async () => {
    const folder = temporaryFolder();
    const spool = await openIn(folder);
    const first = await spool.add(artefactOf(1));
    expect(await spool.markUploaded(first.id)).toBe(true);
    expect(await spool.markUploaded(first.id)).toBe(false);
    await spool.close();
    const again = await openIn(folder);
    expect((await again.add(artefactOf(2))).serial).toBe(2);
    expect(again.accounts()).toEqual({
      captured: 2,
      uploaded: 1,
      spooled: 1,
      refused: {},
      evicted: {},
      mapped: 0,
      mappedReleased: 0,
      mappedLost: 0,
    });
    await again.close();
  });

  test("are uploaded by class, then by age", async () => {
    const spool = await openIn(temporaryFolder());
    const classes = ["logs", "running_path", "lidar", "camera", "house_plan", "lidar"] as const;
    await Promise.all(classes.map((dataClass, i) => spool.add(artefactOf(i, 10, dataClass))));
    const order = spool.nextToUpload(9).map(({ dataClass, serial }) => `${dataClass} ${serial}`);
    expect(order).toEqual([
      "lidar 3",
      "lidar 6",
      "house_plan 5",
      "running_path 2",
      "camera 4",
      "logs 1",
    ]);
    expect(spool.nextToUpload(2)).toHaveLength(2);
    await spool.close();
  });

  test("of length zero are kept as well", async () => {
    const spool = await openIn(temporaryFolder());
    const { id } = await spool.add(artefactOf(1, 0));
    expect(await spool.read(id)).toHaveLength(0);
    await spool.close();
  });

  test("are told of: a listener hears every change until it is ended", async () => {
    const spool = await openIn(temporaryFolder());
    let calls = 0;
    const end = spool.onChange(() => calls++);
    const { id } = await spool.add(artefactOf(1));
    expect(calls).toBe(1);
    await spool.reject(id, "STALE_EPOCH");
    expect(calls).toBe(2);
    end();
    await spool.add(artefactOf(2));
    expect(calls).toBe(2);
    await spool.close();
  });
});

describe("the disk holds only what is sealed", () => {
  test("and the listed fields: two files of LMDB and the reserve", async () => {
    const folder = temporaryFolder();
    const spool = await openIn(folder);
    await spool.add(artefactOf(1));
    await spool.close();
    expect(readdirSync(folder).sort()).toEqual(["data.mdb", "lock.mdb", "reserve"]);
    expect(readFileSync(join(folder, "reserve")).every((byte) => byte === 0)).toBe(true);
  });
});

describe("the quota", () => {
  test("takes the oldest of the lowest class, up to the class of what comes", async () => {
    const spool = await openIn(temporaryFolder(), { quotaBytes: 3000 });
    await spool.add(artefactOf(1, 1000, "lidar"));
    await spool.add(artefactOf(2, 1000, "logs"));
    await spool.add(artefactOf(3, 1000, "logs"));
    await spool.add(artefactOf(4, 1500, "house_plan"));
    expect(spool.nextToUpload(9).map(({ serial }) => serial)).toEqual([1, 4]);
    expect(spool.accounts().evicted).toEqual({ QUOTA: 2 });
    await spool.add(artefactOf(5, 1000, "lidar"));
    expect(spool.nextToUpload(9).map(({ serial }) => serial)).toEqual([1, 5]);
    await spool.add(artefactOf(6, 1500, "lidar"));
    expect(spool.nextToUpload(9).map(({ serial }) => serial)).toEqual([5, 6]);
    expect(spool.state()).toMatchObject({ artefacts: 2, bytes: 2500, quotaBytes: 3000 });
    await spool.close();
  });

  test("evicts what comes itself, and nothing else, if all that is in the way ranks higher", async () => {
    const spool = await openIn(temporaryFolder(), { quotaBytes: 3000 });
    await spool.add(artefactOf(1, 2500, "lidar"));
    await spool.add(artefactOf(2, 400, "logs"));
    const evicted = await spool.add(artefactOf(3, 1000, "logs"));
    expect(await spool.read(evicted.id)).toBeUndefined();
    expect(spool.nextToUpload(9).map(({ serial }) => serial)).toEqual([1, 2]);
    expect(spool.accounts()).toMatchObject({ captured: 3, spooled: 2, evicted: { QUOTA: 1 } });
    await spool.close();
  });

  test("lets exactly its bytes wait, also when many come at once", async () => {
    const spool = await openIn(temporaryFolder(), { quotaBytes: 10_000 });
    await Promise.all(Array.from({ length: 25 }, (_, i) => spool.add(artefactOf(i, 1000))));
    expect(spool.nextToUpload(99).map(({ serial }) => serial)).toEqual(
      Array.from({ length: 10 }, (_, i) => 16 + i),
    );
    expect(spool.accounts()).toMatchObject({ captured: 25, spooled: 10, evicted: { QUOTA: 15 } });
    await spool.close();
  });

  test("refuses what is larger than itself, and does not count it", async () => {
    const spool = await openIn(temporaryFolder(), { quotaBytes: 999 });
    await expect(spool.add(artefactOf(1, 1000))).rejects.toMatchObject({ code: "TOO_LARGE" });
    expect(spool.accounts().captured).toBe(0);
    await spool.close();
  });
});

describe("a withdrawal", () => {
  test("destroys what was made before it of its class, in many transactions if need be", async () => {
    const spool = await openIn(temporaryFolder());
    const all = Array.from({ length: 600 }, (_, i) => artefactOf(i, 10, "lidar", BigInt(i % 2)));
    await Promise.all(all.map((artefact) => spool.add(artefact)));
    await spool.add(artefactOf(601, 10, "logs", 0n));
    expect(await spool.destroy("lidar", 1n, 1n)).toEqual({ artefacts: 300, bytes: 3000 });
    expect(await spool.destroy("lidar", 1n, 1n)).toEqual({ artefacts: 0, bytes: 0 });
    expect(spool.nextToUpload(999).filter(({ epoch }) => epoch === 0n)).toHaveLength(1);
    expect(spool.accounts()).toMatchObject({ spooled: 301, refused: { WITHDRAWN: 300 } });
    await spool.close();
  });

  test("or a ledger that is gone leaves nothing of another epoch than it can tell of", async () => {
    const folder = temporaryFolder();
    let spool = await openIn(folder);
    for (const epoch of [3n, 4n, 5n, 6n, 9n]) await spool.add(artefactOf(1, 10, "lidar", epoch));
    await spool.add(artefactOf(1, 10, "logs", 9n));
    expect(await spool.destroy("lidar", 4n, 5n)).toEqual({ artefacts: 3, bytes: 30 });
    await spool.close();
    spool = await openIn(folder);
    expect(spool.nextToUpload(9).map(({ epoch }) => epoch)).toEqual([4n, 5n, 9n]);
    // A ledger that begins anew knows of no entry.
    expect(await spool.destroy("lidar", 0n, 0n)).toEqual({ artefacts: 2, bytes: 20 });
    expect(spool.accounts()).toMatchObject({ captured: 6, spooled: 1, refused: { WITHDRAWN: 5 } });
    await spool.close();
  });
});

describe("what fails", () => {
  test("in one call is the failure of that call alone, and changes nothing", async () => {
    const artefactId = (serial: number) => {
      if (failing > 0 && failing-- > 0) throw new Error("no id");
      return `id-${serial}`;
    };
    let failing = 0;
    const spool = await openIn(temporaryFolder(), { artefactId });
    await spool.add(artefactOf(1));
    failing = 1;
    const [refused, failed, added] = await Promise.allSettled([
      spool.refuse("OVERLOADED"),
      spool.add(artefactOf(2)),
      spool.add(artefactOf(3)),
    ]);
    expect(refused.status).toBe("fulfilled");
    expect(failed).toMatchObject({ status: "rejected", reason: new Error("no id") });
    expect(added).toMatchObject({ status: "fulfilled", value: { serial: 2 } });
    expect(spool.accounts()).toMatchObject({ captured: 3, spooled: 2, refused: { OVERLOADED: 1 } });
    await spool.close();
  });

  test("in a listener is no failure of the change that it hears of", async () => {
    const spool = await openIn(temporaryFolder());
    let heard = 0;
    spool.onChange(() => {
      throw new Error("not now");
    });
    spool.onChange(() => heard++);
    expect((await spool.add(artefactOf(1))).serial).toBe(1);
    expect([heard, spool.accounts().captured]).toEqual([1, 1]);
    await spool.close();
  });
});

describe("age", () => {
  const day = 86_400_000;

  test("counts while the spool is open, whatever the wall clock does", async () => {
    const clock = new TestClock();
    const spool = await openIn(temporaryFolder(), { clock, maxAgeMs: 7 * day });
    await spool.add(artefactOf(1));
    clock.wall += 30 * day;
    expect(await spool.evictOld()).toBe(0);
    clock.wall -= 60 * day;
    clock.pass(6 * day);
    await spool.add(artefactOf(2));
    clock.pass(2 * day);
    expect(await spool.evictOld()).toBe(1);
    expect(spool.nextToUpload(9).map(({ serial }) => serial)).toEqual([2]);
    expect(spool.accounts().evicted).toEqual({ TOO_OLD: 1 });
    await spool.close();
  });

  test("goes on across a restart, by a day at most", async () => {
    const folder = temporaryFolder();
    const clock = new TestClock();
    const options = { clock, maxAgeMs: 3 * day };
    let spool = await openIn(folder, options);
    await spool.add(artefactOf(1));
    for (const [awayMs, runningMs, evicted] of [
      [30 * day, 0, 0],
      [-30 * day, 0.9 * day, 0],
      [0.5 * day, day, 1],
    ] as const) {
      await spool.close();
      clock.wall += awayMs;
      clock.monotonic = 0;
      spool = await openIn(folder, options);
      clock.pass(runningMs);
      expect(await spool.evictOld()).toBe(evicted);
    }
    await spool.close();
  });
});

test("30 000 artefacts: the next ones are found at once", async () => {
  const { Shelf } = await import("../../host/spool/shelf.ts");
  const shelf = new Shelf();
  const base = {
    level: "frames",
    epoch: 1n,
    recipient: "",
    sealedBytes: 1,
    spooledAtMs: 0,
  } as const;
  const digest = new Uint8Array(32);
  for (let serial = 1; serial <= 30_000; serial++) {
    const artefact = { ...base, digest, id: `a-${serial}`, serial, dataClass: "lidar" as const };
    shelf.add({ artefact, ageMs: 0 });
  }
  const began = performance.now();
  for (let i = 0; i < 1000; i++) {
    const next = shelf.inUploadOrder().next().value!;
    shelf.remove(shelf.find(next.id)!);
  }
  expect(performance.now() - began).toBeLessThan(500);
  expect(shelf.size).toBe(29_000);
});

test("a closed spool takes nothing more, and says so", async () => {
  const spool = await openIn(temporaryFolder());
  const adding = spool.add(artefactOf(1));
  await spool.close();
  expect((await adding).serial).toBe(1);
  await expect(spool.refuse("OVERLOADED")).rejects.toMatchObject({ code: "USAGE" });
});
