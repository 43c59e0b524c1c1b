/** The JSON Schema (2020-12) of a kind of file, for editors and CI. */
import { z } from "zod";

/** The schema as JSON, under a title. */
export function jsonSchema(title: string, schema: z.ZodType): Record<string, unknown> {
  return { title, ...z.toJSONSchema(schema, { io: "input" }) };
}
