/** `mapveil artefact`: what the receiver keeps for a recipient. Opening needs the key, and no receiver. */
import type { Command } from "commander";
import { MapveilError } from "../../core/errors.ts";
import { createAtomicFile } from "../../formats/index.ts";
import type { Artefact } from "../../gen/mapveil/v1/artefact_service_pb.ts";
import { bytes, lines, plural, type Row, table } from "../format.ts";
import { type CliIo, pathIn, print } from "../io.ts";
import { checkOutput } from "../output-path.ts";
import {
  addReceiverOptions,
  type ReceiverFlags,
  recipientOf,
  withReceiver,
} from "../receiver-connection.ts";
import { classWord, timeText } from "../words.ts";

const EXAMPLES = {
  list: "\nExample:\n  mapveil artefact list --config consumer.yaml --recipient home.key.pub\n",
  get: "\nExample:\n  mapveil artefact get recipients/b69e44115cbf3b17/artefacts/x1y2 -c consumer.yaml\n",
  download: `
The file appears whole and verified, or not at all. Then: mapveil open FILE --key home.key

Example:
  mapveil artefact download recipients/b69e44115cbf3b17/artefacts/x1y2 -o x.veil -c consumer.yaml
`,
  watch: `
Prints each artefact that is there, then each that is stored, until interrupted.

Example:
  mapveil artefact watch --recipient b69e44115cbf3b17 -c consumer.yaml --json
`,
  delete: `
On return the bytes are gone from the receiver's disk, for good.

Example:
  mapveil artefact delete recipients/b69e44115cbf3b17/artefacts/x1y2 --yes -c consumer.yaml
`,
} as const;

interface Flags extends ReceiverFlags {
  readonly json?: boolean;
}

interface RecipientFlags extends Flags {
  readonly recipient: string;
  readonly resume?: string;
}

interface DownloadFlags extends Flags {
  readonly output: string;
  readonly force?: boolean;
}

interface DeleteFlags extends Flags {
  readonly yes?: boolean;
  readonly allowMissing?: boolean;
}

/** Adds the command and those below it. */
export function addArtefact(program: Command, io: CliIo): void {
  const artefact = program
    .command("artefact")
    .summary("list, download and delete what a receiver keeps")
    .description("Lists, downloads, watches and deletes the sealed artefacts of a recipient.")
    .addHelpText("after", EXAMPLES.list);
  const add = (usage: string, text: string, help: string) => {
    return addReceiverOptions(artefact.command(usage))
      .description(text)
      .option("--json", "print the result as JSON")
      .addHelpText("after", help);
  };
  const recipient = ["--recipient <key>", "id of the key, or its .pub file"] as const;
  add("list", "Lists the artefacts of a recipient, oldest first.", EXAMPLES.list)
    .requiredOption(...recipient)
    .action(async (flags: RecipientFlags) => list(io, flags));
  add("get <name>", "Shows what the receiver knows of an artefact.", EXAMPLES.get).action(
    async (name: string, flags: Flags) => get(io, name, flags),
  );
  add("download <name>", "Downloads the sealed bytes and verifies them.", EXAMPLES.download)
    .requiredOption("-o, --output <file>", "file to write (.veil)")
    .option("--force", "replace an existing output")
    .action(async (name: string, flags: DownloadFlags) => download(io, name, flags));
  add("watch", "Prints artefacts as they are stored.", EXAMPLES.watch)
    .requiredOption(...recipient)
    .option("--resume <token>", "go on behind the artefact with this token")
    .action(async (flags: RecipientFlags) => watch(io, flags));
  add("delete <name...>", "Deletes artefacts for good.", EXAMPLES.delete)
    .option("--yes", "do not ask")
    .option("--allow-missing", "succeed if there is no such artefact")
    .action(async (names: string[], flags: DeleteFlags) => remove(io, names, flags));
}

function artefactJson(artefact: Artefact): object {
  const { name, dataClass, source, permissionEpoch, size, digest, createTime, etag } = artefact;
  return {
    name,
    dataClass: classWord(dataClass),
    source,
    permissionEpoch: String(permissionEpoch),
    bytes: Number(size),
    digest: Buffer.from(digest).toString("hex"),
    ...(createTime && { createTime: timeText(createTime) }),
    etag,
  };
}

function rowOf({ name, dataClass, size, createTime }: Artefact): Row {
  const time = createTime === undefined ? "" : `, ${timeText(createTime)}`;
  return [name, `${classWord(dataClass)}, ${bytes(Number(size))}${time}`];
}

async function list(io: CliIo, flags: RecipientFlags): Promise<void> {
  const recipient = await recipientOf(io, flags.recipient);
  await withReceiver(io, flags, async (receiver) => {
    const artefacts: Artefact[] = [];
    for await (const artefact of receiver.list(recipient)) artefacts.push(artefact);
    const text = artefacts.length === 0 ? "No artefacts.\n" : lines(artefacts.map(rowOf));
    print(io, flags.json, { schema: 1, recipient, artefacts: artefacts.map(artefactJson) }, text);
  });
}

async function get(io: CliIo, name: string, flags: Flags): Promise<void> {
  const artefact = await withReceiver(io, flags, (receiver) => receiver.get(name));
  const { source, permissionEpoch, digest, etag } = artefact;
  const rows: Row[] = [
    rowOf(artefact),
    ["source", source],
    ["epoch", String(permissionEpoch)],
    ["digest", Buffer.from(digest).toString("hex")],
    ["etag", etag],
  ];
  print(io, flags.json, { schema: 1, ...artefactJson(artefact) }, table(rows));
}

async function download(io: CliIo, name: string, flags: DownloadFlags): Promise<void> {
  const output = pathIn(io, flags.output);
  await checkOutput(output, [], flags.force);
  const written = await withReceiver(io, flags, async (receiver) => {
    const file = await createAtomicFile(output, { mode: 0o600 });
    try {
      for await (const piece of receiver.downloadPieces(name)) await file.write(piece);
      await file.commit();
    } catch (error) {
      await file.abort();
      throw error;
    }
    return file.bytesWritten;
  });
  const data = { schema: 1, name, output: flags.output, bytes: written };
  print(io, flags.json, data, `Wrote ${flags.output} (${bytes(written)}), verified.\n`);
}

async function watch(io: CliIo, flags: RecipientFlags): Promise<void> {
  const recipient = await recipientOf(io, flags.recipient);
  const resumeToken = flags.resume ?? "";
  await withReceiver(io, flags, async (receiver) => {
    for await (const { artefact, resumeToken: resume } of receiver.watch(recipient, {
      resumeToken,
    })) {
      if (artefact === undefined) continue;
      print(
        io,
        flags.json,
        { schema: 1, ...artefactJson(artefact), resume },
        lines([rowOf(artefact)]),
      );
    }
  });
}

async function remove(io: CliIo, names: string[], flags: DeleteFlags): Promise<void> {
  if (!flags.yes) {
    const what = plural(names.length, "artefact");
    const answer = await io.ask?.(`Delete ${what} for good? Type yes: `);
    if (answer === undefined) {
      throw new MapveilError("USAGE", "Deleting is for good: say --yes, for nobody can be asked.");
    }
    if (answer.trim() !== "yes") throw new MapveilError("REFUSED", "Nothing was deleted.");
  }
  await withReceiver(io, flags, async (receiver) => {
    for (const name of names) {
      await receiver.delete(name, { allowMissing: flags.allowMissing === true });
      print(io, flags.json, { schema: 1, deleted: name }, `${name} is deleted.\n`);
    }
  });
}
