/**
 * One run of the replay suite: a sidecar of its own, started by its command, a receiver, and the robot
 * in a process beside them. What comes out is opened and compared before anything is timed.
 */
import { type ChildProcess, fork } from "node:child_process";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { ReceiverClient } from "../../host/client/index.ts";
import type { Frame } from "../../host/core/frame.ts";
import { defaultPolicy } from "../../host/policy/index.ts";
import { openVeil } from "../../host/veil/open.ts";
import { World } from "../../test/faults/harness/world.ts";
import { assertSameCells } from "../inputs/cells.ts";
import { floatsOf } from "../inputs/frames.ts";
import { type CpuQuota, QuotaGroup } from "../measure/cpu-quota.ts";
import { checkInterrupt } from "../measure/interrupt.ts";
import {
  cpuSeconds,
  machineTime,
  residentMib,
  type ThreadTime,
  threadTimes,
} from "../measure/kernel-accounts.ts";
import { onExit } from "../measure/on-exit.ts";
import { JsVoxelGrid } from "../peers/js-voxel-grid.ts";
import type { FromRobot, Paced, ToRobot } from "./replay-robot.ts";

const SAMPLE_MS = 1000;
/** Seconds of frames before those that count: code is compiled, buffers have their size. */
const WARMUP_S = 3;

/** What a sidecar does whose file says nothing of it; the harness has its own for faults. */
const PRODUCT_DEFAULTS = {
  chunk: "256KiB",
  parallel: 2,
  quota: "1GiB",
  stallTimeout: "30s",
  receiverStallTimeout: "30s",
} as const;

export interface PlannedFrame {
  /** As a driver publishes it. */
  readonly frame: Frame;
  /** The same points, x y z alone, to compare with. */
  readonly positions: Frame;
}

export interface Plan {
  readonly sensor: string;
  /** Pushed in rotation. */
  readonly frames: readonly PlannedFrame[];
  readonly hz: number;
  readonly seconds: number;
  /** None: as many cores as there are. */
  readonly quota?: CpuQuota;
}

/** What was seen of the sidecar at a time. */
export interface Sample {
  /** Seconds since the first frame that counts. */
  readonly atS: number;
  readonly residentMib: number;
  /** Artefacts that wait for their upload. */
  readonly spooled: number;
}

export interface Run extends Paced {
  readonly plan: Plan;
  readonly seconds: number;
  readonly samples: readonly Sample[];
  /** Cores that the sidecar used: all of it, its event loop, and the thread that sanitises. */
  readonly cores: { readonly all: number; readonly loop: number; readonly frames: number };
  /** Share of the time that one of these two threads was ready and waited for a processor. */
  readonly waited: number;
  /** Share of the quota's periods in which it was used up. */
  readonly throttled: number | undefined;
  /** Cores that programs used that are no part of the run, and that other machines took. */
  readonly foreign: { readonly cores: number; readonly steal: number };
  /** Frames that the sidecar knows of, and those whose artefacts the receiver has confirmed. */
  readonly captured: number;
  readonly uploaded: number;
}

/** Talks with the robot's process: one answer to each message, but for "begun" in between. */
class RobotProcess {
  readonly #child: ChildProcess;

  constructor() {
    const script = fileURLToPath(new URL("./replay-robot.ts", import.meta.url));
    this.#child = fork(script, { execArgv: ["--import", "tsx"], serialization: "advanced" });
  }

  get pid(): number {
    return this.#child.pid!;
  }

  ask<Kind extends FromRobot["kind"]>(
    message: ToRobot,
    wanted: Kind,
    onBegun = () => {},
  ): Promise<FromRobot & { kind: Kind }> {
    return new Promise((resolve, reject) => {
      const child = this.#child;
      const done = () => {
        child.off("message", hear).off("exit", ended);
      };
      const ended = () => reject(new Error("the robot's process ended"));
      const hear = (answer: FromRobot) => {
        if (answer.kind === "begun") return onBegun();
        done();
        if (answer.kind === wanted) resolve(answer as FromRobot & { kind: Kind });
        else reject(new Error(answer.kind === "failed" ? answer.message : "another answer"));
      };
      child.on("message", hear).on("exit", ended);
      child.send(message);
    });
  }

