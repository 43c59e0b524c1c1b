/** The owner withdraws at random moments, ten times a second: online, offline, and with kills between. */

import { setTimeout as sleep } from "node:timers/promises";
import type { Artefact } from "../../../host/gen/mapveil/v1/artefact_service_pb.ts";
import { RpcError } from "../../../host/rpc/index.ts";
import { onStage, type Stage } from "../harness/stage.ts";
import { type Context, places, type Scenario } from "../scenario.ts";

const WITHDRAWALS = 1000;
/** Milliseconds for a grant, some frames, a withdrawal and the look afterwards. */
const PERIOD_MS = 100;
/** One in so many is offline, one in so many is followed by a kill. */
const OFFLINE = 4;
const KILLED = 50;
/** What control messages may need on the link after a withdrawal; every artefact is larger. */
const CONTROL_BYTES = 3500;
const POINTS = 300;

interface Tally {
  destroyed: number;
  offline: number;
  kills: number;
  mostBytesAfter: number;
}

/** Pushes frames until it is told to stop. */
function pushing({ robot }: Stage) {
  let goOn = true;
  const done = (async () => {
    while (goOn && robot.connected) await robot.push(POINTS);
  })();
  return async () => {
    goOn = false;
    await done;
  };
}

async function withdrawOnce(context: Context, stage: Stage, tally: Tally): Promise<void> {
  const { world, audit } = stage;
  const { random } = context;
  const began = performance.now();
  const offline = random.between(1, OFFLINE) === 1;
  if (offline) world.proxy.stalled = true;
  await world.home.grantUpload();
  const stop = pushing(stage);
  await sleep(random.next() * PERIOD_MS);
  const { destroyedArtefacts, permissionEpoch } = await world.home.withdrawUpload();
  // Answered: from here on nothing of the class may leave.
  const upAtAnswer = world.proxy.passed.up;
  tally.destroyed += Number(destroyedArtefacts);
  const killed = random.between(1, KILLED) === 1;
  if (killed) await killAndLook(stage, tally);
  await stop();
  const { accounting, permissionEpoch: epochNow } = await world.home.status();
  audit.check(
    accounting!.spooled === 0n,
    () => `${accounting!.spooled} artefacts wait after the withdrawal of epoch ${permissionEpoch}`,
  );
  audit.check(
    epochNow === permissionEpoch,
    () => `the epoch is ${epochNow}, not ${permissionEpoch}`,
  );
  if (offline) {
    tally.offline++;
    audit.check(world.proxy.passed.up === upAtAnswer, () => "bytes passed a link that is stalled");
    // What the sidecar had written before the withdrawal lies on the line, and is lost with it.
    world.proxy.cutNow();
    world.proxy.stalled = false;
  } else {
    await sleep(Math.max(0, PERIOD_MS - (performance.now() - began)));
    const after = world.proxy.passed.up - upAtAnswer;
    tally.mostBytesAfter = Math.max(tally.mostBytesAfter, after);
    const most = killed ? 3 * CONTROL_BYTES : CONTROL_BYTES;
    audit.check(after <= most, () => `${after} bytes went up after withdrawal ${permissionEpoch}`);
  }
}

/** The withdrawal holds across a crash: nothing waits, and nothing passes. */
async function killAndLook({ world, robot, audit }: Stage, tally: Tally): Promise<void> {
  await world.sidecar!.kill();
  await robot.gone();
  tally.kills++;
  if (!(await world.startSidecar())) throw new Error("the sidecar does not start after a kill");
  await robot.connect();
  audit.check((await robot.push(POINTS)) === "refused", () => "a frame passed after the restart");
}

/** The floor holds at the receiver: what was stored before is refused under another name. */
async function replay({ world, audit }: Stage, artefacts: readonly Artefact[]): Promise<number> {
  const ingest = await world.consumer.ingest();
  let refused = 0;
  for (const [i, artefact] of artefacts.entries()) {
    const { bytes } = await world.consumer.open(artefact);
    const call = ingest.writeArtefact({ timeoutMs: 10_000 });
    const { source, dataClass, digest, size } = artefact;
    const name = `${world.consumer.parent}/artefacts/replayed-${i}`;
    const last = { data: bytes, finishWrite: true, totalSize: size, digest };
    await call.write({ name, source, dataClass, writeOffset: 0n, ...last }).catch(() => {});
    call.end();
    const answer = await call.response.catch((error: RpcError) => error);
    const stale = answer instanceof RpcError && answer.reason === "STALE_EPOCH";
    if (stale) refused++;
    audit.check(stale, () => `an artefact of epoch ${artefact.permissionEpoch} was taken again`);
  }
  return refused;
}

async function withdrawAll(context: Context, stage: Stage) {
  const { world, robot, audit } = stage;
  await world.start("receiver", "sidecar");
  await world.home.grant();
  await robot.connect();
  const tally: Tally = { destroyed: 0, offline: 0, kills: 0, mostBytesAfter: 0 };
  const withdrawals = places(context, WITHDRAWALS).length;
  for (let i = 0; i < withdrawals; i++) {
    if (!robot.connected) await robot.connect();
    await withdrawOnce(context, stage, tally);
  }
  if (robot.connected) await robot.disconnect();
  const artefacts = await world.consumer.list();
  const late = artefacts.filter(
    (artefact) => !robot.book.accepted.has(artefact.name.split("/").at(-1)!),
  );
  audit.check(
    late.length <= robot.book.unanswered,
    () => `${late.length} artefacts are stored that no receipt names`,
  );
  await world.home.drained();
  // The last withdrawal is above every epoch that is stored; its floor was announced or will be.
  await sleep(1500);
  const replayed = await replay(
    stage,
    context.random.sample(50, artefacts.length).map((n) => artefacts[n - 1]!),
  );
  const { destroyed, offline, kills, mostBytesAfter } = tally;
  return { withdrawals, destroyed, offline, kills, replayed, "most bytes after": mostBytesAfter };
}

export const withdrawals: Scenario = {
  name: "withdrawals",
  proves: "nothing of a class leaves, waits or is taken once its withdrawal was answered",
  needs: ["openssl"],
  run: (context) =>
    onStage(context.random, { chunk: "4KiB", stallTimeout: "2s" }, (stage) =>
      withdrawAll(context, stage),
    ),
};
