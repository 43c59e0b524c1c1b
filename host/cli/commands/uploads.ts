/** `mapveil uploads`: what this robot has uploaded, under all its pseudonyms, to see and to delete. */
import { appendFile } from "node:fs/promises";
import { type Command, InvalidArgumentError, Option } from "commander";
import { MapveilError } from "../../core/errors.ts";
import { ioError } from "../../core/io-error.ts";
import { createAtomicFile } from "../../formats/index.ts";
import { DATA_CLASSES } from "../../permission/index.ts";
import { RpcError } from "../../rpc/index.ts";
import { loadSidecarConfig } from "../../sidecar/config.ts";
import { bytes, lines, plural } from "../format.ts";
import { type CliIo, pathIn, print } from "../io.ts";
import { checkOutput } from "../output-path.ts";
import { type OwnUpload, OwnUploads, type UploadState } from "../own-uploads.ts";
import { Progress } from "../progress.ts";
import { sidecarConfigPath } from "../sidecar-connection.ts";
import { isoTime } from "../words.ts";

const LINKS = `
The receiver sees these questions come from one place: asking for uploads of several epochs tells it
that they are one robot's. Whoever must avoid that asks for none.
`;
const EXAMPLES = {
  list: `${LINKS}
Example:
  mapveil uploads list --config sidecar.yaml
`,
  export: `${LINKS}
Example:
  mapveil uploads export -o uploads.json --config sidecar.yaml
`,
  delete: `
Deletes at the receiver, for good; what is deleted can never be uploaded again. What still waits on the
robot is not touched: withdraw the permission for that. Interrupted, it goes on when it is run again.
Every deletion is written to --receipt as it is confirmed, a line of JSON each.
${LINKS}
Example:
  mapveil uploads delete --class lidar --until 2027-01-31 --dry-run --config sidecar.yaml
`,
} as const;

interface Flags {
  readonly config?: string;
  readonly json?: boolean;
}

interface Choice {
  readonly class?: string;
  readonly since?: number;
  readonly until?: number;
}

interface ListFlags extends Flags, Choice {
  readonly absent?: boolean;
}

interface ExportFlags extends Flags {
  readonly output: string;
  readonly force?: boolean;
}

interface DeleteFlags extends Flags, Choice {
  readonly all?: boolean;
  readonly dryRun?: boolean;
  readonly yes?: boolean;
  readonly receipt?: string;
}

function time(text: string): number {
  const isTime = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2})?Z)?$/.test(text);
  const ms = isTime ? Date.parse(text) : Number.NaN;
  if (Number.isFinite(ms)) return ms;
  throw new InvalidArgumentError("Use UTC, such as 2027-01-31 or 2027-01-31T09:00Z.");
}

/** Adds the command and those below it. */
export function addUploads(program: Command, io: CliIo, finish: (exit: number) => void): void {
  const uploads = program
    .command("uploads")
    .summary("list and delete what this robot has uploaded")
    .description("Lists, exports and deletes the robot's own uploads, under all its pseudonyms.")
    .addHelpText("after", EXAMPLES.list);
  const add = (usage: string, text: string, help: string) =>
    uploads
      .command(usage)
      .description(text)
      .option("-c, --config <file>", "the sidecar's settings; default: MAPVEIL_SIDECAR_CONFIG")
      .option("--json", "print the result as JSON")
      .addHelpText("after", help);
  const choose = (command: Command) =>
    command
      .addOption(new Option("--class <name>", "only this class of data").choices(DATA_CLASSES))
      .option("--since <time>", "only what was stored at this time (UTC) or later", time)
      .option("--until <time>", "only what was stored before this time (UTC)", time);
  choose(add("list", "Lists the robot's uploads, oldest first.", EXAMPLES.list))
    .option("--absent", "those too that the receiver does not have")
    .action(async (flags: ListFlags) => list(io, flags));
  add("export", "Writes all that there is to tell of the uploads as JSON.", EXAMPLES.export)
    .requiredOption("-o, --output <file>", "file to write (.json)")
    .option("--force", "replace an existing output")
    .action(async (flags: ExportFlags) => exportAll(io, flags));
  choose(add("delete [name...]", "Deletes uploads at the receiver, for good.", EXAMPLES.delete))
    .option("--all", "all of them")
    .option("--dry-run", "say what would be deleted, and delete nothing")
    .option("--yes", "do not ask")
    .option("--receipt <file>", "append a line for each deletion to a file")
    .action(async (names: string[], flags: DeleteFlags) => finish(await remove(io, names, flags)));
}

