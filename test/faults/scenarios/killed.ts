/** SIGKILL at every step that changes the disk: of the sidecar, and of the receiver. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { countingSteps, killedAtStep, lastStep, type Steps, stepsTaken } from "../harness/crash.ts";
import { onStage, type Stage } from "../harness/stage.ts";
import { type Context, type Outcome, places, type Scenario } from "../scenario.ts";

type Victim = "sidecar" | "receiver";

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

const databasesOf = (folder: string) =>
  readdirSync(folder, { recursive: true })
    .map((name) => join(folder, String(name)))
    .filter((path) => path.endsWith(".mdb") && !path.endsWith("lock.mdb"));

async function killOnce(stage: Stage, victim: Victim, steps: Steps, n: number) {
  const { world, robot, audit } = stage;
  const ready = await start(world, victim, killedAtStep(steps, n));
  const service = world[victim]!;
  // A life that ends with the sidecar's fails somewhere; one that only lost its receiver goes on.
  const life = ready ? live(stage).catch(() => {}) : undefined;
  await Promise.race([life, service.exited]);
  const survived = service.running;
  if (survived) await service.stop();
  await service.exited;
  if (!(await start(world, victim))) {
    throw new Error(
      `the ${victim} does not start after it was killed at ${lastStep(steps)} (${n})`,
    );
  }
  await life;
  await robot.disconnect();
  const before = audit.violations.length;
  await audit.stored();
  for (let i = before; i < audit.violations.length; i++) {
    audit.violations[i] += ` (killed at step ${n}, ${lastStep(steps)})`;
  }
  await world[victim]!.stop();
  return { survived, step: lastStep(steps) };
}

/** Kills the victim at step after step of the same life, and audits after each restart. */
async function killAll(context: Context, stage: Stage, victim: Victim, plainWrites: boolean) {
  const { world } = stage;
  await world.start("receiver", "sidecar");
  await world.home.grant();
  await live(stage);
  const folder = victim === "sidecar" ? world.stateDir : world.dataDir;
  const log = join(world.folder, `${victim}.strace`);
  const steps: Steps = plainWrites ? { log, files: databasesOf(folder) } : { log };
  await world[victim]!.stop();
  await start(world, victim, countingSteps(steps));
  await live(stage);
  await world[victim]!.stop();
  const kinds = new Set<string>();
  const taken = stepsTaken(steps);
  const chosen = places(context, taken);
  let kills = 0;
  for (const n of chosen) {
    const { survived, step } = await killOnce(stage, victim, steps, n);
    if (survived) continue;
    kills++;
    kinds.add(step);
  }
  await start(world, victim);
  stage.audit.check(
    kills >= chosen.length / 2,
    () => `only ${kills} of ${chosen.length} steps were reached`,
  );
  return { steps: taken, kills, "kinds of steps": kinds.size };
}

async function run(context: Context, victim: Victim): Promise<Outcome> {
  const { random } = context;
  const settings = { chunk: "4KiB", stallTimeout: "2s" };
  // Two worlds side by side: one dies in calls that only files know, one in plain writes as well.
  const outcomes = await Promise.all(
    [false, true].map((plainWrites) =>
      onStage(random, settings, (stage) => killAll(context, stage, victim, plainWrites)),
    ),
  );
  const [calls, writes] = outcomes as [Outcome, Outcome];
  const named = Object.entries(writes.figures).map(([key, value]) => [`${key} (database)`, value]);
  return {
    violations: outcomes.flatMap(({ violations }) => violations),
    figures: { ...calls.figures, ...Object.fromEntries(named) },
  };
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
