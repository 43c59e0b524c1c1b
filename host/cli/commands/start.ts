/**
 * `mapveil start`: robot, sidecar, receiver and consumer on a real recording, told step by step. What
 * it prints holds no identifier of the recording, and it checks that itself.
 */
import { join } from "node:path";
import type { Command } from "commander";
import type { SensorStream } from "../../client/index.ts";
import { MapveilError } from "../../core/errors.ts";
import type { Frame } from "../../core/frame.ts";
import type { Tile } from "../../core/tile.ts";
import { writeCloud, writeFileAtomic } from "../../formats/index.ts";
import { Level } from "../../gen/mapveil/v1/types_pb.ts";
import { keyIdText } from "../../keys/index.ts";
import { explainPolicyJson, type Policy } from "../../policy/index.ts";
import { hasCellsOf, openDemo, refusals, searchDemo } from "../demo/checks.ts";
import { type DemoData, demoData } from "../demo/data.ts";
import { DEMO_FILES, prepareDemo } from "../demo/files.ts";
import { readDemoFrames, secretsOf } from "../demo/frames.ts";
import { openParties, type Parties } from "../demo/parties.ts";
import { DEMO_POLICY, demoPolicy } from "../demo/policy.ts";
import { allAccepted, pushFrames, refusedOne, untilUploaded } from "../demo/robot.ts";
import { Story } from "../demo/story.ts";
import { bytes, count, fieldName, metres, ms, plural, ratio, table } from "../format.ts";
import { inspectFile } from "../inspect-file.ts";
import { type CliIo, pathIn } from "../io.ts";
import { previewFrame } from "../preview-frame.ts";
import { tileCloud } from "../tile-cloud.ts";
import { CROPPED, causeList } from "../totals-text.ts";
import { inspectionRows } from "./inspect.ts";

const FOLDER = "demo";
/** How long the receiver is given to end, when it is switched off. */
const STOP_MS = 2000;
const LOCAL = "permissions/robot-lidar-local";
const UPLOAD = "permissions/robot-lidar-upload";

const EXAMPLE = `
Writes to ./${FOLDER} and replaces what an earlier demo left there, but for ${DEMO_POLICY}: edit it
and run the demo again. Needs a clone of the repository.

Example:
  mapveil start
`;

const NEXT = `
Next, on your own:
  node dist/host/cli/main.js receiver --config ${FOLDER}/${DEMO_FILES.receiverConfig}
  node dist/host/cli/main.js sidecar --config ${FOLDER}/${DEMO_FILES.sidecarConfig}
  node dist/host/cli/main.js permission list --config ${FOLDER}/${DEMO_FILES.sidecarConfig}
  node dist/host/cli/main.js --help
`;

/** Adds the command. */
export function addStart(program: Command, io: CliIo): void {
  program
    .command("start")
    .alias("demo")
    .summary("see the whole way on a bundled recording")
    .description("Takes a bundled recording from the robot to the one who may open the map.")
    .addHelpText("after", EXAMPLE)
    .action(async () => start(io));
}

/** What every step of the demo works with. */
interface Stage {
  readonly story: Story;
  readonly folder: string;
  readonly policy: Policy;
  readonly recipient: string;
  readonly frames: readonly Frame[];
  readonly periodMs: number;
  readonly parties: Parties;
  readonly stream: SensorStream;
}

async function start(io: CliIo): Promise<void> {
  const data = demoData();
  const folder = pathIn(io, FOLDER);
  const story = new Story(io);
  story.text("Mapveil: a real lidar recording, from the robot to the one who may open its map.\n");
  const key = await prepareDemo(folder);
  const policy = await demoPolicy(folder);
  const recipient = keyIdText(key.keyId);
  const recording = await readDemoFrames(data);
  const parties = await openParties(folder, recipient);
  try {
    const stream = await parties.sensor.open({ layout: recording.frames[0]!.layout });
    await tell({ story, folder, policy, recipient, ...recording, parties, stream }, data);
  } finally {
    await parties.close();
  }
  story.text(NEXT);
}

async function tell(stage: Stage, data: DemoData): Promise<void> {
  tellParties(stage);
  tellPolicy(stage);
  await tellRefusal(stage);
  await tellGrant(stage);
  await tellFrames(stage);
  const veil = await tellReceiver(stage);
  const tile = await tellOpening(stage, veil);
  await tellPicture(stage);
  await tellWithdrawal(stage);
  await tellSearch(stage, data, tile);
}

