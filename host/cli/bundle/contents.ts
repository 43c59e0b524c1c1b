/** What is in a support bundle: facts in Mapveil's own words and numbers, file by file. */
import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Identifier } from "../../canary/identifier.ts";
import type { Permission } from "../../gen/mapveil/v1/permission_service_pb.ts";
import type { GetStatusResponse } from "../../gen/mapveil/v1/status_service_pb.ts";
import { keyIdText, recipientKeyId } from "../../keys/index.ts";
import { compilePolicy, explainPolicyJson, type Policy } from "../../policy/index.ts";
import { loadSidecarConfig, type SidecarConfig } from "../../sidecar/config.ts";
import { readCrashes } from "../../telemetry/index.ts";
import { expiryOf } from "../check-files.ts";
import { examine } from "../doctor-findings.ts";
import type { CliIo } from "../io.ts";
import { type SidecarFlags, sidecarConfigPath, withSidecar } from "../sidecar-connection.ts";
import { statusJson } from "../status-text.ts";
import type { Entry } from "./archive.ts";
import { ownLines } from "./log-lines.ts";
import { ownMetrics } from "./metric-lines.ts";
import { platformFacts, versionFacts } from "./platform.ts";
import { maskedSettings } from "./settings-mask.ts";

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
/** Milliseconds that are a moment are above this, and those that are a duration below. */
const YEAR_2000_MS = 946_684_800_000;

/** What is asked for. */
export interface BundleRequest extends SidecarFlags {
  /** A log of the sidecar. */
  readonly log?: string;
}

/** Everything for a bundle. */
export interface Contents {
  readonly entries: readonly Entry[];
  /** Values of this robot that must not be in it. */
  readonly own: readonly Identifier[];
}

function entryOf(name: string, value: object): Entry {
  return { name, data: Buffer.from(`${JSON.stringify(value, null, 1)}\n`) };
}

/** The policy as it is explained, without the names that an owner gave and the file's. */
function policyFacts(policy: Policy): object {
  const areas = policy.no_go.areas.map((area, i) => ({ ...area, name: `${i + 1}` }));
  const plain = { ...policy, no_go: { ...policy.no_go, areas } };
  const { level, kept, sections: all } = explainPolicyJson(plain);
  // Who can open it is the same of every policy.
  const sections = all.filter(({ key }) => key !== "open");
  const { digest } = compilePolicy(policy);
  // Enough to tell one from another.
  return { digest: Buffer.from(digest).toString("hex", 0, 4), level, kept, sections };
}

async function certificateFacts({ options }: SidecarConfig): Promise<object> {
  if (options.uplink === undefined) return { uplink: false };
  const expiresMs = await expiryOf(options.uplink.certificatePath);
  if (expiresMs === undefined) return { uplink: true, readable: false };
  const days = Math.floor((expiresMs - Date.now()) / DAY_MS);
  return { uplink: true, readable: true, expired: days < 0, daysLeft: days };
}

function sizeOf(path: string): number {
  try {
    return statSync(path).size;
  } catch {
    return 0;
  }
}

/** The files that a sidecar keeps, by their purpose. */
function stateFacts({ options }: SidecarConfig): object {
  const { stateDir } = options;
  const { count, last, hourMs } = readCrashes(stateDir);
  return {
    there: existsSync(stateDir),
    ledgerBytes: sizeOf(join(stateDir, "ledger", "data.mdb")),
    spoolBytes: sizeOf(join(stateDir, "spool", "data.mdb")),
    crashes: count,
    ...(last && { lastCrash: { type: last.type, at: last.at, hoursAgo: hoursSince(hourMs!) } }),
  };
}

const hoursSince = (ms: number) => Math.floor((Date.now() - ms) / HOUR_MS);

/** The same with how long ago, in seconds, in the place of every time; what is to come is negative. */
function withoutTimes(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutTimes);
  if (typeof value !== "object" || value === null) return value;
  const fields = Object.entries(value).map(([key, inner]) => {
    const [, name] = /^(\w+?)(?:Time|Ms)$/.exec(key) ?? [];
    const atMs = key.endsWith("Time") ? Date.parse(inner as string) : Number(inner);
    const isTime = name !== undefined && atMs > YEAR_2000_MS;
    return isTime
      ? [`${name}AgoS`, Math.round((Date.now() - atMs) / 1000)]
      : [key, withoutTimes(inner)];
  });
  return Object.fromEntries(fields) as unknown;
}

