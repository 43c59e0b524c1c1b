/** The map of a stream and the books: what went in, what left, what is gone, whatever happens to it. */
import fc from "fast-check";
import { afterAll, afterEach, expect, test } from "vitest";
import { receiptWords } from "../../host/client/index.ts";
import { MapveilError } from "../../host/core/errors.ts";
import { PolicyInForce } from "../../host/sidecar/policy-in-force.ts";
import { accountedFor, removeFolders } from "../spool/fixture.ts";
import { policyOf } from "../veil/support.ts";
import { DEADLY, HELD_BACK, JUMPING, MapWorld } from "./map-world.ts";

const open: MapWorld[] = [];
async function worldOf(releaseEveryMs = 0): Promise<MapWorld> {
  const world = await MapWorld.open(releaseEveryMs);
  open.push(world);
  return world;
}
afterEach(async () => {
  for (const world of open.splice(0)) await world.close();
});
afterAll(removeFolders);

const mapsOf = ({ spool }: MapWorld) => {
  const { mapped, mappedReleased, mappedLost } = spool.accounts();
  return [mapped, mappedReleased, mappedLost];
};

async function pushMany(world: MapWorld, count: number) {
  return Promise.all(Array.from({ length: count }, () => world.push()));
}

test("scans go into the map; a release holds all but those that are held back, and the map goes on", async () => {
  const world = await worldOf();
  const receipts = await pushMany(world, 5);
  expect(receipts.map(receiptWords)).toEqual(Array(5).fill("held"));
  expect(receipts[4]).toMatchObject({ scans: 5, heldBack: HELD_BACK });
  expect(world.stream.map).toEqual({ scans: 5, heldBack: HELD_BACK });
  expect(mapsOf(world)).toEqual([5, 0, 0]);
  const release = await world.release();
  expect(release).toMatchObject({ outcome: "released", level: "map", scans: 3, removedCells: 3 });
  expect(world.spool.nextToUpload(9)).toMatchObject([
    { id: "artefact-1", dataClass: "lidar", level: "map", epoch: 1n },
  ]);
  expect(mapsOf(world)).toEqual([5, 3, 0]);
  expect(world.spool.accounts()).toMatchObject({ captured: 6, spooled: 1 });
  expect(await world.release()).toEqual({ outcome: "nothing", epoch: 1n, heldBack: HELD_BACK });
  await pushMany(world, 2);
  expect(await world.release()).toMatchObject({ outcome: "released", scans: 5 });
  expect(mapsOf(world)).toEqual([7, 5, 0]);
  await world.stream.close();
  expect(mapsOf(world)).toEqual([7, 5, 2]);
});

test("the end of a stream releases its map; what is held back then is gone", async () => {
  const world = await worldOf();
  const receipts = pushMany(world, 4);
  await world.stream.finish();
  expect((await receipts).map(receiptWords)).toEqual(Array(4).fill("held"));
  expect(world.told).toMatchObject([{ outcome: "released", scans: 2 }]);
  expect(mapsOf(world)).toEqual([4, 2, 2]);
  expect(world.stream.map).toBeUndefined();
  await world.stream.close();
  expect(world.told).toHaveLength(1);
});

test("a release is made whenever its time has come and a frame comes", async () => {
  const world = await worldOf(60_000);
  await pushMany(world, 3);
  world.clock.pass(59_999);
  await world.push();
  expect(world.told).toEqual([]);
  world.clock.pass(1);
  await world.push();
  await expect.poll(() => world.told).toMatchObject([{ outcome: "released", scans: 3 }]);
  world.clock.pass(59_999);
  await world.push();
  expect(world.told).toHaveLength(1);
});

