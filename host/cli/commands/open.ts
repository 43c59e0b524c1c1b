/**
 * `mapveil open`: an artefact and the recipient's secret key in, clouds or a plan out. Nothing is
 * written before the whole artefact was verified.
 */
import { extname } from "node:path";
import type { Command } from "commander";
import { MapveilError } from "../../core/errors.ts";
import type { Tile } from "../../core/tile.ts";
import { type Cloud, PLAN_ENDINGS, writeCloud, writePlan } from "../../formats/index.ts";
import { readSecretKey, wipe } from "../../keys/index.ts";
import { openPlanTile } from "../../plan/index.ts";
import { openVeilFile, readVeilHeader } from "../../veil/open.ts";
import { count, metres, type Row, table } from "../format.ts";
import { type CliIo, pathIn, print } from "../io.ts";
import { checkOutput } from "../output-path.ts";
import { checkNumbered, mergeClouds, numberedPath, tileCloud } from "../tile-cloud.ts";
import { addUnfinished, keepFinished } from "../unfinished.ts";

const EXAMPLE = `
One frame is written as the output itself, several as output.0001.pcd, output.0002.pcd and so on.
A plan is written as .yaml (with its .pgm, as map_server reads it), .geojson or .png.
Opened maps show a home: the files get mode 0600, so that only their owner reads them.

Examples:
  mapveil open scan.veil --key home.key -o scan.pcd
  mapveil open drive.veil --key home.key -o drive.ply --merge
  mapveil open plan.veil --key home.key -o plan.yaml
`;

const CLOUD_ENDINGS: readonly string[] = [".pcd", ".ply"];

/** What only the owner may read. */
const PRIVATE = { mode: 0o600 } as const;

interface Options {
  readonly key: string;
  readonly output: string;
  readonly merge?: boolean;
  readonly force?: boolean;
  readonly json?: boolean;
}

/** What `--json` prints of a frame. */
interface OpenedFrame {
  readonly output: string;
  readonly voxels: number;
  readonly leafM: number;
  readonly sharedMap: boolean;
  readonly attributes: readonly string[];
  readonly strings: Readonly<Record<string, string>>;
  readonly time?: string;
}

/** Adds the command. */
export function addOpen(program: Command, io: CliIo): void {
  program
    .command("open")
    .summary("open an artefact with the recipient's secret key")
    .description(
      "Verifies an artefact, opens it and writes its frames or map as clouds, or its plan.",
    )
    .argument("<artefact>", "file that was sealed (.veil)")
    .requiredOption("--key <file>", "file of the recipient's secret key")
    .requiredOption(
      "-o, --output <file>",
      "cloud (.pcd, .ply) or plan (.yaml, .geojson, .png) to write",
    )
    .option("--merge", "write all frames as one cloud; they must share a map")
    .option("--force", "replace existing outputs")
    .option("--json", "print the report as JSON")
    .addHelpText("after", EXAMPLE)
    .action(async (input: string, options: Options) => open(io, input, options));
}

async function open(io: CliIo, input: string, options: Options): Promise<void> {
  const output = pathIn(io, options.output);
  const artefact = pathIn(io, input);
  const key = pathIn(io, options.key);
  await checkOutput(output, [artefact, key], options.force);
  const { kind } = await readVeilHeader(artefact);
  checkEnding(output, kind);
  if (extname(output).toLowerCase() === ".yaml") {
    await checkOutput(`${output.slice(0, -".yaml".length)}.pgm`, [artefact, key], options.force);
  }
  const keyPair = await readSecretKey(key);
  try {
    const tiles = openVeilFile(artefact, keyPair);
    const frames =
      kind === "grid" || kind === "path"
        ? await writeCells(tiles, output, kind)
        : await (options.merge ? writeMerged : writeEach)(tiles, output, options.force);
    keepFinished();
    report(io, options, frames);
  } finally {
    wipe(keyPair.secretKey);
  }
}

