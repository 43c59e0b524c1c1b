/** The file that configures a sidecar: its keys, their ranges and defaults, and what they become. */
import { z } from "zod";
import {
  allowed,
  type ConfigSources,
  changedKeys,
  duration,
  durationOrOff,
  type Fault,
  list,
  loadConfig,
  name,
  oneOf,
  path,
  rate,
  remoteAddress,
  type ServiceKind,
  type ServiceSettings,
  section,
  serviceKeys,
  serviceSettings,
  size,
  wholeNumber,
} from "../config/index.ts";
import { MapveilError } from "../core/errors.ts";
import { readPublicKey } from "../keys/index.ts";
import { PURPOSES } from "../permission/index.ts";
import { defaultPolicy, loadPolicy } from "../policy/index.ts";
import type { SidecarClient, SidecarOptions } from "./options.ts";

/** Longest path of a unix socket, bytes without the final zero. */
const SOCKET_PATH_BYTES_MAX = 107;

const DEFAULT_CLIENTS: SidecarClient[] = [
  { name: "owner", role: "owner" },
  { name: "sensor", role: "sensor" },
  { name: "monitor", role: "monitor" },
];

const client = section({
  name: name("a name"),
  role: oneOf(["sensor", "owner", "guardian", "monitor"]),
});

const uplink = section({
  address: remoteAddress().describe("host:port of the receiver."),
  ca: path("a PEM file").describe("Certificates of those who sign receivers (PEM file)."),
  certificate: path("a PEM file").describe("Certificate of this fleet (PEM file)."),
  key: path("a PEM file").describe("Key of this fleet's certificate (PEM file, mode 0600)."),
  server_name: z
    .string({ error: allowed("a host name") })
    .regex(/^[A-Za-z0-9.-]{1,253}$/, { error: allowed("a host name") })
    .optional()
    .describe("Name in the receiver's certificate, if not the host of the address."),
  chunk: size("4KiB", "1MiB")
    .prefault("256KiB")
    .describe("Piece that is sent at once; what a cut may cost."),
  parallel: wholeNumber(1, 16, "artefacts")
    .default(2)
    .describe("Artefacts on their way at the same time, 1 to 16."),
  bandwidth: rate("1KiB")
    .prefault("unlimited")
    .describe("Most that is sent a second: unlimited, or a size."),
  stall_timeout: duration("1s", "10m")
    .prefault("30s")
    .describe("Time without progress after which an attempt counts as failed."),
  cadence: durationOrOff("1m", "24h")
    .prefault("10m")
    .describe(
      "How often what waits is uploaded, so that the time tells nothing of when it was captured; off uploads at once.",
    ),
  per_tick: wholeNumber(1, 1_000_000, "artefacts")
    .default(1_000_000)
    .describe(
      "Most artefacts that leave at a tick of the cadence, 1 to 1000000; the rest waits for the next.",
    ),
  purpose: oneOf(PURPOSES)
    .default("provide")
    .describe(
      "What uploads are for: provide the product, analyse its use, research, or protect. Each has its own pseudonyms.",
    ),
  pseudonym_epoch: duration("1h", "30d")
    .prefault("1d")
    .describe("How long the robot keeps a pseudonym, 1h to 30d, counted from 1970 in UTC."),
});

/** The file as it is written; behind it durations are milliseconds and sizes bytes. */
export const sidecarSchema = section({
  version: z
    .literal(1, { error: allowed("1, the version of this file format") })
    .describe("Version of this file format: 1."),
  state_dir: path("a folder")
    .default("state")
    .describe("Folder of ledger, spool, keys and tokens; made with mode 0700."),
  socket: path("a socket")
    .default("run/mapveil.sock")
    .describe("Unix socket for the robot's processes; its folder has mode 0700."),
  policy: path("a policy file")
    .optional()
    .describe("What may leave (see `mapveil policy init`); the built-in policy without it."),
  recipient: path("a public key").describe(
    "Whom artefacts are sealed for: a .pub file, or the text of a public key.",
  ),
  clients: list(client, 64, "clients, each with name and role")
    .default(DEFAULT_CLIENTS)
    .describe(
      "Who may call: `name` and `role` (sensor, owner, guardian or monitor). The token is in STATE/clients/NAME.token.",
    ),
  uplink: uplink.optional().describe("The way to the receiver; without it nothing is uploaded."),
  spool: section({
    quota: size("1MiB", "16TiB").prefault("1GiB").describe("Most that may wait on the disk."),
    max_age: duration("1m", "365d").prefault("30d").describe("How long an artefact may wait."),
  }).prefault({}),
  limits: section({
    frame: size("64KiB", "256MiB").prefault("16MiB").describe("Largest frame."),
    streams: wholeNumber(1, 64, "streams")
      .default(4)
      .describe(
        "Sensor streams open at the same time, 1 to 64. Each has a thread and a core. One that had no frame for a minute makes room if all are taken.",
      ),
    in_flight: wholeNumber(1, 64, "frames")
      .default(4)
      .describe("Frames of a stream that may wait for their receipts, 1 to 64."),
    rate: wholeNumber(1, 1000, "frames a second")
      .default(20)
      .describe(
        "Frames a second that a sensor may send, 1 to 1000, by their capture times if they have them. Fast frames can tell of vibrations, such as speech.",
      ),
  }).prefault({}),
  map: section({
    release_every: durationOrOff("1m", "24h")
      .prefault("10m")
      .describe(
        "How often a map is released while its stream is open, where the level is map or plan: off, or a duration.",
      ),
  }).prefault({}),
  ...serviceKeys,
}).describe("Settings of a Mapveil sidecar.");