async function withUploads<T>(io: CliIo, flags: Flags, use: (uploads: OwnUploads) => Promise<T>) {
  const file = sidecarConfigPath(io, flags);
  if (file === undefined) {
    throw new MapveilError("USAGE", "Name the sidecar's settings: --config FILE.");
  }
  const config = await loadSidecarConfig(file, { environment: io.environment, settings: [] });
  return OwnUploads.with(config, use);
}

const uploadJson = ({ atMs, ...upload }: OwnUpload) => ({
  ...upload,
  ...(atMs !== undefined && { time: isoTime(atMs) }),
});

const rowOf = ({ name, state, dataClass, bytes: size, atMs }: OwnUpload) => {
  const facts = [
    state,
    ...(dataClass ? [dataClass] : []),
    ...(size === undefined ? [] : [bytes(size)]),
    ...(atMs === undefined ? [] : [isoTime(atMs)]),
  ];
  return [name, facts.join(", ")] as const;
};

function isChosen(upload: OwnUpload, { class: dataClass, since, until }: Choice): boolean {
  if (dataClass !== undefined && upload.dataClass !== dataClass) return false;
  if (since === undefined && until === undefined) return true;
  if (upload.atMs === undefined) return false;
  return upload.atMs >= (since ?? Number.NEGATIVE_INFINITY) && upload.atMs < (until ?? Infinity);
}

/** All that are chosen, with the progress of asking for them. */
async function* chosen(io: CliIo, uploads: OwnUploads, choice: Choice): AsyncGenerator<OwnUpload> {
  const progress = new Progress(io);
  let asked = 0;
  for await (const batch of uploads.list()) {
    asked += batch.length;
    progress.share(plural(asked, "upload"), asked / uploads.made);
    yield* batch.filter((upload) => isChosen(upload, choice));
  }
  progress.end();
}

async function list(io: CliIo, flags: ListFlags): Promise<void> {
  await withUploads(io, flags, async (uploads) => {
    const shown: OwnUpload[] = [];
    const counts: Partial<Record<UploadState, number>> = {};
    for await (const upload of chosen(io, uploads, flags)) {
      counts[upload.state] = (counts[upload.state] ?? 0) + 1;
      if (flags.absent || upload.state !== "absent") shown.push(upload);
    }
    const sum = Object.entries(counts).map(([state, count]) => `${count} ${state}`);
    const made = `${plural(uploads.made, "artefact")} made`;
    const text = `${lines(shown.map(rowOf))}${made}${sum.length === 0 ? "" : `: ${sum.join(", ")}`}.\n`;
    const data = { schema: 1, made: uploads.made, counts, uploads: shown.map(uploadJson) };
    print(io, flags.json, data, text);
  });
}

async function exportAll(io: CliIo, flags: ExportFlags): Promise<void> {
  const output = pathIn(io, flags.output);
  await checkOutput(output, [], flags.force);
  const written = await withUploads(io, flags, async (uploads) => {
    const file = await createAtomicFile(output, { mode: 0o600 });
    try {
      const write = (text: string) => file.write(Buffer.from(text));
      let count = 0;
      await write(`{"schema":1,"made":${uploads.made},"uploads":[`);
      for await (const upload of chosen(io, uploads, {})) {
        await write(`${count++ === 0 ? "\n" : ",\n"}${JSON.stringify(uploadJson(upload))}`);
      }
      await write("\n]}\n");
      await file.commit();
      return count;
    } catch (error) {
      await file.abort();
      throw error;
    }
  });
  const data = { schema: 1, output: flags.output, uploads: written };
  print(io, flags.json, data, `Wrote ${flags.output}: ${plural(written, "upload")}.\n`);
}