test.each<[string, (world: MapWorld) => void, string]>([
  ["withdrawn", (world) => world.gate.set(undefined, true), "refused UPLOAD_OFF"],
  [
    "withdrawn and granted again",
    ({ gate }) => {
      gate.set(undefined, true);
      gate.set("map", false);
    },
    "held",
  ],
  ["lowered to a plan", (world) => world.gate.set("plan", true), "held"],
  ["raised to frames", (world) => world.gate.set("full", false), "accepted"],
  ["policy changed", (world) => (world.policy = policyOf("level: map")), "held"],
  [
    "policy says nothing",
    (world) => (world.policy = policyOf("level: nothing")),
    "refused POLICY_NOTHING",
  ],
])("%s: the map is gone with the next frame, and another one begins", async (_, change, words) => {
  const world = await worldOf();
  await pushMany(world, 5);
  change(world);
  const receipt = await world.push();
  expect(receiptWords(receipt)).toBe(words);
  const isHeld = receipt.outcome === "held";
  if (isHeld) expect(receipt).toMatchObject({ scans: 1 });
  await expect.poll(() => mapsOf(world)).toEqual([isHeld ? 6 : 5, 0, 5]);
  expect(await world.release()).toMatchObject({ outcome: "nothing" });
});

test("capture times that leap ahead end the map: what is held back does not grow old by it", async () => {
  const world = await worldOf();
  await pushMany(world, 5);
  // Ten seconds more than what went by, which is what the policy holds back, are no leap yet.
  world.clock.pass(60_000);
  world.stampNs += 69_000_000_000n;
  await pushMany(world, 1);
  expect(world.stream.map).toMatchObject({ scans: 6 });
  world.stampNs += 3_600_000_000_000n;
  const receipts = await pushMany(world, 3);
  expect(receipts.map((receipt) => receipt.outcome === "held" && receipt.scans)).toEqual([1, 2, 3]);
  expect(world.told).toMatchObject([{ outcome: "released", scans: 4 }]);
  await world.stream.idle();
  expect(mapsOf(world)).toEqual([9, 4, 2]);
});

test("a policy that is read again and says the same is the same, so that maps go on", () => {
  const inForce = new PolicyInForce(policyOf("level: map"));
  const before = inForce.policy;
  inForce.replace(policyOf("level: map"));
  expect(inForce.policy).toBe(before);
  inForce.replace(policyOf("level: map\nmap: { hold_back: 1s }"));
  expect(inForce.policy).not.toBe(before);
});

test("a withdrawal forgets the map without another frame, and a release of it is refused", async () => {
  const world = await worldOf();
  await pushMany(world, 5);
  world.gate.set(undefined, true);
  expect(await world.release()).toMatchObject({ outcome: "refused", reason: "UPLOAD_OFF" });
  await expect.poll(() => mapsOf(world)).toEqual([5, 0, 5]);
  // Nothing had been made, so that nothing more is captured.
  expect(world.spool.accounts().captured).toBe(5);
  world.gate.set("map", false);
  await pushMany(world, 3);
  world.gate.set("map", false);
  world.stream.forget(world.gate.floor);
  expect(world.stream.map).toMatchObject({ scans: 3 });
  world.gate.set(undefined, true);
  world.stream.forget(world.gate.floor);
  expect(world.stream.map).toBeUndefined();
});

test("withdrawn while the release was made: destroyed before it was anywhere, and counted", async () => {
  const world = await worldOf();
  await pushMany(world, 5);
  const release = world.release();
  // The owner was asked, and the thread is at work: its answer cannot come within this turn.
  for (let i = 0; i < 10; i++) await Promise.resolve();
  world.gate.set(undefined, true);
  world.gate.set("map", false);
  expect(await release).toMatchObject({ outcome: "refused", reason: "WITHDRAWN" });
  await world.stream.close();
  expect(world.spool.accounts()).toMatchObject({
    captured: 6,
    spooled: 0,
    refused: { WITHDRAWN: 1 },
  });
  expect(mapsOf(world)).toEqual([5, 0, 5]);
});

test("a scan on its way while the owner withdraws is refused, not mapped", async () => {
  const world = await worldOf();
  await pushMany(world, 2);
  const late = world.push();
  world.gate.set(undefined, true);
  expect(receiptWords(await late)).toBe("refused UPLOAD_OFF");
  await expect.poll(() => mapsOf(world)).toEqual([2, 0, 2]);
});

