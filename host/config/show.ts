/**
 * A value as an error message shows it: by its kind. What stands in settings may be a key pasted into the
 * wrong place, a corner of somebody's home or the name of a child's room; line and column lead there.
 */

export function show(value: unknown): string {
  if (value === undefined) return "missing";
  if (value === null) return "empty";
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === "object") return "a mapping";
  if (typeof value === "string") return `a text of length ${value.length}`;
  return Number.isFinite(value) ? "a number" : String(value);
}
