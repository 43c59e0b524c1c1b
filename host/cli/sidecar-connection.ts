/** The way from a command to a sidecar: its socket, and a token that says who calls. */
import { join } from "node:path";
import type { Command } from "commander";
import { readText } from "../config/index.ts";
import { MapveilError } from "../core/errors.ts";
import { PermissionService } from "../gen/mapveil/v1/permission_service_pb.ts";
import { SensorService } from "../gen/mapveil/v1/sensor_service_pb.ts";
import { StatusService } from "../gen/mapveil/v1/status_service_pb.ts";
import { createClient, openChannel, RpcError, type ServiceClient } from "../rpc/index.ts";
import { loadSidecarPlaces, SIDECAR_FILE, type SidecarPlaces } from "../sidecar/config.ts";
import type { SidecarRole } from "../sidecar/options.ts";
import { type CliIo, pathIn } from "./io.ts";

const { prefix } = SIDECAR_FILE;

/** Largest message: a frame of the largest kind. */
const MESSAGE_BYTES_MAX = 256 * 2 ** 20;
const TOKEN_FILE_BYTES_MAX = 1024;
const TOKEN = /^[A-Za-z0-9_-]{43}$/;

export interface SidecarFlags {
  readonly socket?: string;
  readonly token?: string;
  readonly config?: string;
  readonly lang?: "en" | "zh";
}

export interface SidecarConnection {
  readonly permissions: ServiceClient<typeof PermissionService>;
  readonly status: ServiceClient<typeof StatusService>;
  readonly sensor: ServiceClient<typeof SensorService>;
}

/** Adds the options that say which sidecar, and who calls. */
export function addSidecarOptions(command: Command): Command {
  return command
    .option("--socket <path>", "the sidecar's socket (default: that of the settings)")
    .option("--token <file>", "the caller's token (default: one in the state folder)")
    .option("-c, --config <file>", `the sidecar's settings; default: the variable ${prefix}CONFIG`);
}

/** What the settings say; undefined if nobody named any. */
async function placesOf(io: CliIo, flags: SidecarFlags): Promise<SidecarPlaces | undefined> {
  const path = flags.config ?? io.environment[`${prefix}CONFIG`];
  if (!path) return undefined;
  return loadSidecarPlaces(pathIn(io, path), { environment: io.environment, settings: [] });
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

async function readToken(path: string): Promise<string> {
  const token = (await readText(path, TOKEN_FILE_BYTES_MAX, "token")).trimEnd();
  if (TOKEN.test(token)) return token;
  const text = `${path}: this is no token. The sidecar makes them in the folder "clients" of its state.`;
  throw new MapveilError("CONFIG", text, { file: path });
}

/** Says what to do when nobody listens on the socket. */
function notRunning(socketPath: string, cause: unknown): MapveilError {
  const text = `No sidecar answers on ${socketPath}. Is it running? See mapveil sidecar --help.`;
  return new MapveilError("UNAVAILABLE", text, { file: socketPath }, cause);
}

/**
 * Runs `use` with a connection to the sidecar, as a client with one of the roles.
 * Throws USAGE if socket or token cannot be known, UNAVAILABLE if no sidecar answers.
 */
export async function withSidecar<T>(
  io: CliIo,
  flags: SidecarFlags,
  roles: readonly SidecarRole[],
  use: (sidecar: SidecarConnection) => Promise<T>,
): Promise<T> {
  const places = await placesOf(io, flags);
  const socketPath = flags.socket === undefined ? places?.socketPath : pathIn(io, flags.socket);
  const named = flags.token === undefined ? undefined : pathIn(io, flags.token);
  const tokenFile = named ?? (places && tokenPath(places, roles));
  if (socketPath === undefined || tokenFile === undefined) {
    const text = `Name the sidecar: --config FILE (or ${prefix}CONFIG), or --socket and --token.`;
    throw new MapveilError("USAGE", text);
  }
  const headers = {
    authorization: `Bearer ${await readToken(tokenFile)}`,
    "accept-language": flags.lang ?? languageOf(io),
  };
  const channel = openChannel({ unixPath: socketPath, maxMessageBytes: MESSAGE_BYTES_MAX });
  try {
    return await use({
      permissions: createClient(PermissionService, channel, { headers }),
      status: createClient(StatusService, channel, { headers }),
      sensor: createClient(SensorService, channel, { headers }),
    });
  } catch (error) {
    const isAway = error instanceof RpcError && error.code === "UNAVAILABLE";
    throw isAway && error.reason !== "SERVER_STOPPING" ? notRunning(socketPath, error) : error;
  } finally {
    channel.close();
  }
}

/** Chinese if the terminal is set to it, else English. */
export function languageOf(io: CliIo): "en" | "zh" {
  const { LC_ALL, LC_MESSAGES, LANG } = io.environment;
  return (LC_ALL || LC_MESSAGES || LANG || "").toLowerCase().startsWith("zh") ? "zh" : "en";
}
