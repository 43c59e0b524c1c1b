/** The receiver takes no bytes any more, but does not go away either. */
import { readFileSync } from "node:fs";
import { LinkStatus_State } from "../../../host/gen/mapveil/v1/status_service_pb.ts";
import { onStage, type Stage } from "../harness/stage.ts";
import { until } from "../harness/until.ts";
import { type Context, places, type Scenario } from "../scenario.ts";

const ROUNDS = 4;
const FRAMES = { all: 150, sampled: 30 } as const;
/** What the sidecar may grow by while it waits: nothing of an artefact but what is on its way. */
const GROWTH_BYTES_MAX = 64 * 2 ** 20;

function memoryOf(pid: number): number {
  const kilobytes = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  return Number(kilobytes) * 1024;
}

async function stall(context: Context, { world, robot, audit }: Stage) {
  await world.start("receiver", "sidecar");
  await world.home.grant();
  await robot.connect();
  const frames = context.sample === undefined ? FRAMES.all : FRAMES.sampled;
  await robot.pushAll(frames);
  await world.home.drained();
  const before = memoryOf(world.sidecar!.pid);
  let after = before;
  const rounds = places(context, ROUNDS).length;
  for (let round = 0; round < rounds; round++) {
    // By turns: the network swallows everything, the process is frozen.
    const frozen = round % 2 === 1;
    if (frozen) process.kill(world.receiver!.pid, "SIGSTOP");
    else world.proxy.stalled = true;
    const pushed = await robot.pushAll(frames);
    audit.check(pushed, () => "a stalled receiver ended the robot's stream");
    await until("the link to be given up", 20_000, async () => {
      const { link } = await world.home.status();
      return link!.state === LinkStatus_State.WAITING;
    });
    await audit.accounts();
    after = Math.max(after, memoryOf(world.sidecar!.pid));
    if (frozen) process.kill(world.receiver!.pid, "SIGCONT");
    else world.proxy.stalled = false;
    await world.home.drained();
  }
  await robot.disconnect();
  const turnedAway = [...robot.book.turnedAway.values()].length;
  audit.check(turnedAway === 0, () => "frames were turned away while the receiver was stalled");
  audit.check(
    after - before < GROWTH_BYTES_MAX,
    () => `the sidecar grew by ${Math.round((after - before) / 2 ** 20)} MiB`,
  );
  return { rounds, "growth MiB": Math.round((after - before) / 2 ** 20) };
}

export const stalledReceiver: Scenario = {
  name: "stalled-receiver",
  proves: "a receiver that hangs holds up nothing but itself",
  needs: ["openssl"],
  run: (context) =>
    onStage(context.random, { stallTimeout: "1s", receiverStallTimeout: "2s" }, (stage) =>
      stall(context, stage),
    ),
};
