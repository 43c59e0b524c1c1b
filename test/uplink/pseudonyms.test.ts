/** Nothing on the wire puts two pseudonyms of a robot side by side. */
import { describe, expect, test } from "vitest";
import { unavailable } from "./fake-ingest.ts";
import { EPOCH_MS, nameOfDay, setUp } from "./fixture.ts";

type Receiver = ReturnType<typeof setUp>["receiver"];

/** The pseudonyms that were used on each link. */
function sourcesOfLinks({ seen }: Receiver): Map<number, Set<string>> {
  const links = new Map<number, Set<string>>();
  for (const { link, source } of seen) {
    const sources = links.get(link) ?? new Set();
    if (source !== "") sources.add(source);
    links.set(link, sources);
  }
  return links;
}

/** The pseudonyms that each artefact was written under. */
function sourcesOfArtefacts({ seen }: Receiver): Map<string, Set<string>> {
  const artefacts = new Map<string, Set<string>>();
  for (const { what, source } of seen) {
    if (!what.startsWith("write ")) continue;
    artefacts.set(what, (artefacts.get(what) ?? new Set()).add(source));
  }
  return artefacts;
}

describe("a change of the pseudonym", () => {
  test("is a new connection, and the old one is closed before it", async () => {
    const { clock, spool, receiver, uplink } = setUp();
    uplink.start();
    for (let hour = 0; hour < 30; hour++) {
      spool.add(10);
      await clock.skip(3_600_000);
    }
    expect(spool.uploaded).toHaveLength(30);
    expect([...sourcesOfLinks(receiver).values()]).toEqual(
      [0, 1, 2].map((day) => new Set([nameOfDay(day)])).slice(0, receiver.links),
    );
    expect(receiver.links).toBeGreaterThanOrEqual(2);
    const whats = receiver.seen.map(({ link, what }) => `${link} ${what.split(" ")[0]}`);
    expect(whats.indexOf("1 close")).toBeLessThan(whats.indexOf("2 write"));
    await uplink.stop(0);
  });

  test("closes an idle connection, though nothing follows", async () => {
    const { clock, spool, receiver, uplink } = setUp();
    spool.add(10);
    uplink.start();
    await clock.skip(2 * EPOCH_MS);
    expect(receiver.seen.map(({ what }) => what)).toEqual(["write a-1", "close"]);
    await uplink.stop(0);
  });

  test("does not wait for the change: what is under way ends under its name first", async () => {
    const { clock, spool, receiver, uplink } = setUp({ parallel: 3 });
    await clock.skip(6_397_000);
    receiver.faults.onPiece = async () => {
      await clock.sleep(1_000);
      return undefined;
    };
    for (let i = 0; i < 3; i++) spool.add(5_000);
    uplink.start();
    await clock.pass(2_000);
    for (let i = 0; i < 3; i++) spool.add(1_000);
    await clock.until(() => spool.uploaded.length === 6);
    for (const sources of sourcesOfLinks(receiver).values()) expect(sources.size).toBe(1);
    expect(receiver.links).toBe(2);
    await uplink.stop(0);
  });
});

describe("what was spooled in one epoch and is sent in another", () => {
  test("goes under the pseudonym of its own, a connection for each", async () => {
    const { clock, spool, receiver, uplink } = setUp({ parallel: 4 });
    for (let day = 0; day < 4; day++) {
      for (let i = 0; i < 3; i++) spool.add(1_500);
      await clock.skip(EPOCH_MS);
    }
    uplink.start();
    await clock.until(() => spool.uploaded.length === 12);
    const names = [...sourcesOfLinks(receiver).values()].map((sources) => [...sources]);
    expect(names).toEqual([0, 1, 2, 3].map((day) => [nameOfDay(day)]));
    await uplink.stop(0);
  });

  test("goes on under the name that it was begun under, also after a restart", async () => {
    const { clock, spool, receiver, uplink, make } = setUp();
    spool.add(9_500);
    receiver.faults.onPiece = (_, count) => (count === 5 ? unavailable() : undefined);
    uplink.start();
    await clock.until(() => receiver.pieces === 6);
    await uplink.stop(0);
    await clock.skip(EPOCH_MS);
    const next = make();
    next.start();
    spool.add(10);
    await clock.until(() => spool.uploaded.length === 2);
    expect([...sourcesOfArtefacts(receiver)]).toEqual([
      ["write a-1", new Set([nameOfDay(0)])],
      ["write a-2", new Set([nameOfDay(1)])],
    ]);
    for (const sources of sourcesOfLinks(receiver).values()) expect(sources.size).toBe(1);
    await next.stop(0);
  });
});

describe("a withdrawal", () => {
  test("is told under the pseudonym of its own moment, and never again under a later one", async () => {
    const { clock, gate, spool, receiver, uplink, make } = setUp();
    uplink.start();
    await clock.pass(10_000);
    gate.withdraw("lidar");
    await uplink.withdraw("lidar");
    await clock.pass(5_000);
    for (let day = 0; day < 5; day++) {
      spool.add(10, "lidar", gate.epoch);
      await clock.skip(EPOCH_MS);
    }
    await uplink.stop(0);
    const next = make();
    next.start();
    spool.add(10, "lidar", gate.epoch);
    await clock.until(() => spool.uploaded.length === 6);
    expect(receiver.floors).toEqual([`${nameOfDay(0)} 1 2`]);
    await next.stop(0);
  });

  test("that comes while the link is down is told under that pseudonym, days later too", async () => {
    const { clock, gate, receiver, uplink } = setUp();
    receiver.faults.onFloor = unavailable;
    uplink.start();
    gate.withdraw("camera");
    await uplink.withdraw("camera");
    await clock.skip(2 * EPOCH_MS);
    receiver.faults = {};
    await clock.pass(120_000);
    expect(receiver.floors).toEqual([`${nameOfDay(0)} 8 2`]);
    await uplink.stop(0);
  });

  test("reaches what was begun under an earlier pseudonym, under that one", async () => {
    const { clock, gate, spool, receiver, uplink } = setUp();
    spool.add(9_500);
    spool.add(10, "camera");
    await clock.skip(EPOCH_MS);
    receiver.faults.onPiece = (name) => (name.endsWith("a-1") ? unavailable() : undefined);
    uplink.start();
    await clock.until(() => receiver.pieces > 0);
    gate.withdraw("lidar");
    const entry = spool.shelf.find("a-1")!;
    await uplink.withdraw("lidar");
    spool.shelf.remove(entry);
    await clock.until(() => receiver.floors.length === 2 && spool.uploaded.length === 1);
    expect(receiver.floors.sort()).toEqual([`${nameOfDay(0)} 1 2`, `${nameOfDay(1)} 1 2`]);
    for (const sources of sourcesOfLinks(receiver).values()) expect(sources.size).toBe(1);
    await uplink.stop(0);
  });
});
