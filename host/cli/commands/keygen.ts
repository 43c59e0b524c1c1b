/** `mapveil keygen`: a recipient's key pair. The secret key is written and never printed. */
import type { Command } from "commander";
import { formatKey, keyIdText, writeKeyPair } from "../../keys/index.ts";
import { table } from "../format.ts";
import { type CliIo, pathIn, print } from "../io.ts";

const EXAMPLE = `
Give robots the .pub file only; keep the other one where maps are opened.

Example:
  mapveil keygen -o home.key
`;

interface Options {
  readonly output: string;
  readonly json?: boolean;
}

/** Adds the command. */
export function addKeygen(program: Command, io: CliIo): void {
  program
    .command("keygen")
    .summary("make the key pair of a recipient")
    .description("Makes the key pair of a recipient. Existing files are never overwritten.")
    .option("-o, --output <file>", "file of the secret key; .pub goes beside it", "recipient.key")
    .option("--json", "print the result as JSON")
    .addHelpText("after", EXAMPLE)
    .action(async (options: Options) => keygen(io, options));
}

async function keygen(io: CliIo, options: Options): Promise<void> {
  const written = await writeKeyPair(pathIn(io, options.output));
  const keyId = keyIdText(written.keyId);
  const publicKey = formatKey("public", written.publicKey);
  const { secretPath, publicPath } = written;
  print(
    io,
    options.json,
    { schema: 1, keyId, publicKey, secretPath, publicPath },
    table([
      ["key id", keyId],
      ["public key", publicKey],
      ["for robots", publicPath],
      ["keep secret", `${secretPath} (mode 0600)`],
    ]),
  );
}
