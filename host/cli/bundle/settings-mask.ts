/** Settings as a stranger may see them: numbers, switches and choices; of all else the kind alone. */
import { keysOf } from "../../config/keys.ts";
import { PURPOSES } from "../../permission/vocabulary.ts";
import { type SidecarConfig, sidecarSchema } from "../../sidecar/config.ts";

const CHOICES = new Set<unknown>([
  "off",
  "none",
  "unlimited",
  "debug",
  "info",
  "warn",
  "error",
  ...PURPOSES,
]);

/** What a text of this key is, where it is no choice. */
const KINDS: Readonly<Record<string, string>> = {
  state_dir: "path",
  socket: "path",
  policy: "path",
  recipient: "key",
  "uplink.address": "host:port",
  "uplink.ca": "path",
  "uplink.certificate": "path",
  "uplink.key": "path",
  "uplink.server_name": "host",
  "metrics.listen": "address",
};

/** A value as it may be shown. */
function shown(key: string, value: unknown): unknown {
  if (value === undefined) return "unset";
  if (typeof value === "number") return Number.isFinite(value) ? value : "unlimited";
  if (typeof value === "boolean" || CHOICES.has(value)) return value;
  if (Array.isArray(value)) return `list of ${value.length}`;
  return `[${KINDS[key] ?? "text"}]`;
}

/** The value under a dotted key. */
function valueAt(values: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (value, key) => (value as Record<string, unknown> | undefined)?.[key],
    values,
  );
}

/** Every key of the settings with what may be shown of its value; durations are milliseconds, sizes bytes. */
export function maskedSettings({ values, options }: SidecarConfig): Record<string, unknown> {
  const settings = keysOf(sidecarSchema).map(({ path }) => {
    const key = path.join(".");
    return [key, shown(key, valueAt(values, path))] as const;
  });
  const roles: Record<string, number> = {};
  for (const { role } of options.clients) roles[role] = (roles[role] ?? 0) + 1;
  return { ...Object.fromEntries(settings), clients: roles };
}