interface Answer {
  readonly status: GetStatusResponse;
  readonly permissions: readonly Permission[];
}

async function answerOf(io: CliIo, flags: SidecarFlags): Promise<Answer | undefined> {
  const roles = ["monitor", "owner", "guardian", "sensor"] as const;
  return withSidecar(io, flags, roles, async (sidecar) => ({
    status: await sidecar.status(),
    permissions: await sidecar.listPermissions(),
  })).catch(() => undefined);
}

/** The values of the settings that name somebody or some place. */
function valuesOf(config: SidecarConfig, file: string): Identifier[] {
  const { stateDir, socketPath, uplink, recipient, clients, policy } = config.options;
  const paths = [
    file,
    stateDir,
    socketPath,
    uplink?.caPath,
    uplink?.keyPath,
    uplink?.certificatePath,
  ];
  const host = uplink?.address.replace(/:\d+$/, "");
  const key = Buffer.from(recipient);
  return [
    ...paths.flatMap((path) => (path === undefined ? [] : [{ name: "path", value: path }])),
    ...(host === undefined ? [] : [{ name: "receiver", value: host }]),
    ...(uplink?.serverName === undefined ? [] : [{ name: "receiver", value: uplink.serverName }]),
    { name: "recipient", value: keyIdText(recipientKeyId(recipient)) },
    { name: "recipient", value: key.toString("hex") },
    { name: "recipient", value: key.toString("base64url") },
    // A client may be called by its role, which is shown.
    ...clients
      .filter(({ name, role }) => name !== role)
      .map(({ name }) => ({ name: "client", value: name })),
    ...policy.no_go.areas.map(({ name }) => ({ name: "area", value: name })),
  ];
}

/** Gathers what is known; what cannot be reached is missing, and the findings say why. Throws IO for the log. */
export async function gatherContents(io: CliIo, request: BundleRequest): Promise<Contents> {
  const findings = await examine(io, request);
  const codes = findings.map(({ check, result, code }) => ({ check, result, code }));
  const entries = [
    entryOf("versions.json", versionFacts()),
    entryOf("platform.json", platformFacts()),
    entryOf("findings.json", { schema: 1, findings: codes }),
  ];
  if (request.log !== undefined) {
    const { lines, left } = await ownLines(request.log, Date.now());
    entries.push({
      name: "log.jsonl",
      data: Buffer.from(lines.map((line) => `${line}\n`).join("")),
    });
    entries.push(entryOf("log-summary.json", { lines: lines.length, leftOut: left }));
  }
  const answer = await answerOf(io, request);
  if (answer !== undefined) {
    const on = answer.permissions.filter(({ granted }) => granted);
    entries.push(entryOf("status.json", withoutTimes(statusJson(answer.status, on)) as object));
  }
  const file = sidecarConfigPath(io, request);
  const config = file === undefined ? undefined : await settingsOf(io, file);
  if (config === undefined || file === undefined) return { entries, own: [] };
  entries.push(entryOf("settings.json", maskedSettings(config)));
  entries.push(entryOf("policy.json", policyFacts(config.options.policy)));
  entries.push(entryOf("certificate.json", await certificateFacts(config)));
  entries.push(entryOf("state.json", stateFacts(config)));
  const metrics = await ownMetrics(config);
  // Empty where nobody answers, which the findings say.
  if (metrics !== undefined && metrics.length > 0) {
    entries.push({
      name: "metrics.txt",
      data: Buffer.from(metrics.map((line) => `${line}\n`).join("")),
    });
  }
  return { entries, own: valuesOf(config, file) };
}

async function settingsOf(io: CliIo, file: string): Promise<SidecarConfig | undefined> {
  const sources = { environment: io.environment, settings: [] };
  return loadSidecarConfig(file, sources).catch(() => undefined);
}
