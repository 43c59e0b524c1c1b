/** The spool against a plain model of it: any calls in any order, restarts in between. */
import fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import type { DataClass } from "../../host/permission/vocabulary.ts";
import { DATA_CLASSES } from "../../host/permission/vocabulary.ts";
import { REFUSED_REASONS, type Spool } from "../../host/spool/index.ts";
import { TestClock } from "../permission/test-clock.ts";
import { accountedFor, artefactOf, openIn, removeFolders, temporaryFolder } from "./fixture.ts";

afterAll(removeFolders);

const QUOTA_BYTES = 20_000;
const MAX_AGE_MS = 10_000;

interface Kept {
  readonly serial: number;
  readonly bytes: number;
  readonly dataClass: DataClass;
  readonly epoch: bigint;
  readonly atMs: number;
}

/** What the spool should be, written down as plainly as can be. */
class Model {
  kept: Kept[] = [];
  serial = 0;
  /** Scans that are in a map and in no release. */
  inMap = 0;
  readonly counts = new Map<string, number>();

  count(what: string, times = 1): void {
    if (times > 0) this.counts.set(what, (this.counts.get(what) ?? 0) + times);
  }

  add(added: Omit<Kept, "serial">): void {
    const rank = ({ dataClass }: { dataClass: DataClass }) => DATA_CLASSES.indexOf(dataClass);
    const serial = ++this.serial;
    const total = () => this.kept.reduce((sum, { bytes }) => sum + bytes, 0) + added.bytes;
    const before = this.kept;
    let evicted = 0;
    while (total() > QUOTA_BYTES) {
      const lower = this.kept.filter((kept) => rank(kept) >= rank(added));
      const victim = lower.sort((a, b) => rank(b) - rank(a) || a.serial - b.serial)[0];
      if (!victim) {
        this.kept = before;
        this.count("QUOTA");
        return;
      }
      this.kept = this.kept.filter((kept) => kept !== victim);
      evicted++;
    }
    this.count("QUOTA", evicted);
    this.kept = [...this.kept, { ...added, serial }];
  }

  remove(isMeant: (kept: Kept) => boolean, what: string): number {
    const kept = this.kept.filter((one) => !isMeant(one));
    const removed = this.kept.length - kept.length;
    this.kept = kept;
    this.count(what, removed);
    return removed;
  }
}

interface Real {
  spool: Spool;
  readonly folder: string;
  readonly clock: TestClock;
}

function check(model: Model, { spool }: Real): void {
  const accounts = spool.accounts();
  const { captured, uploaded, spooled, refused, evicted, mapped } = accounts;
  expect(accountedFor(accounts)).toBe(captured);
  const { mappedReleased, mappedLost } = accounts;
  expect(mapped - mappedReleased - mappedLost).toBe(model.inMap);
  expect(spooled).toBe(model.kept.length);
  const seen = Object.entries({ uploaded, mappedReleased, mappedLost }).filter(([, n]) => n > 0);
  const counts = { ...Object.fromEntries(seen), ...refused, ...evicted };
  expect(counts).toEqual(Object.fromEntries(model.counts));
  const rank = (kept: Kept) => DATA_CLASSES.indexOf(kept.dataClass);
  const order = [...model.kept].sort((a, b) => rank(a) - rank(b) || a.serial - b.serial);
  expect(spool.nextToUpload(999).map(({ serial }) => serial)).toEqual(order.map((k) => k.serial));
}

type Command = fc.AsyncCommand<Model, Real>;

function command(name: string, run: (model: Model, real: Real) => Promise<void>): Command {
  return {
    check: () => true,
    toString: () => name,
    async run(model, real) {
      await run(model, real);
      check(model, real);
    },
  };
}

const dataClass = fc.constantFrom<DataClass>("lidar", "running_path", "logs");

const add = fc
  .array(fc.tuple(fc.integer({ min: 0, max: 9_000 }), dataClass, fc.bigInt(1n, 4n)), {
    minLength: 1,
    maxLength: 4,
  })
  .map((all) =>
    command(`add ${String(all)}`, async (model, { spool, clock }) => {
      const adding = all.map(([bytes, of, epoch]) => {
        model.add({ bytes, dataClass: of, epoch, atMs: clock.monotonic });
        return spool.add(artefactOf(model.serial, bytes, of, epoch));
      });
      await Promise.all(adding);
    }),
  );

