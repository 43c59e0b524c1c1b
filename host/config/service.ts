/** Settings that every service has: what it tells, and how long it may take to stop. */
import { dirname, resolve } from "node:path";
import type { z } from "zod";
import { parseHostPort } from "./address.ts";
import { type Environment, overridesOfEnvironment, overridesOfOptions } from "./environment.ts";
import { parseSettings, type SettingsKind } from "./parse-settings.ts";
import { readText } from "./read-text.ts";
import { duration, parsedText } from "./scalars.ts";
import { oneOf, section } from "./schema.ts";

/** Where metrics are served, as http.Server.listen takes it. */
export type MetricsAddress =
  | { readonly host: string; readonly port: number }
  | { readonly path: string };

/** What the process around a service needs to know. */
export interface ServiceSettings {
  /** Absent: no metrics are served. A relative path starts at the folder of the file. */
  readonly metrics?: MetricsAddress;
  readonly logLevel: "debug" | "info" | "warn" | "error";
  /** Milliseconds from the signal to stop until the process ends whatever still runs. */
  readonly stopTimeoutMs: number;
}

function parseMetricsAddress(text: string): MetricsAddress | "none" | null {
  if (text === "none") return text;
  const path = /^unix:(.{1,100})$/.exec(text)?.[1];
  return path === undefined ? parseHostPort(text) : { path };
}

/** The keys of ServiceSettings in a schema. */
export const serviceKeys = {
  metrics: section({
    listen: parsedText(
      parseMetricsAddress,
      "none, host:port such as 127.0.0.1:9464, or unix: and a path",
    )
      .prefault("none")
      .describe(
        "Where /metrics, /livez and /readyz are served over HTTP: none, host:port or unix:PATH.",
      ),
  }).prefault({}),
  log: section({
    level: oneOf(["debug", "info", "warn", "error"])
      .default("info")
      .describe("Least important lines that are logged: debug, info, warn or error."),
  }).prefault({}),
  stop_timeout: duration("1s", "10m")
    .prefault("10s")
    .describe("How long a stop may take before the process ends whatever still runs."),
};

/** The values of `serviceKeys`. */
interface ServiceValues {
  readonly metrics: { readonly listen: MetricsAddress | "none" };
  readonly log: { readonly level: ServiceSettings["logLevel"] };
  readonly stop_timeout: number;
}

/** The settings out of the values; `at` makes a path of the file absolute. */
export function serviceSettings(
  values: ServiceValues,
  at: (path: string) => string,
): ServiceSettings {
  const { listen } = values.metrics;
  const metrics =
    typeof listen === "object" && "path" in listen ? { path: at(listen.path) } : listen;
  return {
    ...(metrics !== "none" && { metrics }),
    logLevel: values.log.level,
    stopTimeoutMs: values.stop_timeout,
  };
}

/** What lies over the values of a file. */
export interface ConfigSources {
  readonly environment: Environment;
  /** `key=value` texts of the command line; they win over the environment. */
  readonly settings: readonly string[];
}

interface LoadedConfig<T> {
  readonly value: T;
  /** Makes a path of the file absolute: relative ones start at the folder of the file. */
  readonly at: (path: string) => string;
}

/** A kind of file with the prefix of the variables that override it. */
export interface ServiceKind<S extends z.ZodType> extends SettingsKind<S> {
  /** Such as "MAPVEIL_SIDECAR_". The variable that ends in CONFIG names the file itself. */
  readonly prefix: string;
}

/**
 * Reads the file at `path` and lays variables and options over it.
 * Throws IO if it cannot be read, CONFIG with every fault, USAGE for an unknown option.
 */
export async function loadConfig<S extends z.ZodType>(
  kind: ServiceKind<S>,
  path: string,
  sources: ConfigSources,
): Promise<LoadedConfig<z.output<S>>> {
  const { schema, prefix } = kind;
  const overrides = [
    ...overridesOfEnvironment(schema, prefix, sources.environment, [`${prefix}CONFIG`]),
    ...overridesOfOptions(schema, sources.settings),
  ];
  const text = await readText(path, kind.bytesMax, kind.root);
  const folder = dirname(resolve(path));
  const { value } = parseSettings(kind, text, path, overrides);
  return { value, at: (relative) => resolve(folder, relative) };
}
