/** `mapveil push`: a recording's frames to the sidecar, as a robot's driver would send them. */
import { type Command, InvalidArgumentError } from "commander";
import { SensorClient, type SensorStream } from "../../client/index.ts";
import { systemClock } from "../../core/clock.ts";
import { EXIT_CODES, MapveilError } from "../../core/errors.ts";
import type { Frame } from "../../core/frame.ts";
import { STRING_NAMES } from "../../policy/fields.ts";
import { CaptureTimes } from "../capture-times.ts";
import { bytes, count, plural, type Row, table } from "../format.ts";
import { addRecordingOptions, openInput, type RecordingOptions } from "../input.ts";
import { type CliIo, print } from "../io.ts";
import { PushTally, type PushTotals } from "../push-tally.ts";
import {
  addSidecarOptions,
  explainAway,
  languageOption,
  type SidecarFlags,
  socketOptions,
} from "../sidecar-connection.ts";

const EXAMPLE = `
Frames without a capture time get one, a period apart; with --loop time goes on from pass to pass.
Where the level is map or plan, frames go into a map, which is released at the end. An interruption
ends it after the receipts of what was sent. Exit code 4 if the owner or the policy
refused every frame, 3 if some were refused or dropped.

Example:
  mapveil push scan.pcap --config sidecar.yaml --rate 10 --loop
`;

const RATE_MAX_HZ = 1000;

interface Flags extends SidecarFlags, RecordingOptions {
  readonly rate?: number;
  readonly loop?: boolean;
  readonly release?: boolean;
  readonly json?: boolean;
}

function rate(text: string): number {
  const value = Number(text);
  if (/^[0-9.]+$/.test(text) && value > 0 && value <= RATE_MAX_HZ) return value;
  throw new InvalidArgumentError(`It must be a number above 0, up to ${RATE_MAX_HZ}.`);
}

/** Adds the command. */
export function addPush(program: Command, io: CliIo, finish: (exit: number) => void): void {
  const command = program
    .command("push")
    .summary("send a recording to the sidecar as a robot would")
    .description("Sends the frames of a recording to the sidecar and tells what became of each.")
    .argument("<recording>", "file with lidar frames");
  addRecordingOptions(addSidecarOptions(command))
    .addOption(languageOption())
    .option("--rate <hz>", "frames a second (default: as fast as the sidecar takes them)", rate)
    .option("--loop", "begin again at the end, until interrupted")
    .option("--release", "ask for a release of the map after each pass, besides that at the end")
    .option("--json", "print the totals as JSON")
    .addHelpText("after", EXAMPLE)
    .action(async (input: string, flags: Flags) => finish(await push(io, input, flags)));
}

/** Lets frames go at a steady rate; what is late goes at once. */
class Pace {
  readonly #periodMs: number;
  #nextMs = systemClock.monotonicMs();

  constructor(rateHz: number | undefined) {
    this.#periodMs = rateHz === undefined ? 0 : 1000 / rateHz;
  }

  async wait(): Promise<void> {
    const now = systemClock.monotonicMs();
    if (this.#nextMs > now) await systemClock.sleep(this.#nextMs - now);
    this.#nextMs = Math.max(this.#nextMs, now - this.#periodMs) + this.#periodMs;
  }
}

/** Whether the user has had enough; a second signal ends the process. */
class Interruption {
  #is = false;
  readonly giveBack: () => void;

