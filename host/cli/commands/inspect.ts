/** `mapveil inspect`: what an artefact tells without a key, and what it does not. */
import type { Command } from "commander";
import { bytes, count, type Row, table } from "../format.ts";
import { type Inspection, inspectFile } from "../inspect-file.ts";
import { type CliIo, pathIn, print } from "../io.ts";

const EXAMPLE = `
Example:
  mapveil inspect scan.veil
`;

const NEEDS_KEY =
  "what is in it, how many frames, when and where they were captured, whether the messages and this " +
  "header are as they were sealed, and whether the last message is there";

/** Adds the command. */
export function addInspect(program: Command, io: CliIo): void {
  program
    .command("inspect")
    .summary("show what an artefact tells without a key")
    .description("Shows what anybody can read of an artefact. No key is needed or used.")
    .argument("<artefact>", "file that was sealed (.veil)")
    .option("--json", "print the result as JSON")
    .addHelpText("after", EXAMPLE)
    .action(async (input: string, options: { json?: boolean }) => {
      const found = await inspectFile(pathIn(io, input));
      const data = { schema: 1, ...found, authenticated: false };
      print(io, options.json, data, table(inspectionRows(found)));
    });
}

/** An inspection as rows of text. */
export function inspectionRows(found: Inspection): Row[] {
  return [
    ["kind", found.kind],
    ["suite", `${found.suite} (X25519 sealed box, secretstream XChaCha20-Poly1305, BLAKE2b)`],
    ["for key", found.keyId],
    ["policy", `digest ${found.policyDigest}`],
    ["epoch", found.epoch],
    [
      "size",
      `${bytes(found.bytes)}: header ${found.headerBytes} B, ${count(found.messages)} message${found.messages === 1 ? "" : "s"}`,
    ],
    ["inside", `${bytes(found.plaintextBytes)}, padding included`],
    ["needs the key", NEEDS_KEY],
  ];
}
