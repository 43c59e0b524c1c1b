/** The disk fills up, and has room again: that of the sidecar, and that of the receiver. */
import { join } from "node:path";
import { LinkStatus_State } from "../../../host/gen/mapveil/v1/status_service_pb.ts";
import { SmallDisk } from "../harness/small-disk.ts";
import { onStage, type Stage } from "../harness/stage.ts";
import { until } from "../harness/until.ts";
import { type Context, places, type Scenario } from "../scenario.ts";

const MEGABYTES = 16;
const ROUNDS = 2;
const POINTS = 4000;
/** Frames that are tried on a full disk. */
const TRIES = 20;

/** Pushes until a frame is dropped because the disk is full. */
async function pushUntilFull({ robot }: Stage): Promise<number> {
  for (let pushed = 1; ; pushed++) if ((await robot.push(POINTS)) === "dropped") return pushed;
}

async function fillSidecar(context: Context, stage: Stage, disk: SmallDisk) {
  const { world, robot, audit } = stage;
  await world.start("receiver", "sidecar");
  await world.home.grant();
  await robot.connect();
  let held = 0;
  const rounds = places(context, ROUNDS).length;
  for (let round = 0; round < rounds; round++) {
    world.proxy.stalled = true;
    disk.fill(context.random.between(0, 600_000));
    await pushUntilFull(stage);
    for (let i = 0; i < TRIES; i++) {
      const fate = await robot.push(POINTS);
      audit.check(fate !== "unanswered", () => "a full disk ended the stream");
    }
    const { spooled } = await audit.accounts();
    held = Math.max(held, Number(spooled));
    const reasons = [...robot.book.turnedAway.keys()];
    audit.check(
      reasons.every((reason) => reason === "DISK_FULL"),
      () => `frames were turned away as ${reasons}`,
    );
    disk.clear();
    // It recovers by itself, without a restart.
    await until(
      "a frame to be accepted again",
      15_000,
      async () => (await robot.push()) === "accepted",
    );
    world.proxy.stalled = false;
    await world.home.drained();
  }
  // Withdrawing works on a full disk too.
  world.proxy.stalled = true;
  await robot.push();
  disk.fill(0);
  try {
    const { destroyedArtefacts } = await world.home.withdrawUpload();
    audit.check(destroyedArtefacts > 0n, () => "nothing was destroyed on a full disk");
  } catch (error) {
    audit.check(false, () => `withdrawing on a full disk failed: ${(error as Error).message}`);
  }
  audit.check((await robot.push()) === "refused", () => "a frame passed after the withdrawal");
  disk.clear();
  world.proxy.stalled = false;
  await robot.disconnect();
  const dropped = robot.book.turnedAway.get("DISK_FULL") ?? 0;
  return { rounds, "dropped for want of room": dropped, "held on the full disk": held };
}

async function fillReceiver(context: Context, stage: Stage, disk: SmallDisk) {
  const { world, robot, audit } = stage;
  await world.start("receiver", "sidecar");
  await world.home.grant();
  await robot.connect();
  let waited = 0;
  const rounds = places(context, ROUNDS).length;
  for (let round = 0; round < rounds; round++) {
    disk.fill(context.random.between(0, 400_000));
    await until("the receiver's disk to be full", 60_000, async () => {
      const fate = await robot.push(POINTS);
      audit.check(fate === "accepted", () => `a frame was ${fate} while only the receiver is full`);
      const { link } = await world.home.status();
      return link!.state === LinkStatus_State.WAITING;
    });
    const { spooled } = await audit.accounts();
    waited = Math.max(waited, Number(spooled));
    disk.clear();
    await world.home.drained(90_000);
  }
  await robot.disconnect();
  return { rounds, "waited for room": waited };
}

async function onDisk(
  { random }: Context,
  key: "stateDir" | "dataDir",
  act: (stage: Stage, disk: SmallDisk) => Promise<Record<string, number>>,
) {
  const disk = new SmallDisk(MEGABYTES);
  try {
    const settings = { [key]: join(disk.folder, "here"), stallTimeout: "2s" };
    return await onStage(random, settings, (stage) => act(stage, disk));
  } finally {
    disk.close();
  }
}

export const sidecarDiskFull: Scenario = {
  name: "sidecar-disk-full",
  proves:
    "a sidecar with a full disk refuses new frames with a reason, keeps the others and recovers",
  needs: ["mounting a tmpfs", "openssl"],
  run: (context) => onDisk(context, "stateDir", (stage, disk) => fillSidecar(context, stage, disk)),
};

export const receiverDiskFull: Scenario = {
  name: "receiver-disk-full",
  proves:
    "a receiver with a full disk takes nothing it cannot keep, and the robot's spool waits for it",
  needs: ["mounting a tmpfs", "openssl"],
  run: (context) => onDisk(context, "dataDir", (stage, disk) => fillReceiver(context, stage, disk)),
};
