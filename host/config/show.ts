/** A value as an error message shows it. */

/** The value in at most about 40 characters; lists and mappings by kind only. */
export function show(value: unknown): string {
  if (value === undefined) return "missing";
  if (value === null) return "empty";
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === "object") return "a mapping";
  if (typeof value !== "string") return String(value);
  const quoted = JSON.stringify(value);
  return quoted.length <= 40 ? quoted : `${quoted.slice(0, 36)}..."`;
}