const settle = fc
  .tuple(fc.nat(), fc.constantFrom("uploaded", "RECEIVER_REFUSED", "STALE_EPOCH"))
  .map(([pick, fate]) =>
    command(`settle ${pick} ${fate}`, async (model, { spool }) => {
      const kept = model.kept[pick % Math.max(1, model.kept.length)];
      const id = `artefact-${kept?.serial ?? 0}`;
      const isThere = model.remove((one) => one === kept, fate) === 1;
      const call =
        fate === "uploaded" ? spool.markUploaded(id) : spool.reject(id, fate as "STALE_EPOCH");
      expect(await call).toBe(isThere);
    }),
  );

const map = fc.array(fc.constant("scan"), { maxLength: 5 }).map((scans) =>
  command(`map ${scans.length}`, async (model, { spool }) => {
    model.inMap += scans.length;
    await Promise.all(scans.map(() => spool.countMapped()));
  }),
);

/** A release of so many scans, or of more than there are: then it fails, and nothing is counted. */
const release = fc.tuple(fc.integer({ min: 0, max: 8 }), fc.boolean()).map(([scans, isLost]) =>
  command(`${isLost ? "lose" : "release"} ${scans}`, async (model, { spool, clock }) => {
    const artefact = artefactOf(model.serial + 1, 500, "lidar", 1n);
    const done = isLost ? spool.countLost(scans) : spool.add({ ...artefact, releasedScans: scans });
    if (scans > model.inMap) {
      await expect(done).rejects.toMatchObject({ code: "INTERNAL" });
      return;
    }
    await done;
    model.inMap -= scans;
    model.count(isLost ? "mappedLost" : "mappedReleased", scans);
    if (isLost) return;
    model.add({ bytes: 500, dataClass: "lidar", epoch: 1n, atMs: clock.monotonic });
  }),
);

const others: fc.Arbitrary<Command>[] = [
  add,
  add,
  map,
  release,
  settle,
  fc.constantFrom(...REFUSED_REASONS).map((reason) =>
    command(`refuse ${reason}`, async (model, { spool }) => {
      model.count(reason);
      await spool.refuse(reason);
    }),
  ),
  fc.tuple(dataClass, fc.bigInt(1n, 5n), fc.bigInt(2n, 4n)).map(([of, floor, epoch]) =>
    command(`destroy ${of} ${floor} ${epoch}`, async (model, { spool }) => {
      const isMeant = (kept: Kept) =>
        kept.dataClass === of && (kept.epoch < floor || kept.epoch > epoch);
      const artefacts = model.remove(isMeant, "WITHDRAWN");
      expect((await spool.destroy(of, floor, epoch)).artefacts).toBe(artefacts);
    }),
  ),
  fc.integer({ min: 0, max: 8_000 }).map((ms) =>
    command(`wait ${ms}`, async (model, { spool, clock }) => {
      clock.pass(ms);
      const isOld = ({ atMs }: Kept) => clock.monotonic - atMs > MAX_AGE_MS;
      const evicted = model.remove(isOld, "TOO_OLD");
      expect(await spool.evictOld()).toBe(evicted);
    }),
  ),
  fc.constant(
    command("read all", async (model, { spool }) => {
      for (const { serial, bytes } of model.kept) {
        const veil = await spool.read(`artefact-${serial}`);
        expect(Buffer.compare(veil!, artefactOf(serial, bytes).veil)).toBe(0);
      }
    }),
  ),
];

const reopen = fc.constant(
  command("reopen", async (model, real) => {
    await real.spool.close();
    model.count("mappedLost", model.inMap);
    model.inMap = 0;
    real.spool = await openIn(real.folder, optionsOf(real.clock));
  }),
);

const optionsOf = (clock: TestClock) => ({
  clock,
  quotaBytes: QUOTA_BYTES,
  maxAgeMs: MAX_AGE_MS,
});

test("does what its model does, with exact accounts after every call", async () => {
  const commands = fc.commands([...others, ...others, ...others, reopen], { maxCommands: 60 });
  await fc.assert(
    fc.asyncProperty(commands, async (all) => {
      const folder = temporaryFolder();
      const clock = new TestClock();
      const real: Real = { folder, clock, spool: await openIn(folder, optionsOf(clock)) };
      try {
        await fc.asyncModelRun(() => ({ model: new Model(), real }), all);
      } finally {
        await real.spool.close();
      }
    }),
    { numRuns: process.env.MAPVEIL_LONG === "1" ? 300 : 10 },
  );
});
