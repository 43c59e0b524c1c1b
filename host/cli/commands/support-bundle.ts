/** `mapveil support-bundle`: what a maintainer needs to find a fault, and nothing that tells whose it is. */
import type { Command } from "commander";
import { MapveilError } from "../../core/errors.ts";
import { writeFileAtomic } from "../../formats/index.ts";
import { CONTENTS, type Entry, tarGz } from "../bundle/archive.ts";
import { type BundleRequest, gatherContents } from "../bundle/contents.ts";
import { foundIn, isTelling, machineValues } from "../bundle/gate.ts";
import { bytes, table } from "../format.ts";
import { type CliIo, pathIn, print } from "../io.ts";
import { checkOutput } from "../output-path.ts";
import { addSidecarOptions } from "../sidecar-connection.ts";

const EXAMPLE = `
The bundle holds versions, the class of the machine, findings as codes, accounts, metrics, settings and
policy without names, paths and addresses, and of a log the lines that Mapveil wrote. It is searched
for identifiers before it is written, and not written if there are any.

Examples:
  mapveil support-bundle --config sidecar.yaml --dry-run
  journalctl -u mapveil-sidecar -o cat > sidecar.log
  mapveil support-bundle --config sidecar.yaml --log sidecar.log -o bundle.tar.gz
`;

interface Flags extends BundleRequest {
  readonly output?: string;
  readonly force?: boolean;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

/** Adds the command. */
export function addSupportBundle(program: Command, io: CliIo): void {
  const summary = "pack what helps to find a fault, without anything that identifies";
  addSidecarOptions(program.command("support-bundle").summary(summary))
    .description("Packs a clean archive for whoever looks for a fault of this sidecar.")
    .option("-o, --output <file>", "the archive (.tar.gz) to write")
    .option("--log <file>", "a log of the sidecar; lines of others are left out")
    .option("--dry-run", "list what would be in it, and write nothing")
    .option("--force", "replace an existing output")
    .option("--json", "print the list as JSON")
    .addHelpText("after", EXAMPLE)
    .action((flags: Flags) => supportBundle(io, flags));
}

async function supportBundle(io: CliIo, flags: Flags): Promise<void> {
  if (flags.output === undefined && !flags.dryRun) {
    throw new MapveilError("USAGE", "Name the archive: --output FILE, or look first: --dry-run.");
  }
  const output = flags.output === undefined ? undefined : pathIn(io, flags.output);
  const log = flags.log === undefined ? undefined : pathIn(io, flags.log);
  if (output !== undefined) await checkOutput(output, [log, flags.config], flags.force);
  const { entries, own } = await gatherContents(io, {
    ...flags,
    ...(log !== undefined && { log }),
  });
  const all = [listOf(entries), ...entries];
  const found = foundIn(all, [...own, ...machineValues(io.environment)].filter(isTelling));
  if (found.length > 0) {
    const text =
      `The bundle is not written, for it would hold what identifies (${found.join("; ")}). ` +
      "This is a defect of Mapveil; please report this line.";
    throw new MapveilError("INTERNAL", text);
  }
  const isWritten = output !== undefined && !flags.dryRun;
  if (isWritten) await writeFileAtomic(output, await tarGz(all), { mode: 0o600 });
  const files = all.map(({ name, data }) => ({ name, bytes: data.length }));
  const rows = table(files.map(({ name, bytes: size }) => [name, bytes(size)]));
  const head = isWritten ? `Wrote ${flags.output}.\n` : "Nothing is written; it would hold:\n";
  print(io, flags.json, { schema: 1, written: isWritten, files }, head + rows);
}

/** The list of contents, the first thing that is read. */
function listOf(entries: readonly Entry[]): Entry {
  const files = entries.map(({ name, data }) => ({ name, bytes: data.length }));
  return {
    name: CONTENTS,
    data: Buffer.from(`${JSON.stringify({ schema: 1, files }, null, 1)}\n`),
  };
}
