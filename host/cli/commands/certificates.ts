/** `mapveil certificates`: an authority of one's own, for trying out and for small deployments. */
import { chmod, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { type Command, InvalidArgumentError } from "commander";
import { ioError } from "../../core/io-error.ts";
import { CLIENT_NAMES, issueCertificates, writeCertificates } from "../certificate-files.ts";
import { table } from "../format.ts";
import { positiveInteger } from "../input.ts";
import { type CliIo, pathIn, print } from "../io.ts";

const EXAMPLE = `
Makes four pairs of certificate (.pem) and key (.key, mode 0600): authority, receiver, fleet and
consumer. Whoever has authority.key decides whom receivers and robots trust: keep it off both.
The fleet's certificate names the fleet, "urn:mapveil:fleet", and no robot.

Example:
  mapveil certificates init -o certificates --host receiver.example.com
`;

const DAYS_MAX = 3650;

interface Options {
  readonly output: string;
  readonly host?: readonly string[];
  readonly days: number;
  readonly json?: boolean;
}

function days(text: string): number {
  const value = positiveInteger(text);
  if (value <= DAYS_MAX) return value;
  throw new InvalidArgumentError(`It must be at most ${DAYS_MAX}.`);
}

/** Adds the command and what is below it. */
export function addCertificates(program: Command, io: CliIo): void {
  const certificates = program
    .command("certificates")
    .summary("make certificates for a receiver, its robots and consumers")
    .description("Makes certificates for a receiver, its robots and its consumers.")
    .addHelpText("after", EXAMPLE);
  certificates
    .command("init")
    .description("Makes an authority and what it signs. Existing files are never overwritten.")
    .requiredOption("-o, --output <folder>", "folder to write to; made with mode 0700")
    .option(
      "--host <name>",
      "name or address of the receiver, beside localhost; may be repeated",
      (name: string, names: readonly string[] = []) => [...names, name],
    )
    .option("--days <count>", "how long they are valid", days, 365)
    .option("--json", "print the result as JSON")
    .addHelpText("after", EXAMPLE)
    .action(async (options: Options) => init(io, options));
}

async function init(io: CliIo, options: Options): Promise<void> {
  const folder = pathIn(io, options.output);
  const set = issueCertificates(options.host ?? [], options.days);
  const made = await mkdir(folder, { recursive: true }).catch((cause) => {
    throw ioError(cause, folder, "write");
  });
  if (made !== undefined) await chmod(folder, 0o700);
  await writeCertificates(folder, set);
  const file = (name: string) => join(options.output, name);
  print(
    io,
    options.json,
    { schema: 1, folder: options.output, days: options.days, names: CLIENT_NAMES },
    table([
      [
        "for the receiver",
        `${file("receiver.pem")}, ${file("receiver.key")}, ${file("authority.pem")}`,
      ],
      [
        "for robots",
        `${file("fleet.pem")} (${CLIENT_NAMES.fleet}), ${file("fleet.key")}, ${file("authority.pem")}`,
      ],
      [
        "for consumers",
        `${file("consumer.pem")} (${CLIENT_NAMES.consumer}), ${file("consumer.key")}, ${file("authority.pem")}`,
      ],
      ["keep secret", `${file("authority.key")}: it decides whom both sides trust`],
    ]),
  );
}
