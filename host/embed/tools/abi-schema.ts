/**
 * Reads host/embed/abi.json, the one source of the binary interface, and refuses one that is not
 * sound: every mistake is named with its row, so that nothing generated from it is ever `undefined`.
 */
import { z } from "zod";

const upper = z.string().regex(/^[A-Z0-9][A-Z0-9_]*$/, "must be in capitals, as MAX_POINTS");
const lower = z.string().regex(/^[a-z][a-z0-9_]*$/, "must be in small letters, as point_step");
/** Docs go into block comments and one-line table cells. */
const sentence = z
  .string()
  .regex(/^[^\n|]+\.$/, "must be a sentence on one line, without |, that ends in a full stop")
  .refine((text) => !text.includes("*/"), "must not end a comment");
/** Phrases go into table cells and C strings. */
const phrase = z
  .string()
  .regex(/^[^"\\\n|]*[^"\\\n|.]$/, "must be a phrase without quotes, | or end");
const u32 = z.int().min(0).max(0xffffffff);
const words = { unit: z.string().optional(), range: z.string().optional() };

const NUMBER_BYTES: Readonly<Record<string, number>> = {
  u8: 1,
  u16: 2,
  u32: 4,
  i32: 4,
  f32: 4,
  u64: 8,
  f64: 8,
};

const schema = z.strictObject({
  version: z.strictObject({ major: u32.max(0xffff), minor: u32.max(0xffff) }),
  profiles: z
    .array(
      z.strictObject({
        name: lower,
        id: u32,
        doc: sentence,
        limits: z.record(upper, u32),
        regions: z.record(upper, u32),
      }),
    )
    .min(1),
  statuses: z.array(
    z.strictObject({
      name: upper.startsWith("E_"),
      value: z.int().max(-1),
      side: z.enum(["core", "c"]),
      text: phrase,
    }),
  ),
  limits: z.array(
    z.strictObject({ name: upper, value: u32.optional(), unit: z.string(), doc: sentence }),
  ),
  regions: z.array(
    z.strictObject({
      name: upper,
      id: u32,
      struct: upper.optional(),
      many: z.literal(true).optional(),
      doc: sentence,
    }),
  ),
  structs: z.array(
    z.strictObject({
      name: upper,
      doc: sentence,
      bytes: u32.min(1),
      wire: z.literal(true).optional(),
      fields: z
        .array(
          z.strictObject({
            name: lower,
            offset: u32,
            type: z.string(),
            count: u32.min(2).optional(),
            ...words,
            doc: sentence,
          }),
        )
        .min(1),
    }),
  ),
  enums: z.array(
    z.strictObject({
      name: upper,
      doc: sentence,
      values: z.array(z.strictObject({ name: upper, value: u32, doc: sentence })).min(1),
    }),
  ),
  exports: z.array(
    z.strictObject({
      name: lower,
      profiles: z.array(lower).min(1),
      params: z.array(
        z.strictObject({ name: lower, type: z.enum(["i32", "u32"]), ...words, doc: sentence }),
      ),
      result: z.strictObject({ type: z.enum(["i32", "u32"]), doc: phrase }),
      doc: sentence,
      errors: z.record(upper, sentence),
    }),
  ),
});

export type Abi = z.infer<typeof schema>;
export type Profile = Abi["profiles"][number];
export type Struct = Abi["structs"][number];
export type Field = Struct["fields"][number];
export type Region = Abi["regions"][number];

/** The profile that Node loads. */
export const HOST_PROFILE = "wide";

/** The struct of this name, which the checks have seen. */
export function structOf(abi: Abi, name: string): Struct {
  return abi.structs.find((struct) => struct.name === name)!;
}

/** Bytes of one element of a field, and what its offset must be a multiple of. */
function elementOf(abi: Abi, type: string): { bytes: number; align: number } | undefined {
  const number = NUMBER_BYTES[type];
  if (number !== undefined) return { bytes: number, align: number };
  const struct = abi.structs.find(({ name }) => name === type);
  return struct && { bytes: struct.bytes, align: alignOf(abi, struct) };
}