function tellParties({ story, recipient, parties }: Stage): void {
  story.step("Who takes part");
  story.block(
    table([
      ["owner", `has the key ${recipient} in ${FOLDER}/${DEMO_FILES.key}`],
      ["robot", `pushes frames into a unix socket; knows nothing of keys`],
      ["sidecar", `on the robot, state in ${FOLDER}/${DEMO_FILES.robot}; has the public key only`],
      [
        "receiver",
        `port ${parties.receiver.port} of this machine, TLS 1.3 with certificates on both sides, ` +
          `data in ${FOLDER}/${DEMO_FILES.receiver}; has no key`,
      ],
    ]),
  );
}

function tellPolicy({ story, policy }: Stage): void {
  const { sections } = explainPolicyJson(policy);
  story.step(`The policy, ${FOLDER}/${DEMO_POLICY} (edit it and run this again)`);
  for (const key of ["leaves", "points", "cropped", "pose", "time"] as const) {
    for (const item of sections.find((section) => section.key === key)?.items ?? []) {
      story.line(item);
    }
  }
}

async function tellRefusal(stage: Stage): Promise<void> {
  const { story, stream, frames } = stage;
  const { receipts } = await pushFrames(stream, frames.slice(0, 1), 0);
  const { reason, message, metadata } = refusedOne(receipts);
  story.step("A fresh install lets nothing leave");
  story.line(`The robot pushes a frame: refused, ${reason}. ${message}`);
  story.line(`Without it: ${metadata.consequence}`);
  story.line(`What goes on: ${metadata.unaffected}`);
}

async function tellGrant({ story, parties, policy }: Stage): Promise<void> {
  const level = policy.level === "full" ? Level.FULL : Level.FRAMES;
  const affirmativeAct = "started the demo";
  await parties.owner.grantPermission({ name: LOCAL, affirmativeAct });
  const granted = await parties.owner.grantPermission({ name: UPLOAD, level, affirmativeAct });
  story.step("The owner says yes");
  story.line(
    `Granted: use of the lidar on the robot, and upload of ${policy.level}. Signed into the ` +
      `ledger; permission epoch ${granted.permissionEpoch}.`,
  );
}

async function tellFrames({ story, stream, frames, periodMs, parties }: Stage): Promise<void> {
  const { receipts, latenciesMs } = await pushFrames(stream, frames, periodMs);
  const accepted = allAccepted(receipts);
  await untilUploaded(parties);
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  const bytesIn = sum(frames.map(({ count: points, layout }) => points * layout.pointStep));
  const bytesOut = sum(accepted.map(({ sealedBytes }) => sealedBytes));
  const stripped = new Set(accepted.flatMap((receipt) => receipt.stripped));
  story.step(`${plural(frames.length, "frame")}, pushed at the sensor's rate`);
  story.block(
    table([
      ["accepted", `${accepted.length}, each with its sealed form on the disk`],
      ["points in", count(sum(accepted.map(({ pointsIn }) => pointsIn)))],
      ["voxels out", count(sum(accepted.map(({ voxels }) => voxels)))],
      [
        "bytes",
        `${bytes(bytesIn)} of raw points in, ${bytes(bytesOut)} sealed out (${ratio(bytesIn, bytesOut)})`,
      ],
      ["stripped", [...stripped].map(fieldName).join(", ")],
      [
        "time a frame",
        `${latenciesMs.map(ms).join(", ")} from push to receipt; the sensor gives ${ms(periodMs)}`,
      ],
      ["uploaded", `${parties.sidecar.status().accounts.uploaded} artefacts`],
    ]),
  );
}

async function tellReceiver({ story, folder, parties, recipient }: Stage): Promise<Uint8Array> {
  const names: string[] = [];
  for await (const { name } of parties.consumer.list(recipient)) names.push(name);
  const veil = await parties.consumer.download(names[0]!);
  const path = join(folder, DEMO_FILES.artefact);
  await writeFileAtomic(path, veil);
  story.step("What the receiver has, and what it can tell of it");
  story.line(
    `${plural(names.length, "artefact")} in its list. The first, downloaded to ` +
      `${FOLDER}/${DEMO_FILES.artefact}:`,
  );
  story.block(table(inspectionRows(await inspectFile(path))));
  return veil;
}

