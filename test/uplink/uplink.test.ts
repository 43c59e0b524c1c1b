/** What the uplink promises, against a receiver in memory and in time of its own. */
import { describe, expect, test } from "vitest";
import { RpcError } from "../../host/rpc/index.ts";
import { unavailable } from "./fake-ingest.ts";
import { nameOfDay, seeded, setUp } from "./fixture.ts";

describe("an upload", () => {
  test("of a small artefact is one message, and counts when the receiver has said so", async () => {
    const { clock, spool, receiver, uplink } = setUp();
    const { id } = spool.add(700);
    spool.add(0);
    uplink.start();
    await clock.until(() => spool.uploaded.length === 2);
    expect(receiver.calls).toEqual(["write", "write"]);
    expect(receiver.stored.get(`recipients/0123456789abcdef/artefacts/${id}`)).toEqual(
      Buffer.from(spool.veils.get(id)!),
    );
    expect(uplink.state()).toMatchObject({ phase: "idle", sentBytes: 700, resentBytes: 0 });
    expect(uplink.state().confirmed).toBe(2);
    await uplink.stop(0);
    expect(uplink.state().phase).toBe("stopped");
    expect(() => uplink.start()).toThrow(/make a new one/);
  });

  test("follows the order of the spool", async () => {
    const { clock, spool, receiver, uplink } = setUp();
    for (const dataClass of ["logs", "lidar", "camera", "lidar"] as const) spool.add(10, dataClass);
    uplink.start();
    await clock.until(() => spool.uploaded.length === 4);
    expect(receiver.storedOrder).toEqual(["a-2", "a-4", "a-3", "a-1"]);
    await uplink.stop(0);
  });

  test("keeps at most `parallel` artefacts in memory", async () => {
    const { clock, spool, receiver, uplink } = setUp({ parallel: 3 });
    let mostOpen = 0;
    receiver.faults.onPiece = async () => {
      mostOpen = Math.max(mostOpen, receiver.openCalls);
      expect(spool.reads - spool.uploaded.length).toBeLessThanOrEqual(3);
      await clock.sleep(50);
      return undefined;
    };
    for (let i = 0; i < 20; i++) spool.add(2500);
    uplink.start();
    await clock.until(() => spool.uploaded.length === 20);
    expect(mostOpen).toBe(3);
    await uplink.stop(0);
  });

  test("stays below the cap of bytes a second, over all artefacts", async () => {
    const { clock, spool, receiver, uplink } = setUp({ parallel: 4, bandwidthBytesPerS: 10_000 });
    for (let i = 0; i < 20; i++) spool.add(5_000);
    uplink.start();
    await clock.until(() => spool.uploaded.length === 20);
    expect(clock.monotonicMs()).toBeGreaterThanOrEqual(9_900);
    expect(clock.monotonicMs()).toBeLessThan(10_500);
    for (const [i, atMs] of receiver.timesMs.entries()) {
      expect((i + 1) * 1000).toBeLessThanOrEqual(1000 + (atMs * 10_000) / 1000 + 1e-6);
    }
    await uplink.stop(0);
  });
});

