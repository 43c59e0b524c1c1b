/** Every key of a schema with its default and meaning, for overrides and documentation. */
import type { z } from "zod";

export interface Key {
  readonly path: readonly string[];
  /** One value that variables and options can override; otherwise a list. */
  readonly isScalar: boolean;
  readonly isNumber: boolean;
  /** The default as a file says it; undefined if there is none. */
  readonly defaultText: string | undefined;
  /** Whether a file without it is refused. */
  readonly isRequired: boolean;
  /** The section above it that may be left out as a whole. */
  readonly optionalSection?: string;
  readonly description: string;
}

/** What the wrappers of a field say, and the field itself. */
interface Unwrapped {
  readonly inner: z.core.$ZodType;
  readonly fallback: unknown;
  readonly isOptional: boolean;
  readonly description: string;
}

/** The parts of zod's definitions that are read here. */
type Definition = z.core.$ZodTypeDef & {
  readonly innerType?: z.core.$ZodType;
  readonly in?: z.core.$ZodType;
  readonly defaultValue?: unknown;
  readonly shape?: Readonly<Record<string, z.core.$ZodType>>;
  readonly values?: readonly unknown[];
};

const definitionOf = (schema: z.core.$ZodType) => schema._zod.def as Definition;

function unwrap(schema: z.core.$ZodType): Unwrapped {
  let inner = schema;
  let fallback: unknown;
  let isOptional = false;
  let description = "";
  for (;;) {
    description ||= (inner as z.ZodType).description ?? "";
    const definition = definitionOf(inner);
    const next = definition.innerType ?? definition.in;
    if (next === undefined) return { inner, fallback, isOptional, description };
    if (definition.type === "optional") isOptional = true;
    fallback ??= definition.defaultValue;
    inner = next;
  }
}

function textOf(value: unknown): string | undefined {
  if (value === undefined) return undefined;
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** Every key below a schema, sections opened, in the order of the schema. */
export function keysOf(schema: z.core.$ZodType): Key[] {
  return keysBelow(schema, [], undefined);
}

function keysBelow(
  schema: z.core.$ZodType,
  path: readonly string[],
  section: string | undefined,
): Key[] {
  const { inner, fallback, isOptional, description } = unwrap(schema);
  const { type, shape, values } = definitionOf(inner);
  if (shape !== undefined) {
    const above = isOptional ? path.join(".") : section;
    return Object.entries(shape).flatMap(([name, field]) =>
      keysBelow(field, [...path, name], above),
    );
  }
  return [
    {
      path,
      isScalar: type !== "array",
      isNumber: type === "number" || typeof values?.[0] === "number",
      defaultText: textOf(fallback),
      isRequired: fallback === undefined && !isOptional,
      ...(section !== undefined && { optionalSection: section }),
      description,
    },
  ];
}
