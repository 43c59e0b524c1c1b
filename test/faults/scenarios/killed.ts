/** SIGKILL at every step that changes the disk: of the sidecar, and of the receiver. */
import { readdirSync } from "node:fs";
import { join, relative } from "node:path";
import { deathIn, killedAt, type Step, stepsIn, type Watch, watching } from "../harness/crash.ts";
import { onStage, type Stage } from "../harness/stage.ts";
import { type Context, type Outcome, places, type Scenario } from "../scenario.ts";

type Victim = "sidecar" | "receiver";

/** A step, and the database to which it belongs; undefined for the steps on all files. */
interface Place extends Step {
  readonly database: string | undefined;
}

/** Worlds that die side by side, unless it is a sample. */
const LANES = 2;

const start = (world: Stage["world"], victim: Victim, wrap = {}) =>
  victim === "sidecar" ? world.startSidecar(wrap) : world.startReceiver(wrap);

/** A bit of everything that changes disks: frames, uploads, a withdrawal and a grant. */
async function live({ world, robot }: Stage): Promise<void> {
  await world.home.grantUpload();
  await robot.connect();
  await robot.pushAll(2);
  await world.home.drained(20_000);
  await robot.push();
  await world.home.withdrawUpload();
  await robot.push();
  await world.home.grantUpload();
  await robot.pushAll(2, 2000);
  await robot.disconnect();
  await world.home.drained(20_000);
}

const folderOf = (world: Stage["world"], victim: Victim) =>
  victim === "sidecar" ? world.stateDir : world.dataDir;

function watchOf({ world }: Stage, victim: Victim, database: string | undefined): Watch {
  const log = join(world.folder, `${victim}.strace`);
  const folder = folderOf(world, victim);
  return { log, ...(database !== undefined && { file: join(folder, database) }) };
}

function databasesOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .filter((path) => path.endsWith(".mdb") && !path.endsWith("lock.mdb"));
}

/** Brings the stage to where lives can be lived. */
async function prepare(stage: Stage, victim: Victim): Promise<void> {
  await stage.world.start("receiver", "sidecar");
  await stage.world.home.grant();
  await live(stage);
  await stage.world[victim]!.stop();
}

/** Lives once for all files and once for each database, and writes down the steps; a sample lives once. */
async function count(context: Context, stage: Stage, victim: Victim): Promise<Place[]> {
  const { world } = stage;
  const found: Place[] = [];
  const all = [undefined, ...databasesOf(folderOf(world, victim))];
  const some = context.sample === undefined ? all : [context.random.pick(all)];
  for (const database of some) {
    const watch = watchOf(stage, victim, database);
    await start(world, victim, watching(watch));
    await live(stage);
    await world[victim]!.stop();
    found.push(...stepsIn(watch).map((step) => ({ ...step, database })));
  }
  return found;
}

/** Kills the victim at a place, restarts it and audits. Undefined if the place was not reached. */
async function killOnce(stage: Stage, victim: Victim, place: Place): Promise<string | undefined> {
  const { world, robot, audit } = stage;
  const watch = watchOf(stage, victim, place.database);
  const ready = await start(world, victim, killedAt(watch, place));
  const service = world[victim]!;
  // A life that ends with the sidecar's fails somewhere; one that only lost its receiver goes on.
  const life = ready ? live(stage).catch(() => {}) : service.exited;
  await Promise.race([life, service.exited]);
  // Some steps only come when it stops.
  const stopped = service.running;
  if (stopped) await service.stop();
  const survived = (await service.exited).signal !== "SIGKILL";
  const death = `${deathIn(watch)}, ${place.call} ${place.n}`;
  if (!stopped && survived) throw new Error(`the ${victim} ended by itself (${death})`);
  if (!(await start(world, victim))) throw new Error(`no start after a kill at ${death}`);
  await life;
  await robot.disconnect();
  const before = audit.violations.length;
  await audit.stored();
  for (let i = before; i < audit.violations.length; i++) audit.violations[i] += ` (at ${death})`;
  await world[victim]!.stop();
  return survived ? undefined : deathIn(watch);
}

interface Tally {
  kills: number;
  tried: number;
  readonly kinds: Set<string>;
}

async function killAll(stage: Stage, victim: Victim, queue: Place[], tally: Tally) {
  for (let place = queue.pop(); place !== undefined; place = queue.pop()) {
    const death = await killOnce(stage, victim, place);
    tally.tried++;
    // No life is quite like the one that was counted: an earlier step instead of one that never came.
    if (death === undefined && place.n > 1) queue.push({ ...place, n: Math.ceil(place.n / 2) });
    if (death === undefined) continue;
    tally.kills++;
    tally.kinds.add(death);
  }
  await start(stage.world, victim);
  return {};
}

async function run(context: Context, victim: Victim): Promise<Outcome> {
  const { random } = context;
  const settings = { chunk: "4KiB", stallTimeout: "2s" };
  const tally: Tally = { kills: 0, tried: 0, kinds: new Set() };
  const queue: Place[] = [];
  let [steps, wanted] = [0, 0];
  let counted = () => {};
  const ready = new Promise<void>((resolve) => {
    counted = resolve;
  });
  const lanes = Array.from({ length: context.sample === undefined ? LANES : 1 }, (_, lane) =>
    onStage(random, settings, async (stage) => {
      await prepare(stage, victim);
      if (lane === 0) {
        const all = await count(context, stage, victim).finally(counted);
        steps = all.length;
        queue.push(...places(context, steps).map((n) => all[n - 1]!));
        wanted = queue.length;
      }
      await ready;
      return killAll(stage, victim, queue, tally);
    }),
  );
  const outcomes = await Promise.all(lanes);
  const violations = outcomes.flatMap((outcome) => outcome.violations);
  const { kills, tried, kinds } = tally;
  if (kills < wanted * 0.9) violations.push(`only ${kills} of ${wanted} steps were reached`);
  const sum = (name: string) =>
    outcomes.reduce((total, { figures }) => total + Number(figures[name] ?? 0), 0);
  const figures = { frames: sum("frames"), accepted: sum("accepted"), stored: sum("stored") };
  return { violations, figures: { ...figures, steps, tried, kills, "kinds of steps": kinds.size } };
}

export const sidecarKilled: Scenario = {
  name: "sidecar-killed",
  proves: "a sidecar that dies at any step on its disk loses, doubles and halves nothing",
  needs: ["strace", "openssl"],
  run: (context) => run(context, "sidecar"),
};

export const receiverKilled: Scenario = {
  name: "receiver-killed",
  proves: "a receiver that dies at any step on its disk loses, doubles and halves nothing",
  needs: ["strace", "openssl"],
  run: (context) => run(context, "receiver"),
};