describe("after a failure", () => {
  test("at 200 random pieces: every artefact once, and at most one piece more a cut", async () => {
    const random = seeded(7);
    const { clock, spool, receiver, uplink } = setUp({ parallel: 2 });
    let cuts = 0;
    const cut = () => {
      if (cuts >= 200 || random() > 0.3) return undefined;
      cuts++;
      return unavailable();
    };
    receiver.faults = { onPiece: cut, onStored: cut };
    for (let i = 0; i < 100; i++) spool.add(Math.floor(random() * 8000));
    uplink.start();
    await clock.until(() => spool.uploaded.length === 100, 1e9);
    expect(cuts).toBe(200);
    expect(receiver.storedOrder).toHaveLength(100);
    expect(new Set(receiver.storedOrder).size).toBe(100);
    for (const [name, bytes] of receiver.stored) {
      expect(Buffer.compare(bytes, spool.veils.get(name.split("/")[3]!)!)).toBe(0);
    }
    expect(receiver.bytesAgain).toBeLessThanOrEqual(cuts * 1000);
    expect(uplink.state().resentBytes).toBeLessThanOrEqual(cuts * 1000);
    await uplink.stop(0);
  });

  test("an uplink that died goes on where the receiver is", async () => {
    const { clock, spool, receiver, uplink, make } = setUp();
    spool.add(9_500);
    receiver.faults.onPiece = (_, count) => (count === 5 ? unavailable() : undefined);
    uplink.start();
    await clock.until(() => receiver.pieces === 6);
    await uplink.stop(0);
    const next = make();
    next.start();
    await clock.until(() => spool.uploaded.length === 1);
    expect(receiver.storedOrder).toEqual(["a-1"]);
    expect(receiver.bytesAgain).toBeLessThanOrEqual(1000);
    await next.stop(0);
  });

  test("it waits longer and longer, as long as the receiver asks for, and begins anew", async () => {
    const { clock, spool, receiver, uplink } = setUp();
    spool.add(10);
    const atMs: number[] = [];
    receiver.faults.onPiece = (_, count) => {
      atMs.push(clock.monotonicMs());
      if (count < 12) return unavailable();
      const error = new RpcError("RESOURCE_EXHAUSTED", "DISK_FULL", "Full.", {
        retryDelayMs: 90_000,
      });
      return count === 12 ? error : undefined;
    };
    uplink.start();
    await clock.until(() => uplink.state().phase === "waiting");
    expect(uplink.state()).toMatchObject({ problem: "UNAVAILABLE" });
    await clock.until(() => spool.uploaded.length === 1);
    const waits = atMs.slice(1).map((at, i) => at - atMs[i]!);
    expect(waits[12]).toBeGreaterThanOrEqual(90_000);
    // An artefact that failed three times waits a second beside its own back-off.
    for (const wait of waits.slice(0, 12)) expect(wait).toBeLessThanOrEqual(121_000);
    expect(receiver.links).toBeGreaterThan(10);
    await uplink.stop(0);
  });

  test("it waits no longer than an hour, whatever the receiver asks for", async () => {
    const { clock, spool, receiver, uplink } = setUp();
    spool.add(10);
    receiver.faults.onPiece = (_, count) =>
      count === 0
        ? new RpcError("UNAVAILABLE", "BUSY", "Later.", { retryDelayMs: 1e15 })
        : undefined;
    uplink.start();
    await clock.until(() => spool.uploaded.length === 1, 3_700_000);
    expect(clock.monotonicMs()).toBeGreaterThanOrEqual(3_600_000);
    await uplink.stop(0);
  });

  test("a receiver that takes nothing is given up after the stall timeout", async () => {
    const { clock, spool, receiver, uplink } = setUp();
    spool.add(3_000);
    receiver.faults.onPiece = (_, count) => (count === 1 ? new Promise(() => {}) : undefined);
    uplink.start();
    await clock.until(() => uplink.state().phase === "waiting");
    expect(clock.monotonicMs()).toBe(5_000);
    expect(receiver.openCalls).toBe(0);
    await clock.until(() => spool.uploaded.length === 1);
    await uplink.stop(0);
  });

  test("bytes that arrive damaged are sent again, three times", async () => {
    const { clock, spool, receiver, uplink } = setUp();
    spool.add(1_500);
    spool.add(100);
    const veil = spool.veils.get("a-1")!;
    spool.veils.set(
      "a-1",
      veil.map((byte) => byte ^ 1),
    );
    uplink.start();
    await clock.until(() => spool.uploaded.length === 1 && spool.refused.length === 1);
    expect(spool.refused).toEqual(["a-1 RECEIVER_REFUSED"]);
    expect(receiver.bytes).toBe(3 * 1_500 + 100);
    await uplink.stop(0);
  });

  test.each([
    ["FAILED_PRECONDITION", "STALE_EPOCH", "a-1 STALE_EPOCH"],
    ["INVALID_ARGUMENT", "HEADER_MISMATCH", "a-1 RECEIVER_REFUSED"],
    ["FAILED_PRECONDITION", "ARTEFACT_TOO_LARGE", "a-1 RECEIVER_REFUSED"],
    ["ALREADY_EXISTS", "ALREADY_STORED_DIFFERENT", "a-1 RECEIVER_REFUSED"],
  ] as const)("%s (%s) is a refusal for good", async (code, reason, refused) => {
    const { clock, spool, receiver, uplink } = setUp();
    spool.add(10);
    receiver.faults.onPiece = () => new RpcError(code, reason, "No.");
    uplink.start();
    await clock.until(() => spool.refused.length === 1);
    expect(spool.refused).toEqual([refused]);
    await uplink.stop(0);
  });

  test("an artefact that was stored and deleted there counts as uploaded", async () => {
    const { clock, spool, receiver, uplink } = setUp();
    spool.add(10);
    receiver.faults.onPiece = () =>
      new RpcError("FAILED_PRECONDITION", "ARTEFACT_DELETED", "Gone.");
    uplink.start();
    await clock.until(() => spool.uploaded.length === 1);
    await uplink.stop(0);
  });

  test.each(["INVALID_ARGUMENT", "INTERNAL", "UNAVAILABLE", "ABORTED"] as const)(
    "an artefact that always fails with %s does not block the others, and is kept",
    async (code) => {
      const { clock, spool, receiver, uplink } = setUp();
      for (let i = 0; i < 10; i++) spool.add(1_500);
      receiver.faults.onPiece = (name) =>
        name.endsWith("a-1") ? new RpcError(code, "ODD", "No.") : undefined;
      uplink.start();
      await clock.until(() => spool.uploaded.length === 9, 600_000);
      expect(spool.refused).toEqual([]);
      expect(spool.shelf.size).toBe(1);
      receiver.faults = {};
      await clock.until(() => spool.uploaded.length === 10);
      await uplink.stop(0);
    },
  );
});

