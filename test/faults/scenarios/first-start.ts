/** SIGKILL at every step of the very first start, when folders, keys, tokens and databases are made. */
import { readdirSync, rmSync } from "node:fs";
import { join, relative } from "node:path";
import { deathIn, killedAt, type Step, stepsIn, type Watch, watching } from "../harness/crash.ts";
import { FrameFactory } from "../harness/frames.ts";
import { Robot } from "../harness/robot.ts";
import { World } from "../harness/world.ts";
import { type Context, type Outcome, places, type Scenario } from "../scenario.ts";

type Victim = "sidecar" | "receiver";

/** Calls of one kind that are tried. */
const ALIKE_MAX = 12;

interface Place extends Step {
  readonly watch: Watch;
}

const folderOf = (world: World, victim: Victim) =>
  victim === "sidecar" ? world.stateDir : world.dataDir;

const start = (world: World, victim: Victim, wrap = {}) =>
  victim === "sidecar" ? world.startSidecar(wrap) : world.startReceiver(wrap);

/** A folder as it was before anything ran. */
const forget = (world: World, victim: Victim) =>
  rmSync(folderOf(world, victim), { recursive: true, force: true });

/** The steps of a first start: on all files, and with plain writes on files that it leaves. */
async function count(context: Context, world: World, victim: Victim): Promise<Place[]> {
  const log = join(world.folder, "first.strace");
  const found: Place[] = [];
  const files: (string | undefined)[] = [undefined];
  for (const file of files) {
    forget(world, victim);
    const watch = { log, ...(file !== undefined && { file }) };
    if (!(await start(world, victim, watching(watch)))) throw new Error("no first start at all");
    if (file === undefined) {
      const left = filesBelow(folderOf(world, victim));
      files.push(...places(context, left.length).map((n) => left[n - 1]));
    }
    await world[victim]!.stop();
    const steps = stepsIn(watch);
    // Calls that change disks are among those on all files already.
    const own = file === undefined ? steps : steps.filter(({ call }) => call.startsWith("write"));
    for (const call of new Set(own.map((step) => step.call))) {
      const alike = own.filter((step) => step.call === call);
      // A receiver makes hundreds of folders, one like the other.
      const some = context.random.sample(ALIKE_MAX, alike.length).map((n) => alike[n - 1]!);
      found.push(...some.map((step) => ({ ...step, watch })));
    }
  }
  return found;
}

const filesBelow = (folder: string) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.startsWith("lock"))
    .map((entry) => join(entry.parentPath, entry.name));

/** Whether what was restarted does its work; a sentence if it does not. */
async function works(
  world: World,
  victim: Victim,
  frames: FrameFactory,
): Promise<string | undefined> {
  if (victim === "receiver") {
    const artefacts = await world.consumer.list();
    return artefacts.length === 0 ? undefined : "a new receiver holds artefacts";
  }
  const robot = new Robot(world.home, frames);
  await world.home.grant();
  await robot.connect();
  const fate = await robot.push();
  await robot.disconnect();
  return fate === "accepted" ? undefined : `a frame was ${fate}`;
}

async function run(context: Context, victim: Victim): Promise<Outcome> {
  const world = await World.create();
  const frames = await FrameFactory.open(context.random);
  const violations: string[] = [];
  const kinds = new Set<string>();
  let [kills, steps, tried] = [0, 0, 0];
  try {
    const all = await count(context, world, victim);
    steps = all.length;
    for (const place of places(context, steps).map((n) => all[n - 1]!)) {
      tried++;
      forget(world, victim);
      // Some steps only come when it stops.
      if (await start(world, victim, killedAt(place.watch, place))) await world[victim]!.stop();
      const killed = (await world[victim]!.exited).signal === "SIGKILL";
      const file = relative(world.folder, place.watch.file ?? "");
      const death = `${deathIn(place.watch)} (${place.call} ${place.n} ${file})`;
      if (killed) kinds.add(deathIn(place.watch));
      if (killed) kills++;
      const wrong = (await start(world, victim))
        ? await works(world, victim, frames)
        : `the ${victim} does not start any more: ${world.tail(victim, 1)}`;
      if (wrong !== undefined) violations.push(`after a kill at ${death}: ${wrong}`);
      if (world[victim]!.running) await world[victim]!.stop();
    }
  } catch (error) {
    violations.push(`${(error as Error).stack}\n${world.tail(victim)}`);
  } finally {
    await world.close();
  }
  return { violations, figures: { steps, tried, kills, "kinds of steps": kinds.size } };
}

const scenario = (victim: Victim): Scenario => ({
  name: `${victim}-first-start`,
  proves: `a ${victim} that dies at any step of its first start gets ready at the second`,
  needs: ["strace", "openssl"],
  run: (context) => run(context, victim),
});

export const sidecarFirstStart = scenario("sidecar");
export const receiverFirstStart = scenario("receiver");
