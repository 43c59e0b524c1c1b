/** The interface as constants: assembly/abi.ts for core and hosts, assembly/profile.ts for the core. */
import {
  type Abi,
  constant,
  HOST_PROFILE,
  profileLimits,
  regionBytes,
  sizedRegions,
} from "./abi-schema.ts";
import { asSentence, comment, describeRow, fieldDoc, GENERATED } from "./comments.ts";

const rule = (title: string) => `\n// --- ${title}\n`;

const number = (name: string, value: number, doc?: string) =>
  `${doc === undefined ? "" : `${comment(doc)}\n`}export const ${name} = ${value};`;

const PAGE = `/**
 * The binary interface of the core: every number that the core and its hosts share.
 *
 * ${GENERATED}
 * It is compiled twice, by AssemblyScript into the module and by TypeScript into the host, so that
 * neither can drift from the other. All structs are little-endian; offsets and sizes are in bytes.
 * What a profile sets for itself stands here as the Node host's profile has it; the core takes it
 * from profile.ts.
 */`;

function limitRows(abi: Abi): string[] {
  const host = abi.profiles.find(({ name }) => name === HOST_PROFILE)!;
  return abi.limits.map(({ name, value, unit, doc }) => {
    const range = value === undefined ? `profile ${host.name}` : undefined;
    return number(name, value ?? host.limits[name]!, describeRow({ unit, doc, range }));
  });
}

function statusRows(abi: Abi): string[] {
  const ours = abi.statuses.filter(({ side }) => side === "core");
  return ours.map(({ name, value, text }) => number(name, value, asSentence(text)));
}

/** assembly/abi.ts: plain integer constants, compiled by AssemblyScript and by TypeScript. */
export function writeConstants(abi: Abi): string {
  const { major, minor } = abi.version;
  const versions = "Major changes break hosts; minor ones only add.";
  return [
    PAGE,
    rule("version"),
    number("ABI_MAJOR", major, `${versions} \`abi_version()\` = major << 16 | minor.`),
    number("ABI_MINOR", minor),
    rule("status codes: exports return a count of 0 or more, or one of these"),
    ...statusRows(abi),
    rule("limits"),
    ...limitRows(abi),
    rule("regions: `region_ptr(id)` and `region_bytes(id)`"),
    ...abi.regions.map(({ name, id, doc }) => number(constant("REGION", name), id, doc)),
    ...abi.structs.flatMap(({ name, doc, bytes, fields }) => [
      rule(`struct ${name}`),
      number(constant(name, "BYTES"), bytes, doc),
      ...fields.map((field) => number(constant(name, field.name), field.offset, fieldDoc(field))),
    ]),
    ...abi.enums.flatMap(({ name, doc, values }) => [
      rule(`${name}_*: ${doc.slice(0, -1)}`),
      ...values.map((value) => number(constant(name, value.name), value.value, value.doc)),
    ]),
    "",
  ].join("\n");
}

/** assembly/profile.ts: what a profile sets for itself, chosen by the compiler's `--use PROFILE=id`. */
export function writeProfile(abi: Abi): string {
  const chosen = (values: readonly number[]) => {
    const last = values.at(-1)!;
    const choices = abi.profiles.map(({ id }, i) => [id, values[i]!] as const);
    // Profiles at the end that have what the last one has need no choice.
    while (choices.at(-1)?.[1] === last) choices.pop();
    return [...choices.map(([id, value]) => `PROFILE == ${id} ? ${value} : `), last].join("");
  };
  const row = (name: string, doc: string, values: readonly number[]) =>
    `${comment(doc)}\nexport const ${name}: u32 = ${chosen(values)};`;
  const names = abi.profiles.map(({ id, name }) => `${id} ${name}`).join(", ");
  return [
    comment([
      `Limits and region sizes of the profile that is built, PROFILE = ${names}.`,
      "",
      GENERATED,
    ]),
    ...profileLimits(abi).map(({ name, unit, doc }) =>
      row(
        name,
        describeRow({ unit, doc }),
        abi.profiles.map(({ limits }) => limits[name]!),
      ),
    ),
    ...sizedRegions(abi).map((region) =>
      row(
        `${region.name}_REGION_BYTES`,
        `Bytes of REGION_${region.name}.`,
        abi.profiles.map((profile) => regionBytes(abi, profile, region)),
      ),
    ),
    "",
  ].join("\n");
}
