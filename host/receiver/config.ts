/** The file that configures a receiver: its keys, their ranges and defaults, and what they become. */
import { z } from "zod";
import {
  allowed,
  type ConfigSources,
  changedKeys,
  duration,
  type Fault,
  list,
  listenAddress,
  loadConfig,
  name,
  oneOf,
  path,
  rate,
  type ServiceKind,
  type ServiceSettings,
  section,
  serviceKeys,
  serviceSettings,
  size,
  wholeNumber,
} from "../config/index.ts";
import type { ReceiverOptions } from "./options.ts";

const CERTIFICATE_NAME = "a URI or DNS name of the client's certificate";
const RECIPIENT = 'the id of a key (16 hexadecimal digits, in quotes) or "*"';

const client = section({
  name: name("a name"),
  certificate: z
    .string({ error: allowed(CERTIFICATE_NAME) })
    .regex(/^[!-~]{1,255}$/, { error: allowed(CERTIFICATE_NAME) }),
  roles: list(oneOf(["ingest", "consumer"]), 2, "roles").min(1, {
    error: allowed("a list of ingest, consumer or both"),
  }),
  recipients: list(
    z
      .string({ error: allowed(RECIPIENT) })
      .regex(/^(?:\*|[0-9a-f]{16})$/, { error: allowed(RECIPIENT) }),
    1024,
    "ids of recipients",
  ),
});

/** The file as it is written; behind it durations are milliseconds and sizes bytes. */
export const receiverSchema = section({
  version: z
    .literal(1, { error: allowed("1, the version of this file format") })
    .describe("Version of this file format: 1."),
  listen: listenAddress()
    .prefault("127.0.0.1:7443")
    .describe("host:port that robots and consumers connect to; port 0 for any free one."),
  data_dir: path("a folder")
    .default("data")
    .describe("Folder of index and artefacts; made with mode 0700."),
  tls: section({
    certificate: path("a PEM file").describe("Certificate of the receiver (PEM file)."),
    key: path("a PEM file").describe("Key of the receiver's certificate (PEM file, mode 0600)."),
    client_ca: path("a PEM file").describe("Certificates of those who sign clients (PEM file)."),
  }),
  clients: list(client, 4096, "clients, each with name, certificate, roles and recipients")
    .default([])
    .describe(
      'Who may call: `name`, `certificate` (a URI or DNS name in it), `roles` (ingest, consumer) and `recipients` (ids of keys, or "*").',
    ),
  limits: section({
    artefact: size("64KiB", "4GiB").prefault("64MiB").describe("Largest artefact."),
    recipient_quota: size("1MiB", "64TiB")
      .prefault("10GiB")
      .describe("Most that is stored for one recipient."),
    calls_per_client: wholeNumber(1, 1024, "calls")
      .default(32)
      .describe("Calls at the same time from one client, 1 to 1024."),
    unfinished_per_client: wholeNumber(1, 65_536, "writes")
      .default(64)
      .describe("Unfinished writes of one client, 1 to 65536."),
    rate_per_client: rate("1KiB")
      .prefault("64MiB")
      .describe("Most that one client may write a second: unlimited, or a size."),
    unfinished_max_age: duration("1m", "365d")
      .prefault("7d")
      .describe("Time without progress after which an unfinished write is discarded."),
    stall_timeout: duration("1s", "10m")
      .prefault("30s")
      .describe("Time without a message after which the stream of a write is ended."),
  }).prefault({}),
  ...serviceKeys,
}).describe("Settings of a Mapveil receiver.");

/** A name in two entries would leave open whose roles count. */
function rules(raw: unknown): Fault[] {
  const clients = (raw as { clients?: unknown } | null)?.clients;
  if (!Array.isArray(clients)) return [];
  return (["name", "certificate"] as const).flatMap((key) => {
    const seen = new Set<string>();
    return clients.flatMap((one, i) => {
      const value = (one as Record<string, unknown> | null)?.[key];
      if (typeof value !== "string") return [];
      if (!seen.has(value)) {
        seen.add(value);
        return [];
      }
      return [{ path: ["clients", i, key], what: `is the ${key} of another client too` }];
    });
  });
}

/** The kind of file, with the prefix of its variables. */
export const RECEIVER_FILE: ServiceKind<typeof receiverSchema> = {
  root: "receiver",
  bytesMax: 1024 * 1024,
  prefix: "MAPVEIL_RECEIVER_",
  schema: receiverSchema,
  rules,
};

type ReceiverValues = z.output<typeof receiverSchema>;

export interface ReceiverConfig {
  readonly options: Omit<ReceiverOptions, "log" | "clock">;
  readonly service: ServiceSettings;
  /** Dotted names of the keys that differ from those of `other`. */
  changedKeys(other: ReceiverConfig): string[];
  /** The values behind it, for `changedKeys`. */
  readonly values: ReceiverValues;
}

/** Reads the file of a receiver. Throws IO if it cannot be read, CONFIG with every fault. */
export async function loadReceiverConfig(
  file: string,
  sources: ConfigSources,
): Promise<ReceiverConfig> {
  const { value: values, at } = await loadConfig(RECEIVER_FILE, file, sources);
  const { limits } = values;
  const options = {
    listen: values.listen,
    dataDir: at(values.data_dir),
    certificatePath: at(values.tls.certificate),
    keyPath: at(values.tls.key),
    clientCaPath: at(values.tls.client_ca),
    clients: values.clients.map(({ certificate, ...rest }) => ({
      ...rest,
      certificateName: certificate,
    })),
    limits: {
      artefactBytes: limits.artefact,
      recipientBytes: limits.recipient_quota,
      callsPerClient: limits.calls_per_client,
      unfinishedPerClient: limits.unfinished_per_client,
      bytesPerSPerClient: limits.rate_per_client,
      unfinishedMaxAgeMs: limits.unfinished_max_age,
      stallTimeoutMs: limits.stall_timeout,
    },
  };
  return {
    options,
    service: serviceSettings(values, at),
    values,
    changedKeys: (other) => changedKeys(receiverSchema, other.values, values),
  };
}
