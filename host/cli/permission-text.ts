/** Permissions and the ledger as people and programs read them. */
import type { Permission, PermissionEvent } from "../gen/mapveil/v1/permission_service_pb.ts";
import { Level, Platform } from "../gen/mapveil/v1/types_pb.ts";
import { type Row, table } from "./format.ts";
import { classWord, levelWord, platformWord, purposeWord, timeText, useWord } from "./words.ts";

/** "robot-lidar-upload" for "permissions/robot-lidar-upload". */
export function idOf(name: string): string {
  return name.replace(/^permissions\//, "");
}

/** The resource name of an id; a name stays as it is. */
export function nameOf(id: string): string {
  return `permissions/${idOf(id)}`;
}

/** "on, level frames, until 2027-01-01T00:00:00Z", or "off". */
export function stateText(permission: Permission): string {
  if (!permission.granted) return "off";
  const { level, expireTime } = permission;
  return [
    "on",
    ...(level === Level.UNSPECIFIED ? [] : [`level ${levelWord(level)}`]),
    ...(expireTime === undefined ? [] : [`until ${timeText(expireTime)}`]),
  ].join(", ");
}

/** Those of the robot before those of other devices; else as they come, by name. */
export function robotFirst(permissions: readonly Permission[]): Permission[] {
  const isElsewhere = ({ platform }: Permission) => Number(platform !== Platform.ROBOT);
  return permissions.toSorted((a, b) => isElsewhere(a) - isElsewhere(b));
}

/** One line for each. */
export function listText(permissions: readonly Permission[]): string {
  return table(permissions.map((one): Row => [idOf(one.name), stateText(one)]));
}

function featuresText(permission: Permission): string {
  const { features } = permission;
  if (features.length === 0) return "no feature";
  return features.map(({ title, blocked }) => (blocked ? title : `${title} (partly)`)).join("; ");
}

/** Everything that is known of one. */
export function explainText(permission: Permission): string {
  const { name, platform, dataClass, use, purpose, recipient, updateTime } = permission;
  const { consequence, unaffected, fallback, granted } = permission;
  return table([
    ["permission", idOf(name)],
    [
      "governs",
      `${classWord(dataClass).replaceAll("_", " ")}, ${useWord(use)}, ${platformWord(platform)}`,
    ],
    ["now", stateText(permission)],
    ...(granted ? [["purpose", purposeWord(purpose)] as const] : []),
    ...(granted && recipient !== "" ? [["for key", recipient] as const] : []),
    ["needed by", featuresText(permission)],
    ["without it", consequence],
    ["goes on", unaffected],
    ...(fallback === "" ? [] : [["instead", fallback] as const]),
    ["changed", updateTime === undefined ? "never" : timeText(updateTime)],
  ]);
}

/** A permission as `--json` prints it. */
export function permissionJson(permission: Permission): object {
  const { name, platform, dataClass, use, granted, level, purpose, recipient } = permission;
  const { updateTime, expireTime, etag, features, consequence, unaffected, fallback } = permission;
  return {
    permission: idOf(name),
    platform: platformWord(platform),
    dataClass: classWord(dataClass),
    use: useWord(use),
    granted,
    ...(level !== Level.UNSPECIFIED && { level: levelWord(level) }),
    ...(granted && { purpose: purposeWord(purpose), recipient }),
    ...(updateTime && { updateTime: timeText(updateTime) }),
    ...(expireTime && { expireTime: timeText(expireTime) }),
    etag,
    features: features.map(({ id, title, blocked }) => ({ id, title, blocked })),
    consequence,
    unaffected,
    ...(fallback !== "" && { fallback }),
  };
}

/** What an entry of the ledger says, as far as it can be read. */
function entryOf(event: PermissionEvent): Record<string, unknown> {
  try {
    return JSON.parse(event.entry) as Record<string, unknown>;
  } catch {
    return {};
  }
}

/** One entry as rows: what, when, who, by which act. */
export function eventRow(event: PermissionEvent): Row {
  const entry = entryOf(event);
  const by = entry.decided_by as { role?: unknown; client?: unknown } | undefined;
  const parts = [
    `${entry.action} ${entry.permission}`,
    entry.level === undefined ? "" : `level ${entry.level}`,
    `by ${by?.role} (${by?.client})`,
    `at ${entry.time}`,
    entry.affirmative_act ? JSON.stringify(entry.affirmative_act) : "",
  ];
  return [String(event.epoch), parts.filter((part) => part !== "").join(", ")];
}
