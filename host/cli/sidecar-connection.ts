/** The way from a command to a sidecar: its socket, and a token that says who calls. */
import { join } from "node:path";
import { type Command, Option } from "commander";
import { SidecarClient, type SocketOptions } from "../client/index.ts";
import { MapveilError } from "../core/errors.ts";
import { RpcError } from "../rpc/index.ts";
import { loadSidecarPlaces, SIDECAR_FILE, type SidecarPlaces } from "../sidecar/config.ts";
import type { SidecarRole } from "../sidecar/index.ts";
import { type CliIo, pathIn } from "./io.ts";

const CONFIG_VARIABLE = `${SIDECAR_FILE.prefix}CONFIG`;

export interface SidecarFlags {
  readonly socket?: string;
  readonly token?: string;
  readonly config?: string;
  readonly lang?: "en" | "zh";
}

/** Adds the options that say which sidecar, and who calls. */
export function addSidecarOptions(command: Command): Command {
  return command
    .option("--socket <path>", "the sidecar's socket (default: that of the settings)")
    .option("--token <file>", "the caller's token (default: one in the state folder)")
    .option(
      "-c, --config <file>",
      `the sidecar's settings; default: the variable ${CONFIG_VARIABLE}`,
    );
}

/** The option that chooses the language of texts out of the catalogue. */
export function languageOption(): Option {
  const text = "language of explanations (default: that of the terminal)";
  return new Option("--lang <language>", text).choices(["en", "zh"]);
}

/** Path of the sidecar's settings, if anybody named them. */
export function sidecarConfigPath(io: CliIo, flags: SidecarFlags): string | undefined {
  const path = flags.config ?? io.environment[CONFIG_VARIABLE];
  return path ? pathIn(io, path) : undefined;
}

/** The token of the first client that has one of the roles, the first role before the others. */
function tokenPath(places: SidecarPlaces, roles: readonly SidecarRole[]): string {
  for (const role of roles) {
    const client = places.clients.find((one) => one.role === role);
    if (client !== undefined) return join(places.stateDir, "clients", `${client.name}.token`);
  }
  const text = `No client in the settings has the role ${roles.join(" or ")}; name its --token FILE.`;
  throw new MapveilError("USAGE", text);
}

/** Chinese if the terminal is set to it, else English. */
function languageOf(io: CliIo): "en" | "zh" {
  const { LC_ALL, LC_MESSAGES, LANG } = io.environment;
  return (LC_ALL || LC_MESSAGES || LANG || "").toLowerCase().startsWith("zh") ? "zh" : "en";
}

/**
 * Socket and token of a client with one of the roles, the first before the others.
 * Throws USAGE if they cannot be known, CONFIG for settings that are wrong.
 */
export async function socketOptions(
  io: CliIo,
  flags: SidecarFlags,
  roles: readonly SidecarRole[],
): Promise<SocketOptions> {
  const file = sidecarConfigPath(io, flags);
  const sources = { environment: io.environment, settings: [] };
  const places = file === undefined ? undefined : await loadSidecarPlaces(file, sources);
  const socketPath = flags.socket === undefined ? places?.socketPath : pathIn(io, flags.socket);
  const named = flags.token === undefined ? undefined : pathIn(io, flags.token);
  const token = named ?? (places && tokenPath(places, roles));
  if (socketPath !== undefined && token !== undefined) {
    return { socketPath, tokenPath: token, language: flags.lang ?? languageOf(io) };
  }
  const text = `Name the sidecar: --config FILE (or ${CONFIG_VARIABLE}), or --socket and --token.`;
  throw new MapveilError("USAGE", text);
}

/** The error that a user understands when nobody listens on the socket; others unchanged. */
export function explainAway(error: unknown, socketPath: string): unknown {
  const isAway = error instanceof RpcError && error.code === "UNAVAILABLE";
  if (!isAway || error.reason === "SERVER_STOPPING") return error;
  const text = `No sidecar answers on ${socketPath}. Is it running? See mapveil sidecar --help.`;
  return new MapveilError("UNAVAILABLE", text, { file: socketPath }, error);
}

/**
 * Runs `use` with a client of the sidecar that has one of the roles.
 * Throws USAGE if socket or token cannot be known, UNAVAILABLE if no sidecar answers.
 */
export async function withSidecar<T>(
  io: CliIo,
  flags: SidecarFlags,
  roles: readonly SidecarRole[],
  use: (sidecar: SidecarClient) => Promise<T>,
): Promise<T> {
  const options = await socketOptions(io, flags, roles);
  const client = await SidecarClient.create(options);
  try {
    return await use(client);
  } catch (error) {
    throw explainAway(error, options.socketPath);
  } finally {
    client.close();
  }
}
