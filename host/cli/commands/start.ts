/**
 * `mapveil start`: the whole way on a real recording, told step by step. What it prints holds no
 * identifier of the recording, and it checks that itself.
 */
import { join } from "node:path";
import type { Command } from "commander";
import { MapveilError } from "../../core/errors.ts";
import type { FrameReport } from "../../core/frame-report.ts";
import type { Tile } from "../../core/tile.ts";
import { keyIdText } from "../../keys/index.ts";
import { explainPolicyJson, type Policy, wrap } from "../../policy/index.ts";
import {
  DEMO_FILES,
  type DemoSeal,
  type DemoSearch,
  drawDemo,
  openDemo,
  prepareDemo,
  refusals,
  sealDemo,
  searchDemo,
} from "../demo.ts";
import { demoData } from "../demo-data.ts";
import { DEMO_POLICY, demoPolicy } from "../demo-policy.ts";
import { count, metres, plural, table } from "../format.ts";
import { inspectFile } from "../inspect-file.ts";
import { type CliIo, pathIn } from "../io.ts";
import { CROPPED, causeList, totalsRows } from "../totals-text.ts";
import { inspectionRows } from "./inspect.ts";

const FOLDER = "demo";
const WIDTH = 96;

const EXAMPLE = `
Writes to ./${FOLDER} and replaces what an earlier demo left there, but for ${DEMO_POLICY}: edit it
and run the demo again. Needs a clone of the repository.

Example:
  mapveil start
`;

const NEXT = `
Next, with a recording of your own:
  node dist/host/cli/main.js keygen -o home.key
  node dist/host/cli/main.js sanitize YOUR.pcd -o your.veil --to home.key.pub
`;

/** Adds the command. */
export function addStart(program: Command, io: CliIo): void {
  program
    .command("start")
    .alias("demo")
    .summary("see the whole way on a bundled recording")
    .description("Seals, inspects, opens and draws a bundled recording of a real sensor.")
    .addHelpText("after", EXAMPLE)
    .action(async () => start(io));
}

/** Tells the story and remembers every word of it, for the search at its end. */
class Story {
  readonly #io: CliIo;
  #steps = 0;
  told = "";

  constructor(io: CliIo) {
    this.#io = io;
  }

  step(title: string): void {
    this.text(`\n${++this.#steps}. ${title}\n`);
  }

  line(text: string): void {
    this.text(`${wrap(text, "   ", WIDTH).join("\n")}\n`);
  }

  block(text: string): void {
    this.text(text.replace(/^(?=.)/gm, "   "));
  }

  text(text: string): void {
    this.told += text;
    this.#io.stdout.write(text);
  }
}

async function start(io: CliIo): Promise<void> {
  const data = demoData();
  const folder = pathIn(io, FOLDER);
  const story = new Story(io);
  story.text("Mapveil: three frames of a real lidar, from the sensor to the recipient.\n");
  const key = await prepareDemo(folder);
  story.step("A key pair for the recipient");
  story.line(
    `Key ${keyIdText(key.keyId)} in ${FOLDER}/${DEMO_FILES.key}; the robot gets the .pub.`,
  );
  const policy = await demoPolicy(folder);
  tellPolicy(story, policy);
  const seal = await sealDemo(data, key.publicKey, policy, folder);
  story.step("Three frames, sanitised and sealed");
  story.block(table(totalsRows(seal.totals)));
  story.step("What the artefact tells without the key");
  const artefact = join(folder, DEMO_FILES.artefact);
  story.block(table(inspectionRows(await inspectFile(artefact))));
  const tile = await tellOpening(story, folder, seal);
  tellPicture(story, policy, await drawDemo(folder, seal.frame, policy));
  tellSearch(story, await searchDemo(folder, data, seal, tile, story.told));
  story.text(NEXT);
}

function tellPolicy(story: Story, policy: Policy): void {
  const { sections } = explainPolicyJson(policy);
  story.step(`The policy, ${FOLDER}/${DEMO_POLICY} (edit it and run this again)`);
  for (const key of ["leaves", "points", "cropped", "pose", "time"] as const) {
    for (const item of sections.find((section) => section.key === key)?.items ?? []) {
      story.line(item);
    }
  }
}

function tellPicture(story: Story, policy: Policy, { cropped }: FrameReport): void {
  const kept = causeList(cropped, CROPPED);
  story.step("Before and after");
  story.line(`${FOLDER}/${DEMO_FILES.picture} shows the first frame and what leaves of it.`);
  if (kept === "") return;
  // In a map, rounding blurs which points were cropped; the picture leaves them as they are.
  const who = policy.pose === "drop" ? "Red there: the points" : "Points";
  story.line(`${who} that stayed at home, ${kept}.`);
}

async function tellOpening(story: Story, folder: string, seal: DemoSeal): Promise<Tile> {
  const tile = await openDemo(folder, seal);
  story.step("Opened with the recipient's key");
  story.line(
    `${plural(tile.voxels, "voxel")} of ${metres(Number(tile.leafM.toPrecision(6)))}, cell by cell ` +
      `those that were sealed; written to ${FOLDER}/${DEMO_FILES.cloud}.`,
  );
  const [wrongKey, oneBit] = await refusals(folder, seal.veil);
  story.line(`Another key is refused: ${wrongKey}`);
  story.line(`One flipped bit is refused: ${oneBit}`);
  return tile;
}

function tellSearch(story: Story, found: DemoSearch): void {
  story.step("A search for what must not be there");
  story.line(
    `Searched ${plural(found.identifiers, "identifier")} of the input in ${count(found.forms)} ` +
      "forms, in the artefact, in what it opens to and in this text: " +
      `${count(found.hits)} found. The same search finds ${count(found.inInput)} of them in the input.`,
  );
  if (found.hits === 0) return;
  throw new MapveilError("INTERNAL", "Identifiers of the input were found in the output.");
}