/** What the address of a struct must be a multiple of: the most that one of its fields needs. */
export function alignOf(abi: Abi, struct: Struct): number {
  if (struct.wire) return 1;
  return Math.max(...struct.fields.map(({ type }) => elementOf(abi, type)?.align ?? 1));
}

/** First byte behind a field. */
export function endOf(abi: Abi, field: Field): number {
  return field.offset + elementOf(abi, field.type)!.bytes * (field.count ?? 1);
}

/** Bytes of a region under a profile: its own number, or else the struct that it holds. */
export function regionBytes(abi: Abi, profile: Profile, region: Region): number {
  return profile.regions[region.name] ?? structOf(abi, region.struct!).bytes;
}

/** Limits that every profile sets for itself. */
export function profileLimits(abi: Abi): Abi["limits"] {
  return abi.limits.filter(({ value }) => value === undefined);
}

/** Regions whose size every profile sets for itself. */
export function sizedRegions(abi: Abi): Region[] {
  return abi.regions.filter(({ name }) => abi.profiles.some(({ regions }) => name in regions));
}

function repeated(what: string, names: readonly (string | number)[]): string[] {
  const twice = new Set(names.filter((name, i) => names.indexOf(name) !== i));
  return [...twice].map((name) => `${what}: ${name} stands there twice`);
}

function structMistakes(abi: Abi, struct: Struct): string[] {
  const mistakes: string[] = [];
  const align = alignOf(abi, struct);
  let end = 0;
  for (const field of struct.fields) {
    const where = `structs ${struct.name}.${field.name}`;
    const element = field.type === struct.name ? undefined : elementOf(abi, field.type);
    if (element === undefined) {
      mistakes.push(`${where}: type ${field.type} is neither a number nor another struct`);
      continue;
    }
    if (!struct.wire && field.offset % element.align !== 0) {
      mistakes.push(`${where}: offset ${field.offset} is no multiple of ${element.align}`);
    }
    if (field.offset < end) {
      mistakes.push(
        `${where}: offset ${field.offset} lies in the field before, which ends at ${end}`,
      );
    }
    end = endOf(abi, field);
  }
  if (end > struct.bytes)
    mistakes.push(`structs ${struct.name}: fields end at ${end}, beyond bytes`);
  // A gap behind the last field would be as good as a field without a name.
  if (struct.bytes - end >= align && align > 1) {
    mistakes.push(
      `structs ${struct.name}: fields end at ${end}, long before bytes ${struct.bytes}`,
    );
  }
  if (struct.bytes % align !== 0) {
    mistakes.push(`structs ${struct.name}: bytes ${struct.bytes} is no multiple of ${align}`);
  }
  return mistakes;
}

function profileMistakes(abi: Abi, profile: Profile): string[] {
  const limits = profileLimits(abi).map(({ name }) => name);
  const sized = sizedRegions(abi).map(({ name }) => name);
  const where = `profiles ${profile.name}`;
  const missing = (want: readonly string[], has: object, what: string) =>
    want.filter((name) => !(name in has)).map((name) => `${where}: ${what} has no ${name}`);
  const unknown = (want: readonly string[], has: object, what: string) =>
    Object.keys(has)
      .filter((name) => !want.includes(name))
      .map((name) => `${where}: ${what} ${name} is not the name of one that profiles set`);
  const short = abi.regions.flatMap((region) => {
    const struct = region.struct && abi.structs.find(({ name }) => name === region.struct);
    const bytes = profile.regions[region.name];
    if (!struct || bytes === undefined || bytes === 0 || bytes >= struct.bytes) return [];
    return [`${where}: region ${region.name} has ${bytes} bytes, its struct has ${struct.bytes}`];
  });
  return [
    ...missing(limits, profile.limits, "limits"),
    ...unknown(limits, profile.limits, "limit"),
    ...missing(sized, profile.regions, "regions"),
    ...unknown(
      abi.regions.map(({ name }) => name),
      profile.regions,
      "region",
    ),
    ...short,
  ];
}

