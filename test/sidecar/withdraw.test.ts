/** The owner says no: from then on nothing passes, and what waits is gone, whenever it comes. */
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ReceiptView, SensorStream, SidecarClient } from "../../host/client/index.ts";
import { Level } from "../../host/gen/mapveil/v1/types_pb.ts";
import type { Gate, PermissionAnswer } from "../../host/permission/index.ts";
import type { ChangeListener } from "../../host/permission/permissions.ts";
import { AddBarrier } from "../../host/sidecar/add-barrier.ts";
import { Withdrawals } from "../../host/sidecar/withdrawal.ts";
import type { Spool } from "../../host/spool/types.ts";
import { SILENT } from "../../host/telemetry/log.ts";
import type { Uplink } from "../../host/uplink/index.ts";
import { frameOf, LIDAR, LIMITS, LOCAL, policyOf, Robot, Seeded, sumOf } from "./support.ts";

const FRAME = frameOf(1, { points: 200 });
const ROUNDS = process.env.MAPVEIL_LONG === "1" ? 1000 : 40;
const ACT = { affirmativeAct: "ticked the box in the test" };

/** Keeps a stream full until it is told to stop. */
class Flood {
  readonly #stream: SensorStream;
  readonly receipts: ReceiptView[] = [];
  #running = true;
  #done: Promise<unknown>;
  pushed = 0;

  constructor(stream: SensorStream) {
    this.#stream = stream;
    this.#done = Promise.all(Array.from({ length: stream.maxInFlight }, () => this.#pump()));
  }

  async #pump(): Promise<void> {
    while (this.#running) {
      this.pushed++;
      this.receipts.push(await this.#stream.push(FRAME));
    }
  }

  async stop(): Promise<void> {
    this.#running = false;
    await this.#done;
  }
}

describe("while frames pour in", () => {
  let robot: Robot;
  let owner: SidecarClient;
  let stream: SensorStream;
  beforeAll(async () => {
    robot = await Robot.start({
      limits: { ...LIMITS, frameBytes: 65_536, streams: 1, inFlight: 4 },
    });
    owner = await robot.grantLidar();
    stream = await (await robot.sensor()).open({ layout: FRAME.layout });
  });
  afterAll(() => robot.end());

  test(`${ROUNDS} withdrawals at random moments: nothing of the class is left, nothing more passes`, async () => {
    const random = new Seeded(21);
    const flood = new Flood(stream);
    let destroyed = 0;
    for (let round = 0; round < ROUNDS; round++) {
      for (let turns = random.below(60); turns > 0; turns--) {
        await new Promise((resolve) => setImmediate(resolve));
      }
      const name = random.below(2) === 0 ? LIDAR : LOCAL;
      const answer = await owner.withdrawPermission({ name });
      destroyed += Number(answer.destroyedArtefacts);
      const { spool, accounts, epoch } = robot.sidecar.status();
      expect(spool.artefacts).toBe(0);
      expect(spool.bytes).toBe(0);
      expect(sumOf(accounts)).toBe(accounts.captured);
      expect(epoch).toBe(answer.permissionEpoch);
      if (random.below(4) === 0) expect((await stream.push(FRAME)).outcome).toBe("refused");
      expect(robot.sidecar.status().spool.artefacts).toBe(0);
      await owner.grantPermission({ name, ...ACT, ...(name === LIDAR && { level: Level.FRAMES }) });
    }
    await flood.stop();
    await owner.withdrawPermission({ name: LIDAR }).then((answer) => {
      destroyed += Number(answer.destroyedArtefacts);
    });
    const accepted = flood.receipts.filter(({ outcome }) => outcome === "accepted").length;
    expect(accepted).toBeGreaterThan(ROUNDS);
    expect(accepted).toBeLessThanOrEqual(destroyed);
    expect(flood.receipts.filter(({ outcome }) => outcome === "dropped")).toEqual([]);
    const accounts = robot.accounts();
    // Whatever was accepted is destroyed in the end; what a receipt calls withdrawn, is.
    const withdrawn = flood.receipts.filter(
      (receipt) => receipt.outcome === "refused" && receipt.reason === "WITHDRAWN",
    ).length;
    expect(accounts.refused.WITHDRAWN).toBe(accepted + withdrawn);
    expect(accounts.spooled).toBe(0);
    expect(sumOf(accounts)).toBe(accounts.captured);
    expect(accounts.captured).toBeGreaterThanOrEqual(flood.pushed);
    expect(accounts.refused.WITHDRAWN).toBeGreaterThanOrEqual(destroyed);
  });

  test("a repeated request gets the same answer, and destroys nothing that came after", async () => {
    await owner.grantPermission({ name: LIDAR, level: Level.FRAMES, ...ACT });
    for (let i = 0; i < 3; i++) await stream.push(FRAME);
    const request = { name: LIDAR, requestId: randomUUID() };
    const answers = await Promise.all([
      owner.withdrawPermission(request),
      owner.withdrawPermission(request),
    ]);
    expect(answers[0].destroyedArtefacts).toBe(3n);
    expect(answers[0].destroyedBytes).toBeGreaterThan(0n);
    expect(answers[1]).toEqual(answers[0]);
    await owner.grantPermission({ name: LIDAR, level: Level.FRAMES, ...ACT });
    expect((await stream.push(FRAME)).outcome).toBe("accepted");
    expect(await owner.withdrawPermission(request)).toMatchObject({ destroyedArtefacts: 3n });
    expect(robot.sidecar.status().spool.artefacts).toBe(1);
  });

  test("a request that found it off, and comes again after a yes, destroys what came after", async () => {
    const request = { name: LIDAR, requestId: randomUUID() };
    await owner.withdrawPermission({ name: LIDAR });
    expect(await owner.withdrawPermission(request)).toMatchObject({ destroyedArtefacts: 0n });
    await owner.grantPermission({ name: LIDAR, level: Level.FRAMES, ...ACT });
    expect((await stream.push(FRAME)).outcome).toBe("accepted");
    expect(await owner.withdrawPermission(request)).toMatchObject({ destroyedArtefacts: 1n });
    expect(robot.sidecar.status().spool.artefacts).toBe(0);
    await owner.grantPermission({ name: LIDAR, level: Level.FRAMES, ...ACT });
    expect((await stream.push(FRAME)).outcome).toBe("accepted");
  });

  test("other permissions leave the frames of the lidar alone", async () => {
    const before = robot.sidecar.status().spool.artefacts;
    expect(before).toBeGreaterThan(0);
    await owner.withdrawPermission({ name: "permissions/robot-camera-upload" });
    await owner.withdrawPermission({ name: "permissions/ios-lidar-upload" }).catch(() => {});
    expect(robot.sidecar.status().spool.artefacts).toBe(before);
    expect((await stream.push(FRAME)).outcome).toBe("accepted");
  });
});

