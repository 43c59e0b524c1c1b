/** Starting again after any end: what was answered holds, what was withdrawn is gone. */
import { type ChildProcess, fork } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { type ReceiptView, receiptWords } from "../../host/client/index.ts";
import { Health } from "../../host/gen/grpc/health/v1/health_pb.ts";
import { Level } from "../../host/gen/mapveil/v1/types_pb.ts";
import { keyIdText, RobotKeys, recipientKeyId } from "../../host/keys/index.ts";
import { Permissions } from "../../host/permission/index.ts";
import { createClient, openChannel } from "../../host/rpc/index.ts";
import { openSpool } from "../../host/spool/index.ts";
import { roomScan } from "./room-scans.ts";
import { frameOf, RECIPIENT, Robot, Seeded, sumOf, until } from "./support.ts";

const FRAME = frameOf(1, { points: 200 });
/** What health says of the sidecar from now on, after a first yes. */
async function healthOf(robot: Robot) {
  const channel = openChannel({ unixPath: robot.options.socketPath });
  const watch = createClient(Health, channel).watch({})[Symbol.asyncIterator]();
  expect((await watch.next()).value).toMatchObject({ status: 1 });
  return watch;
}

const CHILD = fileURLToPath(new URL("killed-sidecar.mjs", import.meta.url));

test("a withdrawal that a crash kept from the spool is carried out at the next start", async () => {
  const robot = await Robot.start();
  try {
    await robot.grantLidar();
    const stream = await (await robot.sensor()).open({ layout: FRAME.layout });
    for (let i = 0; i < 5; i++) await stream.push(FRAME);
    await stream.end();
    await robot.sidecar.stop(5000);
    // The ledger says no, and nobody told the spool: this is where the crash was.
    const { stateDir, clock, log, random } = robot.options;
    const keys = await RobotKeys.load(stateDir, random);
    const recipient = keyIdText(recipientKeyId(RECIPIENT.publicKey));
    const permissions = await Permissions.open({ stateDir, keys, recipient, clock, log });
    const decidedBy = { role: "owner", client: "app" } as const;
    await permissions.withdraw({ permission: "robot-lidar-upload", decidedBy });
    await permissions.close();
    await robot.restart();
    expect(robot.accounts()).toMatchObject({
      captured: 5,
      spooled: 0,
      refused: { WITHDRAWN: 5 },
    });
  } finally {
    await robot.end();
  }
});

/** A sidecar on the robot's state in a process of its own, which listens. */
async function killable({ options }: Robot, policy: string): Promise<ChildProcess> {
  const key = Buffer.from(RECIPIENT.publicKey).toString("hex");
  const { stateDir, socketPath } = options;
  const child = fork(CHILD, [stateDir, socketPath, key, policy], { execArgv: [] });
  await new Promise((resolve) => child.once("message", resolve));
  return child;
}

test("a killed sidecar loses its map and nothing else, and the books say so", async () => {
  const robot = await Robot.start();
  try {
    await robot.grantLidar(Level.MAP);
    await robot.sidecar.stop(5000);
    const policy = "version: 1\nlevel: map\nmap: { leaf_m: 0.1, hold_back: 1s }";
    const child = await killable(robot, policy);
    const stream = await (await robot.sensor()).open({ layout: FRAME.layout });
    const scans = [0, 1, 2, 3, 4, 5];
    await Promise.all(scans.map((index) => stream.push(roomScan(index))));
    const release = await stream.release();
    expect(release).toMatchObject({ outcome: "released", scans: 4 });
    expect((await stream.push(roomScan(6))).outcome).toBe("held");
    const gone = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGKILL");
    await gone;
    await robot.restart();
    const accounts = robot.accounts();
    expect(accounts).toMatchObject({
      ...{ captured: 8, spooled: 1 },
      ...{ mapped: 7, mappedReleased: 4, mappedLost: 3 },
    });
    expect(sumOf(accounts)).toBe(accounts.captured);
  } finally {
    await robot.end();
  }
});