/** Throws USAGE if what is in an artefact of this kind is not written with this ending. */
function checkEnding(output: string, kind: string): void {
  const endings = kind === "grid" || kind === "path" ? PLAN_ENDINGS : CLOUD_ENDINGS;
  if (endings.includes(extname(output).toLowerCase())) return;
  const what = kind === "grid" ? "a plan" : `a ${kind}`;
  const text = `${output}: ${what} is written as ${endings.join(", ")}; give the file one of these endings.`;
  throw new MapveilError("USAGE", text, { file: output });
}

async function writeCells(
  tiles: AsyncIterable<Tile>,
  output: string,
  kind: "grid" | "path",
): Promise<OpenedFrame[]> {
  const frames: OpenedFrame[] = [];
  for await (const tile of tiles) {
    if (frames.length > 0) {
      throw new MapveilError("INTEGRITY", `The artefact holds more than one ${kind}.`);
    }
    const paths = await writePlan(output, openPlanTile(tile), { ...PRIVATE, kind });
    frames.push(describe(tile, paths.join(" and ")));
  }
  return frames;
}

async function writeEach(
  tiles: AsyncIterable<Tile>,
  output: string,
  force: boolean | undefined,
): Promise<OpenedFrame[]> {
  const frames: OpenedFrame[] = [];
  const write = async (tile: Tile, path: string) => {
    await writeCloud(path, tileCloud(tile), PRIVATE);
    frames.push(describe(tile, path));
  };
  // One frame is held back, to know whether it is the only one.
  let held: Tile | undefined;
  let number = 0;
  const writeHeld = async (tile: Tile) => {
    if (number === 0) await checkNumbered(output, force);
    const path = numberedPath(output, ++number);
    await write(tile, path);
    addUnfinished(path);
  };
  for await (const tile of tiles) {
    if (held !== undefined) await writeHeld(held);
    held = tile;
  }
  if (held !== undefined) await (number === 0 ? write(held, output) : writeHeld(held));
  return frames;
}

async function writeMerged(tiles: AsyncIterable<Tile>, output: string): Promise<OpenedFrame[]> {
  const clouds: Cloud[] = [];
  const frames: OpenedFrame[] = [];
  for await (const tile of tiles) {
    if (!tile.hasOrigin) {
      const text =
        "--merge: the frames of this artefact share no map, for its policy drops the pose. " +
        "Leave --merge out, or sanitise with pose: session.";
      throw new MapveilError("USAGE", text);
    }
    clouds.push(tileCloud(tile));
    frames.push(describe(tile, output));
  }
  await writeCloud(output, mergeClouds(clouds), PRIVATE);
  return frames;
}

function describe(tile: Tile, output: string): OpenedFrame {
  return {
    output,
    voxels: tile.voxels,
    leafM: Number(tile.leafM.toPrecision(6)),
    sharedMap: tile.hasOrigin,
    attributes: (["intensity", "ring", "time"] as const).filter((name) => tile[name]),
    strings: tile.strings,
    ...(tile.stampNs !== undefined && {
      time: new Date(Number(tile.stampNs / 1_000_000n)).toISOString(),
    }),
  };
}

function report(io: CliIo, options: Options, frames: readonly OpenedFrame[]): void {
  const rows = frames.map((frame): Row => {
    const strings = Object.entries(frame.strings).map(
      ([name, value]) => `${name} ${JSON.stringify(value)}`,
    );
    const kept = [...frame.attributes, ...strings, ...(frame.time ? [`time ${frame.time}`] : [])];
    const beside = kept.length > 0 ? kept.join(", ") : "nothing else";
    return [frame.output, `${count(frame.voxels)} voxels of ${metres(frame.leafM)}; ${beside}`];
  });
  const text = `Verified and opened; the files can be read by their owner only.\n${table(rows)}`;
  print(io, options.json, { schema: 1, frames }, text);
}