describe("an artefact that is being added while the owner withdraws", () => {
  test("is waited for, and destroyed", async () => {
    const steps: string[] = [];
    let release = () => {};
    const slowAdd = new Promise<void>((resolve) => {
      release = resolve;
    });
    const barrier = new AddBarrier();
    const adding = barrier.run("lidar", async () => {
      await slowAdd;
      steps.push("added");
    });
    const failing = barrier.run("lidar", () => slowAdd.then(() => Promise.reject(new Error("x"))));
    failing.catch(() => {});
    void barrier.run("camera", () => new Promise(() => {}));
    const gate = { epoch: 7n, epochFloor: () => 7n } as unknown as Gate;
    const spool = {
      destroy: async (dataClass: string, floor: bigint) => {
        steps.push(`destroyed ${dataClass} below ${floor}`);
        return { artefacts: 1, bytes: 2 };
      },
    } as unknown as Spool;
    const uplink = {
      withdraw: async () => {
        steps.push("sends cancelled");
      },
    } as unknown as Uplink;
    let tell: ChangeListener = () => {};
    const onChange = (listener: ChangeListener) => {
      tell = listener;
      return () => {};
    };
    const streams = {
      forget: (of: string, floor: bigint) => steps.push(`no map of ${of} below ${floor}`),
    };
    const parts = { gate, barrier, spool, streams, uplink, log: SILENT };
    const withdrawals = new Withdrawals({ onChange }, parts);
    tell({ permission: { dataClass: "lidar" }, epoch: 7n } as PermissionAnswer);
    await new Promise((resolve) => setImmediate(resolve));
    expect(steps).toEqual(["no map of lidar below 7"]);
    release();
    await adding;
    // Nobody asked so far: the entry in the ledger is enough.
    const withdrawn = await withdrawals.of("lidar", 7n);
    expect(withdrawn).toEqual({ artefacts: 1, bytes: 2 });
    expect(steps.slice(1)).toEqual(["added", "sends cancelled", "destroyed lidar below 7"]);
  });
});

test("a lower level than before destroys what was made at the higher one", async () => {
  const robot = await Robot.start({ policy: policyOf("level: full") });
  try {
    const owner = await robot.grantLidar(Level.FULL);
    const stream = await (await robot.sensor()).open({ layout: FRAME.layout });
    await stream.push(FRAME);
    expect(robot.sidecar.status().spool.artefacts).toBe(1);
    await owner.grantPermission({ name: LIDAR, level: Level.PLAN, ...ACT });
    const receipt = await stream.push(FRAME);
    // What would go into a map now has no pose.
    expect(receipt).toMatchObject({ outcome: "refused", reason: "POSE_MISSING" });
    expect(robot.sidecar.status().spool.artefacts).toBe(0);
  } finally {
    await robot.end();
  }
});