test("a killed sidecar has every frame that it accepted, and exact books", async () => {
  const robot = await Robot.start();
  const random = new Seeded(31);
  const rounds = process.env.MAPVEIL_LONG === "1" ? 10 : 1;
  const accepted = new Set<string>();
  try {
    await robot.grantLidar();
    for (let round = 0; round < rounds; round++) {
      await robot.sidecar.stop(5000);
      const child = await killable(robot, "version: 1");
      const stream = await (await robot.sensor()).open({ layout: FRAME.layout });
      const kill = 5 + random.below(60);
      let receipts = 0;
      const pumps = Array.from({ length: 4 }, async () => {
        for (;;) {
          const receipt: ReceiptView = await stream.push(FRAME);
          if (receipt.outcome === "accepted") accepted.add(receipt.artefactId);
          if (++receipts === kill) child.kill("SIGKILL");
        }
      });
      const ends = await Promise.allSettled(pumps);
      for (const end of ends) expect(end).toMatchObject({ reason: { name: "RpcError" } });
      await robot.restart();
      const accounts = robot.accounts();
      expect(accounts.captured).toBeGreaterThanOrEqual(accepted.size);
      expect(sumOf(accounts)).toBe(accounts.captured);
    }
    await robot.sidecar.stop(5000);
    const { stateDir, quotaBytes, maxAgeMs, clock, log, random: bytes } = robot.options;
    const keys = await RobotKeys.load(stateDir, bytes);
    const spool = await openSpool({
      folder: join(stateDir, "spool"),
      artefactId: (serial) => keys.artefactId({ recipient: "", purpose: "" }, serial),
      quotaBytes,
      maxAgeMs,
      clock,
      log,
    });
    const ids = new Set(spool.nextToUpload(10_000).map(({ id }) => id));
    for (const id of ids) expect((await spool.read(id))?.length).toBeGreaterThan(0);
    await spool.close();
    expect([...accepted].filter((id) => !ids.has(id))).toEqual([]);
    expect(accepted.size).toBeGreaterThanOrEqual(5 * rounds);
  } finally {
    await robot.end();
  }
});

test("a stop finishes what was taken, answers the rest with STOPPING, and ends in its time", async () => {
  const robot = await Robot.start();
  try {
    const owner = await robot.grantLidar();
    const watching = (async () => {
      for await (const _ of owner.watchPermissions());
    })();
    watching.catch(() => {});
    const stream = await (await robot.sensor()).open({ layout: FRAME.layout });
    await stream.push(FRAME);
    const receipts: ReceiptView[] = [];
    const pumps = Promise.allSettled(
      Array.from({ length: 8 }, async () => {
        for (;;) receipts.push(await stream.push(FRAME));
      }),
    );
    await until(() => receipts.length > 20);
    const began = performance.now();
    const health = await healthOf(robot);
    const stopping = robot.sidecar.stop(3000);
    // Told at once, not when the frames that were taken are finished.
    expect((await health.next()).value).toMatchObject({ status: 2 });
    await stopping;
    expect(performance.now() - began).toBeLessThan(3500);
    for (const end of await pumps) {
      expect(end).toMatchObject({ reason: { code: "UNAVAILABLE" } });
    }
    await expect(watching).rejects.toMatchObject({ code: "UNAVAILABLE" });
    const words = new Set(receipts.map(receiptWords));
    expect([...words].filter((word) => !["accepted", "dropped STOPPING"].includes(word))).toEqual(
      [],
    );
    await robot.restart();
    const accounts = robot.accounts();
    const accepted = receipts.filter(({ outcome }) => outcome === "accepted").length + 1;
    // A receipt may have been cut off by the end of the connection; nothing else may.
    expect(accounts.spooled).toBeGreaterThanOrEqual(accepted);
    expect(accounts.spooled).toBeLessThanOrEqual(accepted + 8);
    expect(sumOf(accounts)).toBe(accounts.captured);
    expect(Object.keys(accounts.refused).filter((reason) => reason !== "STOPPING")).toEqual([]);
  } finally {
    await robot.end();
  }
});

test("a stop does not wait for a client that never reads", async () => {
  const robot = await Robot.start();
  try {
    await (await robot.sensor()).open({ layout: FRAME.layout });
    const began = performance.now();
    await robot.sidecar.stop(500);
    expect(performance.now() - began).toBeLessThan(2500);
    await robot.sidecar.stop(500);
  } finally {
    await robot.end();
  }
});
