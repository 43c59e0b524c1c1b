/** Random histories of the local store against a model of it, with reopening in between. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { DataClass } from "../../host/gen/mapveil/v1/types_pb.ts";
import { openLocalStore } from "../../host/receiver/local-store.ts";
import {
  ARTEFACT_OVERHEAD_BYTES,
  type Store,
  type WriteOrigin,
} from "../../host/receiver/store.ts";
import { digestOf, RECIPIENT, SOURCE, sha, veil } from "./artefacts.ts";
import { key, ORIGIN, readAll } from "./store-suite.ts";
import { JumpingClock, MemoryLog, temporaryFolder } from "./temporary.ts";

type Entry =
  | { readonly state: "unfinished"; readonly bytes: Uint8Array; readonly epoch: bigint }
  | { readonly state: "stored"; readonly bytes: Uint8Array }
  | { readonly state: "deleted" };

interface Model {
  readonly entries: Map<number, Entry>;
  readonly order: number[];
  floor: bigint;
}

interface Real {
  store: Store;
  readonly clock: JumpingClock;
  readonly open: () => Promise<Store>;
}

const idOf = (i: number) => key(`artefact-${i}`);
const originOf = (epoch: bigint): WriteOrigin => ({ ...ORIGIN, epoch });

class Command implements fc.AsyncCommand<Model, Real> {
  readonly #name: string;
  readonly #act: (model: Model, real: Real) => Promise<void>;
  constructor(name: string, act: (model: Model, real: Real) => Promise<void>) {
    this.#name = name;
    this.#act = act;
  }
  check = () => true;
  async run(model: Model, real: Real): Promise<void> {
    await this.#act(model, real);
    await agree(model, real.store);
  }
  toString = () => this.#name;
}

/** Everything that the store tells is what the model tells. */
async function agree({ entries, order }: Model, store: Store): Promise<void> {
  let [kept, keptBytes, unfinished, unfinishedBytes, deleted] = [0, 0, 0, 0, 0];
  for (const [i, entry] of entries) {
    const found = await store.look(idOf(i));
    expect(found.state).toBe(entry.state);
    if (entry.state === "deleted") deleted++;
    else if (entry.state === "stored") {
      kept++;
      keptBytes += entry.bytes.length;
    } else {
      unfinished++;
      unfinishedBytes += entry.bytes.length;
      expect(found).toMatchObject({ committedBytes: entry.bytes.length, epoch: entry.epoch });
    }
  }
  const stored = kept + deleted;
  const lost = 0;
  const counts = { stored, kept, keptBytes, deleted, lost, unfinished, unfinishedBytes };
  expect(store.accounts()).toEqual(counts);
  const overhead = (kept + unfinished) * ARTEFACT_OVERHEAD_BYTES;
  expect(store.usedBytes(RECIPIENT)).toBe(keptBytes + unfinishedBytes + overhead);
  const list = await store.list(RECIPIENT, 0, 1000);
  expect(list.map(({ artefact }) => artefact)).toEqual(order.map((i) => idOf(i).artefact));
  expect(list.every(({ order: place }, at) => at === 0 || place > list[at - 1]!.order)).toBe(true);
}

const write = (i: number, size: number, epoch: bigint, finish: boolean) =>
  new Command(`write ${i} ${size} ${epoch} ${finish}`, async (model, { store }) => {
    const entry = model.entries.get(i);
    if (entry?.state === "stored" || entry?.state === "deleted") {
      await expect(store.openWrite(idOf(i), originOf(epoch))).rejects.toMatchObject({
        reason: entry.state === "stored" ? "ALREADY_STORED_DIFFERENT" : "ARTEFACT_DELETED",
      });
      return;
    }
    const begun = entry?.epoch ?? epoch;
    const write = await store.openWrite(idOf(i), originOf(epoch));
    const piece = veil(size, { epoch });
    const bytes = Buffer.concat([entry?.bytes ?? new Uint8Array(), piece]);
    await write.append(piece);
    if (!finish) model.entries.set(i, { state: "unfinished", bytes, epoch: begun });
    else if (begun < model.floor) {
      await expect(write.finish(digestOf(bytes))).rejects.toMatchObject({ reason: "STALE_EPOCH" });
      model.entries.delete(i);
    } else {
      await write.finish(digestOf(bytes));
      model.entries.set(i, { state: "stored", bytes });
      model.order.push(i);
      expect(sha(await readAll(store, idOf(i)))).toBe(sha(bytes));
    }
    await write.close();
  });

const cancel = (i: number) =>
  new Command(`cancel ${i}`, async ({ entries }, { store }) => {
    await store.cancelWrite(idOf(i));
    if (entries.get(i)?.state === "unfinished") entries.delete(i);
  });

const remove = (i: number) =>
  new Command(`remove ${i}`, async ({ entries, order }, { store }) => {
    const stored = entries.get(i)?.state === "stored";
    expect(await store.remove(idOf(i))).toBe(stored);
    if (!stored) return;
    entries.set(i, { state: "deleted" });
    order.splice(order.indexOf(i), 1);
  });

const raise = (epoch: bigint) =>
  new Command(`raise ${epoch}`, async (model, { store }) => {
    if (epoch > model.floor) model.floor = epoch;
    const floorKey = { recipient: RECIPIENT, source: SOURCE, dataClass: DataClass.LIDAR };
    expect((await store.raiseFloor(floorKey, epoch)).epoch).toBe(model.floor);
    for (const [i, entry] of model.entries) {
      if (entry.state === "unfinished" && entry.epoch < model.floor) model.entries.delete(i);
    }
  });

const reopen = (wallOffsetMs: number) =>
  new Command(`reopen ${wallOffsetMs}`, async ({ entries }, real) => {
    await real.store.close();
    real.clock.wallOffsetMs = wallOffsetMs;
    real.store = await real.open();
    expect(await real.store.discardIdle(86_400_000)).toBe(0);
    for (const [i, entry] of entries) {
      if (entry.state !== "stored") continue;
      expect(sha(await readAll(real.store, idOf(i)))).toBe(sha(entry.bytes));
    }
  });

const index = fc.nat({ max: 5 });
const epochs = fc.bigInt({ min: 1n, max: 6n });
const commands = fc.commands(
  [
    fc
      .tuple(index, fc.integer({ min: 194, max: 3000 }), epochs, fc.boolean())
      .map((a) => write(...a)),
    fc
      .tuple(index, fc.integer({ min: 194, max: 3000 }), epochs, fc.boolean())
      .map((a) => write(...a)),
    index.map(cancel),
    index.map(remove),
    epochs.map(raise),
    fc.constantFrom(0, 30 * 86_400_000, -30 * 86_400_000).map(reopen),
  ],
  { maxCommands: 25 },
);

test("a random history leaves what its model says", async () => {
  await fc.assert(
    fc.asyncProperty(commands, async (history) => {
      const folder = temporaryFolder();
      const clock = new JumpingClock();
      const open = () => openLocalStore({ folder, clock, log: new MemoryLog() });
      const real: Real = { store: await open(), clock, open };
      try {
        const setup = () => ({ model: { entries: new Map(), order: [], floor: 0n }, real });
        await fc.asyncModelRun(setup, history);
      } finally {
        await real.store.close();
      }
    }),
    { numRuns: process.env.MAPVEIL_LONG === "1" ? 500 : 6 },
  );
});