function referenceMistakes(abi: Abi): string[] {
  const profiles = abi.profiles.map(({ name }) => name);
  const structs = abi.structs.map(({ name }) => name);
  const statuses = abi.statuses.filter(({ side }) => side === "core").map(({ name }) => name);
  const regions = abi.regions.flatMap(({ name, struct, many }) => {
    if (struct !== undefined && !structs.includes(struct)) {
      return [`regions ${name}: there is no struct ${struct}`];
    }
    const sized = abi.profiles.some(({ regions }) => name in regions);
    if (!sized && (struct === undefined || many)) return [`regions ${name}: no profile sizes it`];
    return [];
  });
  const exports = abi.exports.flatMap(({ name, profiles: has, errors }) => [
    ...has
      .filter((profile) => !profiles.includes(profile))
      .map((p) => `exports ${name}: no profile ${p}`),
    ...Object.keys(errors)
      .filter((error) => !statuses.includes(error))
      .map((error) => `exports ${name}: ${error} is no status of the core`),
  ]);
  const host = profiles.includes(HOST_PROFILE) ? [] : [`profiles: there is no ${HOST_PROFILE}`];
  return [...regions, ...exports, ...host];
}

/** Names of the constants that a struct or an enum gives, as `FRAME_POSE`. */
export const constant = (prefix: string, name: string) => `${prefix}_${name.toUpperCase()}`;

function nameMistakes(abi: Abi): string[] {
  const exported = abi.exports.map(({ name }) => name);
  const constants = [
    ...abi.limits.map(({ name }) => name),
    ...abi.statuses.map(({ name }) => name),
    ...abi.regions.map(({ name }) => constant("REGION", name)),
    ...abi.enums.flatMap(({ name, values }) => values.map((value) => constant(name, value.name))),
    ...abi.structs.flatMap(({ name, fields }) => [
      ...fields.map((field) => constant(name, field.name)),
      constant(name, "BYTES"),
    ]),
  ];
  return [
    ...repeated("constants", constants),
    // In C both would be mapveil_name.
    ...abi.structs
      .filter(({ name, wire }) => !wire && exported.includes(name.toLowerCase()))
      .map(({ name }) => `structs ${name}: an export has this name`),
    ...repeated("exports", exported),
    ...repeated(
      "profiles",
      abi.profiles.map(({ name }) => name),
    ),
    ...repeated(
      "ids of profiles",
      abi.profiles.map(({ id }) => id),
    ),
    ...repeated(
      "ids of regions",
      abi.regions.map(({ id }) => id),
    ),
    ...repeated(
      "values of statuses",
      abi.statuses.map(({ value }) => value),
    ),
    ...abi.enums.flatMap(({ name, values }) =>
      repeated(
        `values of enums ${name}`,
        values.map(({ value }) => value),
      ),
    ),
  ];
}

/**
 * The interface, checked in itself.
 * @param text what stands in the file
 * @param file its name, for the message
 * @throws Error that names every row with a mistake
 */
export function parseAbi(text: string, file: string): Abi {
  const read = schema.safeParse(JSON.parse(text), { reportInput: true });
  if (!read.success) {
    const rows = read.error.issues.map(({ path, message }) => `  ${path.join(".")}: ${message}`);
    throw new Error(`${file} is not sound:\n${rows.join("\n")}`);
  }
  const abi = read.data;
  const mistakes = [
    ...nameMistakes(abi),
    ...abi.structs.flatMap((struct) => structMistakes(abi, struct)),
    ...abi.profiles.flatMap((profile) => profileMistakes(abi, profile)),
    ...referenceMistakes(abi),
  ];
  if (mistakes.length > 0) throw new Error(`${file} is not sound:\n  ${mistakes.join("\n  ")}`);
  return abi;
}
