/** From the robot's driver to the recipient: frames, a map, a plan, and what is said on the way. */
import { join } from "node:path";
import { plantedFrames } from "../../canary/plants/frames.ts";
import { WireTap } from "../../canary/wire-tap.ts";
import { SensorClient } from "../../client/index.ts";
import type { Frame, MetadataField } from "../../core/frame.ts";
import { writeFileAtomic } from "../../formats/index.ts";
import { Level } from "../../gen/mapveil/v1/types_pb.ts";
import { keyIdText } from "../../keys/index.ts";
import { LEVELS } from "../../policy/fields.ts";
import { DEMO_FILES, prepareDemo } from "../demo/files.ts";
import { openParties, type Parties, type PartiesTerms } from "../demo/parties.ts";
import { DEMO_POLICY } from "../demo/policy.ts";
import { untilUploaded } from "../demo/robot.ts";
import { addOpened, recipientKey, type Stage } from "./stage.ts";
import { wrongCalls } from "./wrong-calls.ts";

const FRAMES = 8;
/** Enough that most of them are older than scans are held back for. */
const SCANS = 24;
const LOCAL = "permissions/robot-lidar-local";
const UPLOAD = "permissions/robot-lidar-upload";
const WIRE_LEVELS = {
  nothing: undefined,
  plan: Level.PLAN,
  map: Level.MAP,
  frames: Level.FRAMES,
  full: Level.FULL,
} as const;

/** The parties' own state, addresses and keys; everything else as the user's settings say. */
function termsOf({ settings, folder }: Stage, taps: WireTap[]): PartiesTerms {
  const file = (name: string) => join(folder, DEMO_FILES.certificates, name);
  return {
    sidecar: (own) => {
      if (settings === undefined) return own;
      const { stateDir, socketPath, recipient, clients, uplink } = own;
      const theirs = { ...settings, stateDir, socketPath, recipient, clients };
      return uplink === undefined
        ? theirs
        : { ...theirs, uplink: { ...settings.uplink, ...uplink } };
    },
    front: async (port) => {
      const tap = await WireTap.start({
        port,
        receiver: { certificate: file("receiver.pem"), key: file("receiver.key") },
        fleet: { certificate: file("fleet.pem"), key: file("fleet.key") },
        authority: file("authority.pem"),
      });
      taps.push(tap);
      return tap;
    },
  };
}

/** Goes the whole way, and adds everything that can be seen of it. */
export async function goWithFrames(stage: Stage): Promise<void> {
  const { folder, surfaces, tell } = stage;
  const { keyId } = await prepareDemo(folder);
  await writeFileAtomic(join(folder, DEMO_POLICY), Buffer.from("version: 1\n"), { mode: 0o600 });
  const recipient = keyIdText(keyId);
  const taps: WireTap[] = [];
  tell("starting sidecar and receiver");
  const parties = await openParties(folder, recipient, termsOf(stage, taps));
  try {
    await pushAll(stage, parties);
    tell("wrong calls");
    await wrongCalls(stage, parties, recipient);
    tell("opening what came");
    await openAll(stage, parties, recipient);
    await parties.owner.withdrawPermission({ name: UPLOAD });
    surfaces.value("figures", "status", await parties.owner.status());
    for (const name of ["robot", "receiver"] as const) {
      // Sealed bytes, hashes and signatures: most of what is in them looks random.
      await surfaces.folder(name, join(folder, DEMO_FILES[name]), () => true);
    }
  } finally {
    await parties.close();
  }
  surfaces.text("log", "log of both services", await parties.log());
  for (const tap of taps) {
    const { wire, calls } = tap.haystacks();
    surfaces.add("wire", wire);
    surfaces.add("calls", calls);
  }
}

async function pushAll(stage: Stage, parties: Parties): Promise<void> {
  const { planter, policy, surfaces, tell } = stage;
  const frames = plantedFrames(planter, SCANS);
  stage.passing.push(...frames.flatMap(({ metadata }): readonly MetadataField[] => metadata));
  tell("refusals");
  await pushRefused(stage, parties, frames[0]!);
  const { owner } = parties;
  const affirmativeAct = "started the search";
  const grants = [await owner.grantPermission({ name: LOCAL, affirmativeAct })];
  // Every level up to the policy's, the highest first.
  for (const name of LEVELS.slice(1, LEVELS.indexOf(policy.level) + 1).toReversed()) {
    const level = WIRE_LEVELS[name];
    if (level === undefined) continue;
    tell(`frames at level ${name}`);
    grants.push(await owner.grantPermission({ name: UPLOAD, level, affirmativeAct }));
    const gathered = level === Level.MAP || level === Level.PLAN;
    await pushStream(stage, parties, gathered ? frames : frames.slice(0, FRAMES), gathered);
  }
  surfaces.value("answers", "grants", grants);
  await untilUploaded(parties);
}

/** A fresh install lets nothing leave, and says so in either language. */
async function pushRefused(stage: Stage, parties: Parties, frame: Frame): Promise<void> {
  const tokenPath = join(stage.folder, DEMO_FILES.robot, "clients", "sensor.token");
  for (const language of ["en", "zh"] as const) {
    const { socketPath } = parties;
    const client = await SensorClient.create({ socketPath, tokenPath, language });
    try {
      const stream = await client.open({ layout: frame.layout });
      stage.surfaces.value("answers", `refusal (${language})`, await stream.push(frame));
      await stream.end();
    } finally {
      client.close();
    }
  }
}

async function pushStream(
  { surfaces }: Stage,
  { sensor, owner }: Parties,
  frames: readonly Frame[],
  isGathered: boolean,
): Promise<void> {
  const releases: unknown[] = [];
  const stream = await sensor.open({
    layout: frames[0]!.layout,
    onRelease: (release) => releases.push(release),
  });
  const receipts: unknown[] = [];
  for (const frame of frames) receipts.push(await stream.push(frame));
  surfaces.value("figures", "status while frames come", await owner.status());
  if (isGathered) releases.push(await stream.release());
  await stream.end();
  surfaces.value("answers", "receipts", receipts);
  surfaces.value("answers", "releases", releases);
}

/** The consumer's list, and everything in it opened. */
async function openAll(stage: Stage, { consumer }: Parties, recipient: string): Promise<void> {
  const key = await recipientKey(stage);
  for await (const artefact of consumer.list(recipient)) {
    stage.surfaces.value("answers", "list of artefacts", artefact);
    const veil = await consumer.download(artefact.name);
    await addOpened(stage, "tiles", `artefact of ${artefact.dataClass}`, veil, key);
  }
}
