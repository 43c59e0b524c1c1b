/** The link breaks at random bytes, in both directions, again and again. */
import { setTimeout as sleep } from "node:timers/promises";
import { onStage, type Stage } from "../harness/stage.ts";
import { type Context, places, type Scenario } from "../scenario.ts";

const CUTS = 200;
const CHUNK_BYTES = 4096;
const POINTS = 4000;
/** Artefacts that may wait: enough to keep the link busy. */
const BACKLOG_MAX = 10;
/** Bytes within which a cut falls: a handshake and some artefacts upward, a handshake and answers downward. */
const REACH_BYTES = { up: 30_000, down: 4_000 } as const;
/** More than a connection needs for the handshake and for calls without payload. */
const OVERHEAD_BYTES = 12_000;

/** Keeps the link busy until it was cut. */
async function cutOnce({ random }: Context, { world, robot }: Stage): Promise<void> {
  const direction = random.pick(["up", "down"] as const);
  const cut = world.proxy.cutAfter(direction, random.between(1, REACH_BYTES[direction]));
  let isCut = false;
  void cut.then(() => {
    isCut = true;
  });
  while (!isCut) {
    const { accounting } = await world.home.status();
    if (accounting!.spooled < BACKLOG_MAX) await robot.push(POINTS);
    else await sleep(5);
  }
}

async function cutAll(context: Context, stage: Stage) {
  const { world, robot, audit } = stage;
  await world.start("receiver", "sidecar");
  await world.home.grant();
  await robot.connect();
  const cuts = places(context, CUTS).length;
  for (let i = 0; i < cuts; i++) await cutOnce(context, stage);
  await robot.disconnect();
  const { link } = await world.home.drained();
  const resent = Number(link!.resentBytes);
  audit.check(
    resent <= cuts * CHUNK_BYTES,
    () => `${resent} bytes were sent again after ${cuts} cuts, more than a chunk for each`,
  );
  const artefacts = await world.consumer.list();
  const payload = artefacts.reduce((sum, { size }) => sum + Number(size), 0);
  const { passed, connections } = world.proxy;
  const most = payload + cuts * CHUNK_BYTES + (connections + artefacts.length / 8) * OVERHEAD_BYTES;
  audit.check(
    passed.up <= most,
    () => `${passed.up} bytes went up for ${payload} bytes of artefacts, at most ${most} are due`,
  );
  return {
    cuts,
    connections,
    "payload bytes": payload,
    "bytes up": passed.up,
    "resent bytes": resent,
  };
}

export const linkCut: Scenario = {
  name: "link-cut",
  proves: "a link that is cut anywhere costs at most a chunk, and no artefact",
  needs: ["openssl"],
  run: (context) =>
    onStage(context.random, { chunk: "4KiB", parallel: 1 }, (stage) => cutAll(context, stage)),
};