async function tellOpening(stage: Stage, veil: Uint8Array): Promise<Tile> {
  const { story, folder, policy, frames } = stage;
  const tile = await openDemo(folder, veil);
  const same = await hasCellsOf(frames[0]!, policy, tile);
  if (same === false) {
    throw new MapveilError("INTERNAL", "The opened voxels are not those of the frame.");
  }
  // A map of a home: for its owner's eyes.
  await writeCloud(join(folder, DEMO_FILES.cloud), tileCloud(tile), { mode: 0o600 });
  const checked = same === null ? "turned by a secret amount" : "cell by cell those of the frame";
  story.step("Opened with the recipient's key");
  story.line(
    `${plural(tile.voxels, "voxel")} of ${metres(Number(tile.leafM.toPrecision(6)))}, ${checked}; ` +
      `written to ${FOLDER}/${DEMO_FILES.cloud}.`,
  );
  const [wrongKey, oneBit] = await refusals(folder, veil);
  story.line(`Another key is refused: ${wrongKey}`);
  story.line(`One flipped bit is refused: ${oneBit}`);
  return tile;
}

async function tellPicture({ story, folder, policy, frames }: Stage): Promise<void> {
  const { png, report } = await previewFrame(frames[0]!, policy, false);
  await writeFileAtomic(join(folder, DEMO_FILES.picture), png, { mode: 0o600 });
  const kept = causeList(report.cropped, CROPPED);
  story.step("Before and after");
  story.line(`${FOLDER}/${DEMO_FILES.picture} shows the first frame and what leaves of it.`);
  if (kept === "") return;
  // In a map, rounding blurs which points were cropped; the picture leaves them as they are.
  const who = policy.pose === "drop" ? "Red there: the points" : "Points";
  story.line(`${who} that stayed at home, ${kept}.`);
}

async function tellWithdrawal({ story, stream, frames, parties }: Stage): Promise<void> {
  await parties.receiver.stop(STOP_MS);
  const { receipts } = await pushFrames(stream, frames, 0);
  const waiting = allAccepted(receipts).length;
  const withdrawn = await parties.owner.withdrawPermission({ name: UPLOAD });
  const { reason } = refusedOne((await pushFrames(stream, frames.slice(0, 1), 0)).receipts);
  await stream.end();
  const { captured, uploaded, spooled, refused, evicted } = parties.sidecar.status().accounts;
  const parts = Object.entries(refused).map(([name, frames]) => `${frames} ${name}`);
  story.step("The owner says no, with the receiver out of reach");
  story.line(
    `The receiver is switched off; ${plural(waiting, "more frame")} wait on the robot's disk. The ` +
      `owner withdraws: ${plural(Number(withdrawn.destroyedArtefacts), "artefact")} destroyed, ` +
      `permission epoch ${withdrawn.permissionEpoch}. The next frame is refused, ${reason}.`,
  );
  const sumOf = (counts: object) => Object.values(counts).reduce((sum, n) => sum + n, 0);
  const sums = { refused: sumOf(refused), evicted: sumOf(evicted) };
  story.line(
    `Accounts: ${captured} captured = ${uploaded} uploaded + ${spooled} spooled + ` +
      `${sums.refused} refused (${parts.join(", ")}) + ${sums.evicted} evicted.`,
  );
  if (captured !== uploaded + spooled + sums.refused + sums.evicted) {
    throw new MapveilError("INTERNAL", "The accounts do not add up.");
  }
}

async function tellSearch(stage: Stage, data: DemoData, tile: Tile): Promise<void> {
  const { story, folder, frames, policy, parties } = stage;
  const secrets = secretsOf(frames, policy.keep.strings);
  const said = { printed: story.told, logged: await parties.log() };
  const found = await searchDemo(folder, data, secrets, tile, said);
  story.step("A search for what must not be there");
  story.line(
    `Searched ${plural(found.identifiers, "identifier")} of the input in ${count(found.forms)} ` +
      `forms, in the ${plural(found.files, "file")} that robot and receiver stored, in what the ` +
      `map opens to, in the logs and in this text: ${count(found.hits)} found. The same search ` +
      `finds ${count(found.inInput)} of them in the input.`,
  );
  if (found.hits === 0) return;
  throw new MapveilError("INTERNAL", "Identifiers of the input were found in the output.");
}
