/** The wall clock jumps by a month, forth and back, while everything runs. */
import { renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { onStage, type Stage } from "../harness/stage.ts";
import { FAKETIME_LIBRARY } from "../harness/tools.ts";
import { type Context, places, type Scenario } from "../scenario.ts";

const DAY_S = 86_400;
const JUMPS = 20;

/** The clock that both processes see: the machine's, and so many days. */
class BentClock {
  readonly #file: string;

  constructor(folder: string) {
    this.#file = join(folder, "clock");
    this.set(0);
  }

  set(days: number): void {
    writeFileSync(`${this.#file}.new`, `${days >= 0 ? "+" : ""}${days}d\n`);
    renameSync(`${this.#file}.new`, this.#file);
  }

  get wrap() {
    return {
      environment: {
        LD_PRELOAD: FAKETIME_LIBRARY,
        FAKETIME_TIMESTAMP_FILE: this.#file,
        FAKETIME_NO_CACHE: "1",
        FAKETIME_DONT_FAKE_MONOTONIC: "1",
      },
    };
  }
}

async function jump(context: Context, stage: Stage) {
  const { world, robot, audit } = stage;
  const { random } = context;
  const clock = new BentClock(world.folder);
  const began = [await world.startReceiver(clock.wrap), await world.startSidecar(clock.wrap)];
  if (!began.every(Boolean)) throw new Error("a process does not start under the bent clock");
  await world.home.grant();
  await robot.connect();
  let farthest = 0;
  const jumps = places(context, JUMPS).length;
  for (let i = 0; i < jumps; i++) {
    // Some artefacts wait while the clock jumps, others are on their way.
    world.proxy.stalled = random.next() < 0.5;
    await robot.pushAll(3);
    const days = random.pick([-30, 30]);
    clock.set(days);
    await robot.pushAll(2);
    world.proxy.stalled = false;
    const { accounting } = await world.home.drained();
    const last = (await world.consumer.list()).at(-1)!;
    const seconds = Number(last.createTime!.seconds) - Date.now() / 1000;
    farthest = Math.max(farthest, Math.abs(seconds) / DAY_S);
    const evicted = accounting!.evicted.reduce((sum, { count }) => sum + Number(count), 0);
    audit.check(evicted === 0, () => `${evicted} artefacts were evicted because the clock jumped`);
    if (random.next() < 0.5) clock.set(0);
  }
  clock.set(0);
  await robot.disconnect();
  audit.check(farthest > 29, () => `the clock only jumped by ${farthest.toFixed(1)} days`);
  return { jumps, "days at most": Math.round(farthest) };
}

export const clockJump: Scenario = {
  name: "clock-jump",
  proves: "a wall clock that jumps by thirty days, forth or back, loses nothing and stops nothing",
  needs: ["faketime", "openssl"],
  // Certificates that were valid before the jump back, too.
  run: (context) =>
    onStage(context.random, { stallTimeout: "2s", certifiedDaysAgo: 60 }, (stage) =>
      jump(context, stage),
    ),
};