test("an artefact that the robot's disk does not give does not block the others", async () => {
  const { clock, spool, uplink } = setUp();
  for (let i = 0; i < 5; i++) spool.add(10);
  const read = spool.read.bind(spool);
  spool.read = (id) => (id === "a-1" ? Promise.reject(new Error("EIO")) : read(id));
  uplink.start();
  await clock.until(() => spool.uploaded.length === 4, 60_000);
  expect(spool.shelf.size).toBe(1);
  await uplink.stop(0);
});

describe("the owner's will", () => {
  test("floors are announced before anything else, once", async () => {
    const { clock, gate, spool, receiver, uplink } = setUp();
    gate.floors.set("camera", 5n);
    gate.floors.set("lidar", 1n);
    spool.add(10);
    receiver.faults.onPiece = (_, count) => (count === 0 ? unavailable() : undefined);
    uplink.start();
    await clock.until(() => spool.uploaded.length === 1);
    expect(receiver.calls).toEqual(["floor", "floor", "write", "query", "write"]);
    expect(receiver.floors).toEqual([`${nameOfDay(0)} 1 1`, `${nameOfDay(0)} 8 5`]);
    await uplink.stop(0);
  });

  test("nothing of a class goes while its floor is not known there", async () => {
    const { clock, gate, spool, receiver, uplink } = setUp();
    gate.floors.set("camera", 5n);
    spool.add(10);
    let failures = 0;
    receiver.faults.onFloor = () => (failures++ < 5 ? unavailable() : undefined);
    uplink.start();
    await clock.until(() => failures === 5);
    expect(receiver.bytes).toBe(0);
    await clock.until(() => spool.uploaded.length === 1);
    await uplink.stop(0);
  });

  test("after withdraw() no byte of the class is written, at whatever moment it comes", async () => {
    const random = seeded(3);
    for (let round = 0; round < 100; round++) {
      const { clock, gate, spool, receiver, uplink } = setUp({ parallel: 3 });
      for (let i = 0; i < 6; i++) spool.add(5_000, i % 2 ? "lidar" : "camera");
      let withdrawn = false;
      let bytesAfter = 0;
      receiver.faults.onPiece = async (name) => {
        const isLidar = spool.shelf.find(name.split("/")[3]!)?.artefact.dataClass === "lidar";
        if (withdrawn && isLidar) bytesAfter++;
        await clock.sleep(10);
        return undefined;
      };
      uplink.start();
      await clock.pass(Math.floor(random() * 150));
      gate.withdraw("lidar");
      let isDone = false;
      void uplink.withdraw("lidar").then(() => {
        isDone = true;
        withdrawn = true;
      });
      await clock.until(() => isDone, 1);
      const lidarBytes = () =>
        [...receiver.partial, ...receiver.stored]
          .filter(([name]) => Number(name.split("-")[1]) % 2 === 0)
          .reduce((sum, [, bytes]) => sum + bytes.length, 0);
      const before = lidarBytes();
      await clock.until(() => spool.uploaded.filter((id) => Number(id.slice(2)) % 2).length === 3);
      expect(lidarBytes()).toBe(before);
      expect(bytesAfter).toBe(0);
      expect(receiver.floors).toEqual([`${nameOfDay(0)} 1 2`]);
      await uplink.stop(0);
    }
  });

  test("nothing of an epoch that the ledger does not have leaves", async () => {
    const { clock, gate, spool, receiver, uplink } = setUp();
    gate.epoch = 4n;
    spool.add(10, "lidar", 5n);
    spool.add(10, "lidar", 4n);
    uplink.start();
    await clock.until(() => spool.uploaded.length === 1);
    await clock.pass(60_000);
    expect([spool.uploaded, spool.refused, receiver.bytes]).toEqual([["a-2"], [], 10]);
    await uplink.stop(0);
  });

  test("a level below that of an artefact is no permission for it", async () => {
    const { clock, gate, spool, receiver, uplink } = setUp();
    spool.add(10);
    gate.decideUpload = () => ({ allowed: true, epoch: 1n, level: "map" });
    uplink.start();
    await clock.pass(60_000);
    expect(receiver.bytes).toBe(0);
    await uplink.stop(0);
  });

  test("is asked for a class, not for each of thousands that wait", async () => {
    const { clock, gate, spool, uplink } = setUp();
    gate.closed.add("lidar");
    for (let i = 0; i < 2_000; i++) spool.add(1);
    let asked = 0;
    const decide = gate.decideUpload.bind(gate);
    gate.decideUpload = (dataClass, level) => {
      asked++;
      return decide(dataClass, level);
    };
    uplink.start();
    await clock.pass(10_000);
    expect(asked).toBeGreaterThan(0);
    expect(asked).toBeLessThan(50);
    await uplink.stop(0);
  });

  test("a gate that closes between two pieces holds the rest back, and keeps it", async () => {
    const { clock, gate, spool, receiver, uplink } = setUp();
    spool.add(5_000);
    receiver.faults.onPiece = (_, count) => {
      if (count === 1) gate.closed.add("lidar");
      return undefined;
    };
    uplink.start();
    await clock.pass(60_000);
    expect(receiver.bytes).toBe(2_000);
    expect(uplink.state().phase).toBe("idle");
    gate.closed.clear();
    await clock.until(() => spool.uploaded.length === 1);
    expect(receiver.bytesAgain).toBe(0);
    await uplink.stop(0);
  });
});