/** What there is to delete of what was named or chosen. */
async function targets(io: CliIo, uploads: OwnUploads, names: string[], flags: DeleteFlags) {
  const found: OwnUpload[] = [];
  if (names.length > 0) {
    for (const name of names) found.push(...(await uploads.lookUp([uploads.artefactIn(name)])));
  } else {
    for await (const upload of chosen(io, uploads, flags)) found.push(upload);
  }
  return found.filter(({ state }) => state === "stored" || state === "unfinished");
}

async function confirm(io: CliIo, count: number): Promise<void> {
  const answer = await io.ask?.(`Delete ${plural(count, "upload")} for good? Type yes: `);
  if (answer === undefined) {
    throw new MapveilError("USAGE", "Deleting is for good: say --yes, for nobody can be asked.");
  }
  if (answer.trim() !== "yes") throw new MapveilError("REFUSED", "Nothing was deleted.");
}

async function remove(io: CliIo, names: string[], flags: DeleteFlags): Promise<number> {
  const isChoice = [flags.class, flags.since, flags.until].some((one) => one !== undefined);
  const ways = [names.length > 0, flags.all === true, isChoice].filter(Boolean).length;
  if (ways !== 1) {
    const text = "Say what to delete: names, or --class, --since and --until, or --all.";
    throw new MapveilError("USAGE", text);
  }
  return withUploads(io, flags, async (uploads) => {
    const found = await targets(io, uploads, names, flags);
    const size = found.reduce((sum, upload) => sum + (upload.bytes ?? 0), 0);
    const what = `${plural(found.length, "upload")} (${bytes(size)})`;
    if (flags.dryRun) {
      const data = { schema: 1, dryRun: true, uploads: found.map(uploadJson) };
      const rows = lines(found.map(rowOf));
      print(io, flags.json, data, `${rows}Would delete ${what}.\n`);
      return 0;
    }
    if (found.length > 0 && !flags.yes) await confirm(io, found.length);
    const failed = await deleteAll(io, uploads, found, flags);
    const deleted = found.length - failed;
    const data = { schema: 1, deleted, failed };
    const rest = failed === 0 ? "" : `; ${plural(failed, "upload")} could not be deleted`;
    print(io, flags.json, data, `Deleted ${plural(deleted, "upload")}${rest}.\n`);
    return failed === 0 ? 0 : 3;
  });
}

/** Deletes one after the other, and notes each as it is confirmed; how many could not be. */
async function deleteAll(
  io: CliIo,
  uploads: OwnUploads,
  found: readonly OwnUpload[],
  { receipt }: DeleteFlags,
): Promise<number> {
  const path = receipt === undefined ? undefined : pathIn(io, receipt);
  const progress = new Progress(io);
  let [done, failed] = [0, 0];
  for (const upload of found) {
    try {
      await uploads.delete(upload.name);
      const line = { schema: 1, deleted: uploadJson(upload), time: isoTime(Date.now()) };
      if (path !== undefined) await note(path, `${JSON.stringify(line)}\n`);
    } catch (error) {
      const isOfOne = error instanceof RpcError && error.code === "PERMISSION_DENIED";
      if (!isOfOne || error.reason !== "DELETION_KEY_WRONG") throw error;
      failed++;
    }
    progress.share(plural(++done, "upload"), done / found.length);
  }
  progress.end();
  return failed;
}

/** Appends to the receipt, on the disk when it resolves: a line is there once the receiver has confirmed. */
async function note(path: string, line: string): Promise<void> {
  await appendFile(path, line, { mode: 0o600, flush: true }).catch((cause: unknown) => {
    throw ioError(cause, path, "write");
  });
}