  kill(): void {
    this.#child.kill("SIGKILL");
  }

  /** It ends its stream and itself. */
  async hangUp(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = new Promise((resolve) => this.#child.once("exit", resolve));
    if (this.#child.connected) this.#child.disconnect();
    await exited;
  }
}

/** The cells of a frame by a grid in plain JavaScript, from the lowest. */
function cellsOf(frame: Frame, leafM: number): Int32Array {
  const grid = new JsVoxelGrid(frame.count);
  const { floats, stride } = floatsOf(frame);
  const cells = new Int32Array(3 * grid.addCells(floats, stride, frame.count, leafM));
  grid.copyShifted(cells.length / 3, cells);
  return cells;
}

/** Opens what the receiver has of each frame, and compares the cells: what is timed is what it should be. */
async function verify(
  world: World,
  frames: readonly PlannedFrame[],
  artefactIds: readonly string[],
): Promise<void> {
  await world.home.drained();
  const { certificate, key } = world.certificates.consumer;
  const consumer = await ReceiverClient.create({
    address: `localhost:${world.receiverPort}`,
    caPath: world.authority.ca,
    certificatePath: certificate,
    keyPath: key,
  });
  try {
    for (const [i, { positions }] of frames.entries()) {
      const name = `recipients/${world.recipient}/artefacts/${artefactIds[i]}`;
      const tiles = await openVeil(await consumer.download(name), world.keyPair);
      if (tiles.length !== 1) throw new Error(`${tiles.length} tiles in an artefact of one frame`);
      const { leaf_m } = defaultPolicy();
      assertSameCells(
        "replay: opened and a plain grid",
        tiles[0]!.cells,
        cellsOf(positions, leaf_m),
      );
    }
  } finally {
    consumer.close();
  }
}

/** Books of the processes and the machine, and what is between two such looks at them. */
function look(sidecar: number, own: readonly number[]) {
  return {
    atMs: performance.now(),
    threads: threadTimes(sidecar),
    ownS: own.reduce((sum, pid) => sum + cpuSeconds(pid), cpuSeconds(sidecar)),
    sidecarS: cpuSeconds(sidecar),
    machine: machineTime(),
  };
}

function between(
  sidecar: number,
  before: ReturnType<typeof look>,
  after: ReturnType<typeof look>,
): Pick<Run, "seconds" | "cores" | "waited" | "foreign"> {
  const seconds = (after.atMs - before.atMs) / 1000;
  const since = ({ tid, runS, waitS }: ThreadTime): ThreadTime => {
    const earlier = before.threads.find((thread) => thread.tid === tid);
    return { tid, runS: runS - (earlier?.runS ?? 0), waitS: waitS - (earlier?.waitS ?? 0) };
  };
  const threads = after.threads.map(since).sort((a, b) => b.runS - a.runS);
  const loop = threads.find(({ tid }) => tid === sidecar)!;
  // No other thread works as much as the one that sanitises; the rest compile, collect and sync.
  const frames = threads.find(({ tid }) => tid !== sidecar)!;
  const ownS = after.ownS - before.ownS;
  return {
    seconds,
    cores: {
      all: (after.sidecarS - before.sidecarS) / seconds,
      loop: loop.runS / seconds,
      frames: frames.runS / seconds,
    },
    waited: (loop.waitS + frames.waitS) / seconds,
    foreign: {
      cores: Math.max(0, (after.machine.busyS - before.machine.busyS - ownS) / seconds),
      steal: (after.machine.stealS - before.machine.stealS) / seconds,
    },
  };
}

/**
 * Looks at the sidecar each second until `stop` is called, which gives what was seen. Calls
 * `onFailure` when the run is stopped, or the sidecar does not answer.
 */
function sample(world: World, onFailure: () => void): { stop(): Promise<Sample[]> } {
  const samples: Sample[] = [];
  const { pid } = world.sidecar!;
  const startMs = performance.now();
  let running = true;
  const sampling = (async () => {
    for (let i = 0; running; i++) {
      await checkInterrupt();
      const { accounting } = await world.home.status();
      const atS = (performance.now() - startMs) / 1000;
      samples.push({ atS, residentMib: residentMib(pid), spooled: Number(accounting!.spooled) });
      const nextMs = startMs + (i + 1) * SAMPLE_MS;
      if (running) await sleep(Math.max(0, nextMs - performance.now()));
    }
  })();
  sampling.catch(onFailure);
  return {
    async stop() {
      running = false;
      await sampling;
      return samples;
    },
  };
}

async function paced(plan: Plan, world: World, robot: RobotProcess, group?: QuotaGroup) {
  const { frames, hz, seconds } = plan;
  const { receipts } = await robot.ask(
    {
      kind: "connect",
      socketPath: world.socket,
      tokenPath: join(world.stateDir, "clients", "sensor.token"),
      frames: frames.map(({ frame }) => frame),
    },
    "pushed",
  );
  await verify(
    world,
    frames,
    receipts.map(({ artefactId }) => artefactId),
  );
  const sidecar = world.sidecar!.pid;
  const own = [process.pid, robot.pid, world.receiver!.pid];
  let sampler: ReturnType<typeof sample> | undefined;
  let before: ReturnType<typeof look> | undefined;
  let periods = group?.periods();
  const [warmup, total] = [Math.ceil(WARMUP_S * hz), Math.round(seconds * hz)];
  const result = await robot.ask(
    { kind: "pace", periodMs: 1000 / hz, warmup, total },
    "paced",
    () => {
      before = look(sidecar, own);
      periods = group?.periods();
      sampler = sample(world, () => robot.kill());
    },
  );
  const after = look(sidecar, own);
  const ended = group?.periods();
  const samples = await sampler!.stop();
  await world.home.drained();
  const { accounting } = await world.home.status();
  const { captured, uploaded } = accounting!;
  return {
    ...result,
    plan,
    samples,
    ...between(sidecar, before!, after),
    throttled:
      ended && periods && (ended.throttled - periods.throttled) / (ended.all - periods.all),
    captured: Number(captured) - frames.length - warmup,
    uploaded: Number(uploaded) - frames.length - warmup,
  };
}

/** Runs a plan; a string says why its quota cannot be had on this machine. */
export async function replay(plan: Plan): Promise<Run | string> {
  const group = plan.quota && QuotaGroup.create(plan.quota);
  if (typeof group === "string") return group;
  const world = await World.create(PRODUCT_DEFAULTS);
  const forget = onExit(() => {
    for (const service of [world.sidecar, world.receiver]) {
      if (service?.running) process.kill(service.pid, "SIGKILL");
    }
    rmSync(world.folder, { recursive: true, force: true });
  });
  const robot = new RobotProcess();
  try {
    await world.startReceiver();
    if (!(await world.startSidecar(group && { prefix: group.prefix }))) {
      throw new Error("the sidecar ended at its start");
    }
    if (group !== undefined && !group.processes.includes(world.sidecar!.pid)) {
      throw new Error("the sidecar is not in its group");
    }
    await world.home.grant();
    return await paced(plan, world, robot, group);
  } catch (error) {
    // Ctrl-C goes to every process of the run: what broke then is no failure of theirs.
    await checkInterrupt();
    throw new Error(`${plan.sensor}: ${(error as Error).message}\n${world.tails()}`, {
      cause: error,
    });
  } finally {
    await robot.hangUp();
    await world.close();
    group?.remove();
    forget();
  }
}
