/** `mapveil redact`: takes the values out of logs and tickets before somebody else reads them. */
import { createReadStream } from "node:fs";
import { readFile } from "node:fs/promises";
import type { Command } from "commander";
import { MapveilError } from "../../core/errors.ts";
import { ioError } from "../../core/io-error.ts";
import { type KnownValue, redactStream } from "../../text/index.ts";
import { addCounts, type RedactedCounts } from "../../veil/passing-strings.ts";
import { count } from "../format.ts";
import { type CliIo, pathIn } from "../io.ts";
import { redactedText } from "../totals-text.ts";

const EXAMPLES =
  "\nExamples:\n" +
  "  mapveil redact robot.log > robot.redacted.log\n" +
  "  journalctl -u mapveil | mapveil redact\n" +
  "  mapveil redact ticket.txt --known names.txt\n";

interface RedactFlags {
  readonly known?: string;
  readonly json?: boolean;
}

/** Adds the command. */
export function addRedact(program: Command, io: CliIo): void {
  program
    .command("redact")
    .summary("take values out of a log or a ticket")
    .description(
      "Prints a text with a mark in the place of each value that tells who, where or which: numbers, " +
        "addresses, names, passwords, positions. Of people in the middle of a sentence only common " +
        "given names and titles are found, and what --known says.",
    )
    .argument("[file]", "text (UTF-8); default: what is piped in")
    .option("--known <file>", "names and numbers to redact as well, one a line")
    .option("--json", "print how many values of each kind were found, and no text")
    .addHelpText("after", EXAMPLES)
    .action(async (file: string | undefined, flags: RedactFlags) => redactText(io, file, flags));
}

async function redactText(io: CliIo, file: string | undefined, flags: RedactFlags): Promise<void> {
  const known = flags.known === undefined ? [] : await readKnown(pathIn(io, flags.known));
  let counts: RedactedCounts = {};
  for await (const { text, found } of redactStream(chunksOf(io, file), { known })) {
    for (const { kind } of found) counts = addCounts(counts, { [kind]: 1 });
    if (!flags.json) io.stdout.write(text);
  }
  const values = Object.values(counts).reduce((sum, more) => sum + more, 0);
  if (flags.json) io.stdout.write(`${JSON.stringify({ values, kinds: counts })}\n`);
  else
    io.stderr.write(`${count(values)} redacted${values > 0 ? `: ${redactedText(counts)}` : ""}\n`);
}

async function* chunksOf(io: CliIo, file: string | undefined): AsyncGenerator<Uint8Array> {
  if (file === undefined && io.stdin === undefined) {
    throw new MapveilError("USAGE", "Name a file, or pipe a text in: mapveil redact robot.log");
  }
  const path = file === undefined ? "standard input" : pathIn(io, file);
  try {
    yield* file === undefined ? io.stdin! : createReadStream(path);
  } catch (error) {
    throw ioError(error, path, "read");
  }
}

/** Lines of a file as values to be found; blank ones are none. */
async function readKnown(path: string): Promise<KnownValue[]> {
  const text = await readFile(path, "utf8").catch((error) => {
    throw ioError(error, path, "read");
  });
  return text.split(/\r?\n/).flatMap((line) => {
    const value = line.trim();
    return value === "" ? [] : [{ kind: "name", value }];
  });
}