  constructor(io: CliIo) {
    this.giveBack = io.host.takeSignals((signal) => {
      if (this.#is) io.host.exit(signal === "SIGINT" ? 130 : 143);
      this.#is = true;
    });
  }

  get is(): boolean {
    return this.#is;
  }
}

/**
 * Sends every frame of the recording once, or those until `isOver`; each has a capture time. A driver does not know the policy: it sends
 * the strings that one may name, and the sidecar applies its own.
 */
async function pushOnce(
  io: CliIo,
  input: string,
  flags: Flags,
  times: CaptureTimes,
  isOver: () => boolean,
  send: (frame: Frame, flat: boolean) => Promise<void>,
): Promise<void> {
  const source = await openInput(io, input, flags, STRING_NAMES);
  times.begin(flags.rate === undefined ? source.periodSeconds : 1 / flags.rate);
  try {
    for await (const frame of source.frames()) {
      if (isOver()) return;
      const stampNs = times.next(frame.stampNs);
      // A reader reuses its buffer for the next frame, and this one may wait for its receipt.
      await send({ ...frame, data: frame.data.slice(), stampNs }, source.flat === true);
    }
  } finally {
    await source.close();
  }
}

async function push(io: CliIo, input: string, flags: Flags): Promise<number> {
  const options = await socketOptions(io, flags, ["sensor"]);
  const client = await SensorClient.create(options);
  const interruption = new Interruption(io);
  const tally = new PushTally();
  const pace = new Pace(flags.rate);
  const times = new CaptureTimes(systemClock.wallMs());
  let stream: SensorStream | undefined;
  const waiting = new Set<Promise<void>>();
  let failure: unknown;
  const send = async (frame: Frame, flat: boolean) => {
    await pace.wait();
    const { layout } = frame;
    stream ??= await client.open({
      layout,
      inMapFrame: flags.inMapFrame === true,
      flat,
      onRelease: (release) => tally.addRelease(release),
    });
    while (waiting.size >= stream.maxInFlight) await Promise.race(waiting);
    if (failure !== undefined) throw failure;
    const startMs = systemClock.monotonicMs();
    const receipt = stream
      .push(frame)
      .then((view) => tally.add(view, systemClock.monotonicMs() - startMs))
      .catch((error) => {
        failure ??= error;
      })
      .finally(() => waiting.delete(receipt));
    waiting.add(receipt);
  };
  try {
    do {
      await pushOnce(io, input, flags, times, () => interruption.is, send);
      if (flags.release && stream) tally.addRelease(await stream.release());
    } while (flags.loop && !interruption.is && tally.frames + waiting.size > 0);
    await Promise.all(waiting);
    if (failure !== undefined) throw failure;
    await stream?.end();
  } catch (error) {
    throw explainAway(error, options.socketPath);
  } finally {
    client.close();
    interruption.giveBack();
  }
  return report(io, flags, tally);
}

function releaseText(release: PushTotals["releases"][number]): string {
  switch (release.outcome) {
    case "released": {
      const { level, scans, voxels, removedCells, sealedBytes, artefactId } = release;
      const made = `${level} of ${plural(scans, "scan")}, ${plural(voxels, "cell")}`;
      return `${made}, ${count(removedCells)} removed, ${bytes(sealedBytes)}: ${artefactId}`;
    }
    case "nothing":
      return `nothing: ${plural(release.heldBack, "scan")} held back`;
    default:
      return `${release.outcome} ${release.reason}: ${release.message}`;
  }
}

function report(io: CliIo, flags: Flags, tally: PushTally): number {
  const totals = tally.totals();
  if (totals.frames === 0) throw new MapveilError("BAD_INPUT", "The recording holds no frame.");
  const reasons = Object.entries(totals.reasons).flatMap(
    ([reason, { count: frames, message, restoreCommand }]): Row[] => [
      [`  ${reason}`, `${count(frames)}: ${message}`],
      ...(restoreCommand === undefined ? [] : [["  to allow", restoreCommand] as const]),
    ],
  );
  const rows: Row[] = [
    ["frames", count(totals.frames)],
    ["accepted", `${count(totals.accepted)}, sealed and on the sidecar's disk`],
    ["held", `${count(totals.held)}, in the sidecar's map`],
    ["refused", count(totals.refused)],
    ["dropped", count(totals.dropped)],
    ...reasons,
    ...totals.releases.map((release): Row => ["release", releaseText(release)]),
    [
      "receipt after",
      `median ${totals.ms.median.toFixed(1)} ms, p99 ${totals.ms.p99.toFixed(1)} ms`,
    ],
  ];
  print(io, flags.json, { schema: 1, ...totals }, table(rows));
  if (totals.accepted + totals.held === totals.frames) return 0;
  return totals.refused === totals.frames ? EXIT_CODES.REFUSED : EXIT_CODES.PARTIAL;
}