/** Names of clients become names of files, so each stands once. */
function rules(raw: unknown): Fault[] {
  const clients = (raw as { clients?: unknown } | null)?.clients;
  if (!Array.isArray(clients)) return [];
  const names = clients.map((one) => (one as { name?: unknown } | null)?.name);
  return names.flatMap((one, i) =>
    typeof one === "string" && names.indexOf(one) < i
      ? [{ path: ["clients", i, "name"], what: "is the name of another client too" }]
      : [],
  );
}

/** The kind of file, with the prefix of its variables. */
export const SIDECAR_FILE: ServiceKind<typeof sidecarSchema> = {
  root: "sidecar",
  bytesMax: 64 * 1024,
  prefix: "MAPVEIL_SIDECAR_",
  schema: sidecarSchema,
  rules,
};

export interface SidecarConfig {
  readonly options: Omit<SidecarOptions, "log" | "clock" | "random">;
  readonly service: ServiceSettings;
  /** Dotted names of the keys that differ from those of `other`. */
  changedKeys(other: SidecarConfig): string[];
  /** The values behind it, for `changedKeys`. */
  readonly values: SidecarValues;
}

type SidecarValues = z.output<typeof sidecarSchema>;

function uplinkOf(values: NonNullable<SidecarValues["uplink"]>, at: (path: string) => string) {
  return {
    address: values.address,
    caPath: at(values.ca),
    certificatePath: at(values.certificate),
    keyPath: at(values.key),
    ...(values.server_name !== undefined && { serverName: values.server_name }),
    chunkBytes: values.chunk,
    parallel: values.parallel,
    bandwidthBytesPerS: values.bandwidth,
    stallTimeoutMs: values.stall_timeout,
    cadenceMs: values.cadence,
    perTick: values.per_tick,
    purpose: values.purpose,
    pseudonymEpochMs: values.pseudonym_epoch,
  };
}

function socketPath(path: string): string {
  if (Buffer.byteLength(path) <= SOCKET_PATH_BYTES_MAX) return path;
  const message = `socket: ${path} is longer than the ${SOCKET_PATH_BYTES_MAX} bytes that a socket's path may have; choose a shorter one.`;
  throw new MapveilError("CONFIG", message, { field: "socket" });
}

/** Where a sidecar is, and whose tokens it has. */
export type SidecarPlaces = Pick<SidecarOptions, "stateDir" | "socketPath" | "clients">;

function placesOf(values: SidecarValues, at: (path: string) => string): SidecarPlaces {
  return {
    stateDir: at(values.state_dir),
    socketPath: socketPath(at(values.socket)),
    clients: values.clients,
  };
}

/**
 * Reads the file alone, for its clients: an owner can withdraw also while the policy is broken.
 * Throws IO if it cannot be read, CONFIG with every fault.
 */
export async function loadSidecarPlaces(
  file: string,
  sources: ConfigSources,
): Promise<SidecarPlaces> {
  const { value, at } = await loadConfig(SIDECAR_FILE, file, sources);
  return placesOf(value, at);
}

/**
 * Reads the file of a sidecar, the policy and the public key that it names.
 * Throws IO if one cannot be read, CONFIG with every fault of the first that is wrong.
 */
export async function loadSidecarConfig(
  file: string,
  sources: ConfigSources,
): Promise<SidecarConfig> {
  const { value: values, at } = await loadConfig(SIDECAR_FILE, file, sources);
  const options = {
    ...placesOf(values, at),
    policy: values.policy === undefined ? defaultPolicy() : await loadPolicy(at(values.policy)),
    recipient: await readPublicKey(
      values.recipient.includes(":") ? values.recipient : at(values.recipient),
    ),
    ...(values.uplink !== undefined && { uplink: uplinkOf(values.uplink, at) }),
    quotaBytes: values.spool.quota,
    maxAgeMs: values.spool.max_age,
    limits: {
      frameBytes: values.limits.frame,
      streams: values.limits.streams,
      inFlight: values.limits.in_flight,
      rateHz: values.limits.rate,
    },
    releaseEveryMs: values.map.release_every,
  };
  return {
    options,
    service: serviceSettings(values, at),
    values,
    changedKeys: (other) => changedKeys(sidecarSchema, other.values, values),
  };
}
