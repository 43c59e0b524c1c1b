/** The way from a command to a receiver, as a consumer with a certificate. */
import type { Command } from "commander";
import { ReceiverClient, type ReceiverClientOptions } from "../client/index.ts";
import { loadConfig, path, remoteAddress, type ServiceKind, section } from "../config/index.ts";
import { MapveilError } from "../core/errors.ts";
import { keyIdText, readPublicKey, recipientKeyId } from "../keys/index.ts";
import { RpcError } from "../rpc/index.ts";
import { type CliIo, pathIn } from "./io.ts";

const schema = section({
  address: remoteAddress(),
  ca: path("a PEM file"),
  certificate: path("a PEM file"),
  key: path("a PEM file"),
  server_name: path("a name").optional(),
});

/** A file with the same values as the options have. */
const CONSUMER_FILE: ServiceKind<typeof schema> = {
  root: "consumer",
  bytesMax: 16 * 1024,
  prefix: "MAPVEIL_CONSUMER_",
  schema,
};

export interface ReceiverFlags {
  readonly config?: string;
  readonly address?: string;
  readonly ca?: string;
  readonly certificate?: string;
  readonly key?: string;
  readonly serverName?: string;
}

/** Options that lie over the file, and their keys in it. */
const FLAGS = [
  ["address", "address"],
  ["ca", "ca"],
  ["certificate", "certificate"],
  ["key", "key"],
  ["serverName", "server_name"],
] as const satisfies readonly (readonly [keyof ReceiverFlags, string])[];

/** Adds the options that say which receiver, and who calls. */
export function addReceiverOptions(command: Command): Command {
  return command
    .option(
      "-c, --config <file>",
      "settings (YAML) with address, ca, certificate, key, server_name; variables such as " +
        `${CONSUMER_FILE.prefix}ADDRESS lie over them`,
    )
    .option("--address <host:port>", "the receiver")
    .option("--ca <file>", "who signs receivers (PEM)")
    .option("--certificate <file>", "the consumer's certificate (PEM)")
    .option("--key <file>", "the key of the certificate (PEM)")
    .option("--server-name <name>", "name in the receiver's certificate, if not the host");
}

async function placesOf(io: CliIo, flags: ReceiverFlags): Promise<ReceiverClientOptions> {
  if (flags.config !== undefined) {
    const settings = FLAGS.flatMap(([flag, key]) =>
      flags[flag] === undefined ? [] : [`${key}=${flags[flag]}`],
    );
    const file = pathIn(io, flags.config);
    const sources = { environment: io.environment, settings };
    const { value, at } = await loadConfig(CONSUMER_FILE, file, sources);
    return {
      address: value.address,
      caPath: at(value.ca),
      certificatePath: at(value.certificate),
      keyPath: at(value.key),
      ...(value.server_name !== undefined && { serverName: value.server_name }),
    };
  }
  const { address, ca, certificate, key, serverName } = flags;
  if (address && ca && certificate && key) {
    return {
      address,
      caPath: pathIn(io, ca),
      certificatePath: pathIn(io, certificate),
      keyPath: pathIn(io, key),
      ...(serverName !== undefined && { serverName }),
    };
  }
  const text = "Name the receiver: --config FILE, or --address, --ca, --certificate and --key.";
  throw new MapveilError("USAGE", text);
}

/** Runs `use` with a client of the receiver. */
export async function withReceiver<T>(
  io: CliIo,
  flags: ReceiverFlags,
  use: (receiver: ReceiverClient) => Promise<T>,
): Promise<T> {
  const places = await placesOf(io, flags);
  const client = await ReceiverClient.create(places);
  try {
    return await use(client);
  } catch (error) {
    if (!(error instanceof RpcError) || error.code !== "UNAVAILABLE") throw error;
    const text =
      `The receiver ${places.address} cannot be reached, or its certificate is not trusted. ` +
      "Check the address, the name in its certificate and --ca.";
    throw new MapveilError("UNAVAILABLE", text, {}, error);
  } finally {
    client.close();
  }
}

/** The id of a recipient: 16 hexadecimal digits as they are, or that of a public key. */
export async function recipientOf(io: CliIo, text: string): Promise<string> {
  if (/^[0-9a-f]{16}$/.test(text)) return text;
  return keyIdText(
    recipientKeyId(await readPublicKey(text.includes(":") ? text : pathIn(io, text))),
  );
}
