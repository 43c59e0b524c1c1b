/** `mapveil certificates`: an authority of one's own, for trying out and for small deployments. */
import { chmod, mkdir, open, unlink } from "node:fs/promises";
import { isIP } from "node:net";
import { join } from "node:path";
import { type Command, InvalidArgumentError } from "commander";
import { MapveilError } from "../../core/errors.ts";
import { ioError } from "../../core/io-error.ts";
import { createAuthority, type IssuedCertificate, issueCertificate } from "../../rpc/index.ts";
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

/** Names in the certificates of clients; the settings of a receiver refer to them. */
const CLIENT_NAMES = { fleet: "urn:mapveil:fleet", consumer: "urn:mapveil:consumer" } as const;

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

/** The set by the names of its files. */
function issueAll(options: Options): Record<string, IssuedCertificate> {
  const { days: valid, host = [] } = options;
  const authority = createAuthority({ name: "Mapveil authority", days: valid });
  const client = (uri: string) =>
    issueCertificate(authority, { role: "client", uris: [uri], days: valid });
  return {
    authority,
    receiver: issueCertificate(authority, {
      role: "server",
      dnsNames: ["localhost", ...host.filter((name) => isIP(name) === 0)],
      ips: ["127.0.0.1", "::1", ...host.filter((name) => isIP(name) !== 0)],
      days: valid,
    }),
    fleet: client(CLIENT_NAMES.fleet),
    consumer: client(CLIENT_NAMES.consumer),
  };
}

async function create(path: string, text: string, mode: number): Promise<void> {
  try {
    const file = await open(path, "wx", mode);
    try {
      await file.chmod(mode);
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "EEXIST") throw ioError(cause, path, "write");
    const message = `${path} exists already. Certificates are never overwritten; name another folder.`;
    throw new MapveilError("IO", message, { file: path }, cause);
  }
}

/** Writes all, or leaves none of them behind. */
async function writeAll(
  folder: string,
  set: Readonly<Record<string, IssuedCertificate>>,
): Promise<void> {
  const written: string[] = [];
  try {
    for (const [name, { certificate, key }] of Object.entries(set)) {
      for (const [ending, text, mode] of [
        ["key", key, 0o600],
        ["pem", certificate, 0o644],
      ] as const) {
        const path = join(folder, `${name}.${ending}`);
        await create(path, text, mode);
        written.push(path);
      }
    }
  } catch (error) {
    for (const path of written) await unlink(path).catch(() => {});
    throw error;
  }
}

async function init(io: CliIo, options: Options): Promise<void> {
  const folder = pathIn(io, options.output);
  const set = issueAll(options);
  const made = await mkdir(folder, { recursive: true }).catch((cause) => {
    throw ioError(cause, folder, "write");
  });
  if (made !== undefined) await chmod(folder, 0o700);
  await writeAll(folder, set);
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
