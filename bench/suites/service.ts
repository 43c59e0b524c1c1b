/**
 * Sidecar and receiver as processes: frames through the unix socket, artefacts through TLS. The
 * processes are started by their commands with a configuration file, as on a robot.
 */
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import {
  ReceiverClient,
  receiptWords,
  SensorClient,
  type SensorStream,
} from "../../host/client/index.ts";
import type { Frame } from "../../host/core/frame.ts";
import { openVeil } from "../../host/veil/open.ts";
import { World } from "../../test/faults/harness/world.ts";
import { bundled, OS1 } from "../inputs/frames.ts";
import type { Context } from "../measure/context.ts";
import { residentMib } from "../measure/kernel-accounts.ts";
import {
  atLeast,
  atMost,
  count,
  type Figure,
  type Gate,
  type Suite,
  verdict,
} from "../report/report.ts";
import { type Load, packed, pushLoad } from "./service-load.ts";

/** Untimed frames before each measurement. */
const WARMUP = 30;
const MIB = 2 ** 20;
/** Twice what the fastest sensor of so many beams sends. */
const FRAMES_PER_S_MIN = 40;
/** Resident memory may grow by this from a tenth of the long run to its end. */
const GROWTH_MAX_MIB = 48;

interface Row {
  readonly name: string;
  readonly load: Load;
  readonly residentMib: number;
  readonly gates: readonly Gate[];
}

/** Pushes one frame and opens what arrives at the receiver: what is timed is what it should be. */
async function verify(world: World, stream: SensorStream, frame: Frame): Promise<void> {
  const receipt = await stream.push(frame);
  if (receipt.outcome !== "accepted")
    throw new Error(`the first frame was ${receiptWords(receipt)}`);
  await world.home.drained();
  const { certificate, key } = world.certificates.consumer;
  const consumer = await ReceiverClient.create({
    address: `localhost:${world.receiverPort}`,
    caPath: world.authority.ca,
    certificatePath: certificate,
    keyPath: key,
  });
  const name = `recipients/${world.recipient}/artefacts/${receipt.artefactId}`;
  const [tile] = await openVeil(await consumer.download(name), world.keyPair);
  consumer.close();
  if (tile?.voxels !== receipt.voxels) throw new Error("the receiver has something else");
}

/** Large frames; the sidecar's work, the robot's and the receiver's share the machine. */
async function throughput(
  world: World,
  stream: SensorStream,
  frames: readonly Frame[],
  total: number,
): Promise<Row> {
  const { pid } = world.sidecar!;
  await pushLoad(stream, frames, WARMUP, pid);
  const load = await pushLoad(stream, frames, total, pid);
  const name = `OS1-128, ${count(total)} frames`;
  const rate = total / load.seconds;
  const gates = [atLeast(`${name}: frames a second`, rate, FRAMES_PER_S_MIN)];
  return { name, load, residentMib: residentMib(pid), gates };
}

/** Small frames, many of them: resident memory at a tenth of the run and at its end. */
async function soak(
  world: World,
  stream: SensorStream,
  frames: readonly Frame[],
  total: number,
): Promise<{ row: Row; note: string }> {
  const { pid } = world.sidecar!;
  await pushLoad(stream, frames, total / 10, pid);
  const early = residentMib(pid);
  const load = await pushLoad(stream, frames, total, pid);
  const late = residentMib(pid);
  const name = `XT32, ${count(total)} frames`;
  const gates = [atMost(`${name}: MiB that memory grew by`, late - early, GROWTH_MAX_MIB)];
  return {
    row: { name, load, residentMib: late, gates },
    note: `Memory of the sidecar: ${early.toFixed(0)} MiB after ${count(total / 10)} frames, ${late.toFixed(0)} MiB after ${count(1.1 * total)}.`,
  };
}