describe("stop", () => {
  test("lets what is on its way end within the grace", async () => {
    const { clock, spool, receiver, uplink } = setUp();
    spool.add(3_000);
    spool.add(3_000);
    receiver.faults.onPiece = async () => {
      await clock.sleep(100);
      return undefined;
    };
    uplink.start();
    await clock.until(() => receiver.pieces === 1);
    await clock.within(uplink.stop(1_000), 400);
    expect(spool.uploaded).toEqual(["a-1"]);
    expect(receiver.openCalls).toBe(0);
  });

  test("cancels it after the grace, also while the receiver hangs", async () => {
    const { clock, spool, receiver, uplink } = setUp();
    spool.add(3_000);
    receiver.faults.onPiece = () => new Promise(() => {});
    uplink.start();
    await clock.until(() => receiver.pieces === 1);
    await clock.within(uplink.stop(500), 501);
    expect(receiver.openCalls).toBe(0);
    expect(spool.shelf.size).toBe(1);
  });

  test("what had to make room meanwhile is discarded at the receiver", async () => {
    const { clock, spool, receiver, uplink } = setUp();
    spool.add(3_000);
    receiver.faults.onPiece = (_, count) => {
      if (count < 1) return undefined;
      spool.veils.delete("a-1");
      return unavailable();
    };
    uplink.start();
    await clock.until(() => receiver.calls.includes("cancel"));
    expect(receiver.partial.size).toBe(0);
    await uplink.stop(0);
  });

  test("does not wait for a receiver that hangs while it discards", async () => {
    const { clock, spool, receiver, uplink } = setUp();
    spool.add(3_000);
    receiver.faults.onPiece = (_, count) => {
      if (count < 1) return undefined;
      spool.veils.delete("a-1");
      return unavailable();
    };
    receiver.faults.onCancel = () => new Promise(() => {});
    uplink.start();
    await clock.until(() => receiver.calls.includes("cancel"));
    await clock.within(uplink.stop(500), 501);
  });
});
