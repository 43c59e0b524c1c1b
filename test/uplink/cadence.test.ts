/** When bytes leave says nothing about when anything was captured. */
import { describe, expect, test } from "vitest";
import { unavailable } from "./fake-ingest.ts";
import { seeded, setUp } from "./fixture.ts";

const MINUTE_MS = 60_000;
const CADENCE_MS = 10 * MINUTE_MS;
const DAY_MS = 24 * 60 * MINUTE_MS;
/** Long enough for two days to differ. */
const RUN_MS = DAY_MS / 2;

/** Runs half a day with artefacts at these times; the times at which anything reached the receiver. */
async function dayOf(capturesMs: readonly number[]): Promise<number[]> {
  const { clock, spool, receiver, uplink } = setUp({ cadenceMs: CADENCE_MS });
  uplink.start();
  for (const atMs of capturesMs) {
    await clock.pass(atMs - clock.monotonicMs());
    spool.add(1_500);
  }
  await clock.pass(RUN_MS - clock.monotonicMs());
  await uplink.stop(0);
  return receiver.timesMs;
}

/** Times of a day at which a robot worked, once a minute or so. */
function activity(seed: number, fromHour: number, toHour: number): number[] {
  const random = seeded(seed);
  const times: number[] = [];
  for (let atMs = fromHour * 3_600_000; atMs < toHour * 3_600_000; ) {
    times.push(Math.floor(atMs));
    atMs += 2 * MINUTE_MS * random();
  }
  return times;
}

describe("with a cadence", () => {
  test("bytes leave at the same ticks, whatever the activity of the day", async () => {
    const morning = await dayOf(activity(1, 7, 9));
    const all = await dayOf(activity(2, 0, 11.5));
    const phase = (timesMs: readonly number[]) =>
      new Set(timesMs.map((atMs) => Math.round(atMs) % CADENCE_MS));
    // One and the same phase, in two days that have no capture time in common.
    expect(phase(all).size).toBe(1);
    expect(phase(morning)).toEqual(phase(all));
    expect(new Set(morning).size).toBeGreaterThanOrEqual(12);
    expect(new Set(all).size).toBeGreaterThanOrEqual(66);
    for (const atMs of morning) expect(all).toContain(atMs);
  });

  test("the phase is drawn, not taken from the clock or from a capture", async () => {
    const { clock, spool, receiver, make } = setUp({ cadenceMs: CADENCE_MS });
    const phases = new Set<number>();
    for (let i = 0; i < 20; i++) {
      // At the same place of its period each time, by the clock.
      await clock.pass(CADENCE_MS - (clock.monotonicMs() % CADENCE_MS));
      const uplink = make();
      uplink.start();
      spool.add(10);
      await clock.until(() => spool.uploaded.length === i + 1);
      phases.add(receiver.timesMs.at(-1)! % CADENCE_MS);
      await uplink.stop(0);
    }
    expect(phases.size).toBeGreaterThanOrEqual(19);
    expect(Math.max(...phases) - Math.min(...phases)).toBeGreaterThan(CADENCE_MS / 2);
  });

  test("what comes while a tick's uploads run waits for the next one", async () => {
    const { clock, spool, receiver, uplink } = setUp({ cadenceMs: CADENCE_MS });
    receiver.faults.onPiece = async () => {
      if (spool.uploaded.length < 3) spool.add(10);
      await clock.sleep(1_000);
      return undefined;
    };
    spool.add(2_500);
    uplink.start();
    await clock.until(() => spool.uploaded.length === 1);
    const tickMs = receiver.timesMs[0]!;
    await clock.pass(CADENCE_MS - 10_000);
    expect(spool.uploaded).toEqual(["a-1"]);
    await clock.until(() => spool.uploaded.length === 2);
    expect(clock.monotonicMs() - tickMs).toBeGreaterThanOrEqual(CADENCE_MS);
    await clock.until(() => spool.shelf.size === 0);
    await uplink.stop(0);
  });

  test("a tick takes no more than its cap, in order, and no connection outlives it", async () => {
    const { clock, spool, receiver, uplink } = setUp({ cadenceMs: CADENCE_MS, perTick: 4 });
    for (let i = 0; i < 10; i++) spool.add(10);
    uplink.start();
    await clock.pass(4 * CADENCE_MS);
    expect(receiver.storedOrder).toEqual(spool.uploaded);
    const atTicks = [...new Set(receiver.timesMs)].map(
      (tickMs) => receiver.timesMs.filter((atMs) => atMs === tickMs).length,
    );
    expect(atTicks).toEqual([4, 4, 2]);
    expect(receiver.links).toBe(3);
    expect(receiver.seen.filter(({ what }) => what === "close")).toHaveLength(3);
    await uplink.stop(0);
  });

  test("a gate that opens between two ticks opens nothing before the next", async () => {
    const { clock, gate, spool, receiver, uplink } = setUp({ cadenceMs: CADENCE_MS });
    gate.closed.add("lidar");
    spool.add(10);
    uplink.start();
    const { nextTickMs } = uplink.state();
    await clock.pass(nextTickMs! - clock.wallMs() + 100);
    gate.closed.clear();
    await clock.until(() => spool.uploaded.length === 1);
    expect(clock.wallMs() - nextTickMs!).toBe(CADENCE_MS);
    expect(receiver.timesMs).toHaveLength(1);
    await uplink.stop(0);
  });

  test("a failure is tried again after its back-off, with what the tick began and no more", async () => {
    const { clock, spool, receiver, uplink } = setUp({ cadenceMs: CADENCE_MS });
    spool.add(10);
    receiver.faults.onPiece = (_, count) => {
      if (count === 0) spool.add(10);
      return count < 2 ? unavailable() : undefined;
    };
    uplink.start();
    await clock.until(() => spool.uploaded.length === 1);
    await clock.pass(CADENCE_MS / 2);
    expect(spool.uploaded).toEqual(["a-1"]);
    await clock.until(() => spool.uploaded.length === 2);
    await uplink.stop(0);
  });

  test("a withdrawal is told at once", async () => {
    const { clock, gate, receiver, uplink } = setUp({ cadenceMs: DAY_MS });
    uplink.start();
    await clock.pass(5_000);
    gate.withdraw("lidar");
    await uplink.withdraw("lidar");
    await clock.pass(0);
    expect(receiver.seen.map(({ what }) => what)).toEqual(["floor 1", "close"]);
    await uplink.stop(0);
  });

  test("a stop flushes nothing, and the next tick is told", async () => {
    const { clock, spool, receiver, uplink } = setUp({ cadenceMs: CADENCE_MS });
    for (let i = 0; i < 3; i++) spool.add(10);
    uplink.start();
    await clock.pass(100);
    const { nextTickMs, phase } = uplink.state();
    expect(phase).toBe("idle");
    expect(nextTickMs! - clock.wallMs()).toBeGreaterThan(0);
    expect(nextTickMs! - clock.wallMs()).toBeLessThanOrEqual(CADENCE_MS);
    await clock.within(uplink.stop(60_000), 60_000);
    expect(receiver.seen).toEqual([]);
    expect(spool.shelf.size).toBe(3);
  });
});

test("without a cadence what is spooled leaves at once", async () => {
  const { clock, spool, receiver, uplink } = setUp();
  uplink.start();
  await clock.pass(12_345);
  spool.add(10);
  await clock.until(() => spool.uploaded.length === 1);
  expect(receiver.timesMs).toEqual([12_345]);
  expect(uplink.state().nextTickMs).toBeUndefined();
  await uplink.stop(0);
});