test("a frame that is refused changes nothing of the map", async () => {
  const world = await worldOf();
  await pushMany(world, 3);
  expect(receiptWords(await world.push(JUMPING))).toBe("refused POSE_JUMP");
  expect(await world.push()).toMatchObject({ outcome: "held", scans: 4 });
  expect(world.spool.accounts().refused).toEqual({ POSE_JUMP: 1 });
});

test("a release that the disk has no room for is dropped and counted; the map goes on", async () => {
  const world = await worldOf();
  await pushMany(world, 3);
  await world.stream.close();
  const { spool } = world;
  let isFull = true;
  world.spool = {
    ...spool,
    countMapped: () => spool.countMapped(),
    countLost: (scans) => spool.countLost(scans),
    refuse: (reason) => spool.refuse(reason),
    add: (artefact) =>
      isFull ? Promise.reject(new MapveilError("NO_SPACE", "full")) : spool.add(artefact),
  };
  world.openStream();
  await pushMany(world, 3);
  expect(await world.release()).toMatchObject({ outcome: "dropped", reason: "DISK_FULL" });
  isFull = false;
  expect(await world.release()).toMatchObject({ outcome: "released", scans: 1 });
  world.spool = spool;
  expect(mapsOf(world)).toEqual([6, 2, 2]);
  expect(spool.accounts().refused).toEqual({ DISK_FULL: 1 });
});

/** What a world should have in its books. */
class Model {
  captured = 0;
  mapped = 0;
  released = 0;
  lost = 0;
  /** Scans in the map, and those of them that are in a release. */
  inMap = 0;
  inRelease = 0;
  isFresh = false;

  end(): void {
    this.lost += this.inMap - this.inRelease;
    this.inMap = 0;
    this.inRelease = 0;
  }

  scan(): void {
    this.captured++;
    this.mapped++;
    this.inMap++;
    this.isFresh = true;
  }

  release(): void {
    if (!this.isFresh || this.inMap <= HELD_BACK) return;
    this.isFresh = false;
    this.captured++;
    this.released += this.inMap - HELD_BACK - this.inRelease;
    this.inRelease = this.inMap - HELD_BACK;
  }
}

type Step = "scans" | "release" | "withdraw" | "policy" | "refused" | "crash" | "end" | "kill";

async function apply(step: Step, world: MapWorld, model: Model): Promise<void> {
  switch (step) {
    case "scans":
      for (let i = 0; i < 3; i++) model.scan();
      await pushMany(world, 3);
      break;
    case "release":
      model.release();
      await world.release();
      break;
    case "withdraw":
      world.gate.set(undefined, true);
      world.gate.set("map", false);
      world.stream.forget(world.gate.floor);
      model.end();
      break;
    case "policy":
      world.policy = policyOf("level: map");
      model.end();
      model.scan();
      await world.push();
      break;
    case "refused":
      model.captured++;
      await world.push(JUMPING);
      break;
    case "crash":
      model.end();
      model.captured++;
      await world.push(DEADLY);
      break;
    case "end":
      model.release();
      model.end();
      await world.stream.close();
      world.openStream();
      break;
    case "kill":
      // The process is gone, and with it the map; what is on the disk goes on.
      model.end();
      await world.spool.close();
      await world.openSpool();
      world.openStream();
      break;
  }
}

const step = fc.constantFrom<Step>(
  ...(["scans", "scans", "scans", "release", "release", "withdraw", "policy"] as const),
  ...(["refused", "crash", "end", "kill"] as const),
);

test("whatever comes in whatever order, every scan is mapped once and is released, lost or in memory", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 14 }), async (steps) => {
      const world = await MapWorld.open();
      const model = new Model();
      try {
        for (const one of steps) {
          await apply(one, world, model);
          await world.stream.idle();
          const accounts = world.spool.accounts();
          expect(accountedFor(accounts)).toBe(accounts.captured);
          expect(accounts).toMatchObject({
            captured: model.captured,
            mapped: model.mapped,
            mappedReleased: model.released,
            mappedLost: model.lost,
          });
        }
      } finally {
        await world.close();
      }
    }),
    { numRuns: process.env.MAPVEIL_LONG === "1" ? 200 : 8 },
  );
});