/** What waits on the disk, sent through TLS once the receiver is there. */
async function drain(world: World, stream: SensorStream, frames: readonly Frame[], total: number) {
  await world.receiver!.stop();
  const load = await pushLoad(stream, frames, total, world.sidecar!.pid);
  const spooled = async () => Number((await world.home.status()).accounting!.spooled);
  const waiting = await spooled();
  const starting = world.start("receiver");
  starting.catch(() => {});
  // Watched while the receiver starts: on a busy machine all is there before it is known to be ready.
  let before = waiting;
  while (before === waiting) {
    await sleep(2);
    before = await spooled();
  }
  if (before === 0) throw new Error("all was uploaded between two looks at the spool");
  const startMs = performance.now();
  while ((await spooled()) > 0) await sleep(2);
  const seconds = (performance.now() - startMs) / 1000;
  await starting;
  const bytes = (load.sealedBytes / total) * before;
  const rate = bytes / MIB / seconds;
  return {
    note: `Upload of ${count(before)} waiting artefacts through TLS 1.3: ${(before / seconds).toFixed(0)} artefacts/s, ${rate.toFixed(1)} MiB/s.`,
    gates: [atLeast("artefacts uploaded a second", before / seconds, 40)],
    figures: [],
    plots: [],
    missing: [],
    data: { artefacts: before, seconds, bytes },
  };
}

/** What a later run is compared with. */
function figuresOf({ name, load, residentMib: memory }: Row): Figure[] {
  const figure = (what: string, unit: string, better: Figure["better"], value: number): Figure => ({
    name: `${name}: ${what}`,
    unit,
    better,
    value,
    rounds: [value],
  });
  return [
    figure("rate", "frames/s", "higher", load.frames / load.seconds),
    figure(
      "processor time a frame",
      "ms",
      "lower",
      (1000 * load.cores * load.seconds) / load.frames,
    ),
    figure("resident memory", "MiB", "lower", memory),
  ];
}

function cells({ name, load, residentMib: memory, gates }: Row): string[] {
  const { frames, seconds, rawBytes, cores } = load;
  return [
    name,
    (frames / seconds).toFixed(1),
    (rawBytes / MIB / seconds).toFixed(0),
    cores.toFixed(2),
    memory.toFixed(0),
    verdict(...gates),
  ];
}

/** Starts both services, measures, stops them. */
export async function serviceSuite({ quick }: Context): Promise<Suite> {
  const world = await World.create({ chunk: "256KiB", parallel: 4, quota: "1GiB" });
  try {
    await world.start("receiver", "sidecar");
    await world.home.grant();
    const sensor = await SensorClient.create({
      socketPath: world.socket,
      tokenPath: join(world.stateDir, "clients", "sensor.token"),
    });
    const large = (await bundled(OS1)).variants.map(packed);
    const small = (await bundled("XT32")).variants.map(packed);
    const largeStream = await sensor.open({ layout: large[0]!.layout });
    await verify(world, largeStream, large[0]!);
    const n = quick ? 60 : 400;
    const rows = [await throughput(world, largeStream, large, 2 * n)];
    const drained = await drain(world, largeStream, large, n);
    await largeStream.end();
    const smallStream = await sensor.open({ layout: small[0]!.layout });
    const soaked = await soak(world, smallStream, small, quick ? 500 : 10_000);
    rows.push(soaked.row);
    await smallStream.end();
    sensor.close();
    await world.home.drained();
    const { accounting } = await world.home.status();
    const { captured, uploaded } = accounting!;
    return {
      name: "service",
      title: "frames of 131,072 slots of 16 bytes through sidecar and receiver, each a process",
      columns: ["", "frames/s", "MiB/s in", "cores", "MiB", ""],
      rows: rows.map(cells),
      notes: [
        "As many frames at once as the stream allows; the replay suite has them at a sensor's rate. Cores and memory",
        "are the sidecar's, with its uploads; the robot's process and the receiver share the machine with it.",
        soaked.note,
        drained.note,
        `Every frame accounted for: ${captured} captured, ${uploaded} uploaded and confirmed.`,
      ],
      gates: [
        ...rows.flatMap(({ gates }) => gates),
        ...drained.gates,
        atMost("frames that were captured and not uploaded", Number(captured - uploaded), 0),
      ],
      figures: rows.flatMap(figuresOf),
      plots: [],
      missing: [],
      data: [
        ...rows.map(({ name, load, residentMib: memory }) => ({
          name,
          ...load,
          residentMib: memory,
        })),
        drained.data,
      ],
    };
  } catch (error) {
    throw new Error(`${(error as Error).message}\n${world.tails()}`, { cause: error });
  } finally {
    await world.close();
  }
}
