/** The interface for readers: tables of host/embed/README.md, between markers. */
import { type Abi, constant, profileLimits, regionBytes, sizedRegions } from "./abi-schema.ts";
import { describeRow, typeName } from "./comments.ts";

const code = (text: string | number) => `\`${text}\``;

function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const line = (cells: readonly (string | number)[]) => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

const exact = (value: number) => value.toLocaleString("en");

function exportTable(abi: Abi): string {
  const all = abi.profiles.map(({ name }) => name);
  return table(
    ["export", "gives", "what it does", "refuses with"],
    abi.exports.map(({ name, params, result, doc, errors, profiles }) => [
      code(
        `${name}(${params.map((param) => `${param.name} ${param.type}`).join(", ")}) -> ${result.type}`,
      ),
      result.doc,
      all.every((profile) => profiles.includes(profile))
        ? doc
        : `${doc} In ${profiles.join(" and ")} only.`,
      Object.entries(errors)
        .map(([error, when]) => `${code(error)} ${when}`)
        .join(" ") || "never",
    ]),
  );
}

function profileTable(abi: Abi): string {
  const limits = profileLimits(abi).map(({ name, unit, doc }) => [
    code(name),
    describeRow({ unit, doc }),
    ...abi.profiles.map((profile) => exact(profile.limits[name]!)),
  ]);
  const regions = sizedRegions(abi).map((region) => [
    code(`${region.name}_REGION_BYTES`),
    `Bytes of ${code(`REGION_${region.name}`)}.`,
    ...abi.profiles.map((profile) => exact(regionBytes(abi, profile, region))),
  ]);
  return table(["limit", "what", ...abi.profiles.map(({ name }) => name)], [...limits, ...regions]);
}

function structTables(abi: Abi): string {
  return abi.structs
    .map(({ name, doc, bytes, fields, wire }) => {
      const title = wire
        ? `${name}, ${bytes} bytes in a row`
        : `mapveil_${name.toLowerCase()} (${name}), ${bytes} bytes`;
      const rows = fields.map((field) => [
        field.offset,
        typeName(field),
        code(field.name),
        describeRow(field),
      ]);
      return `**${title}.** ${doc}\n\n${table(["offset", "type", "field", "what"], rows)}`;
    })
    .join("\n\n");
}

function enumTable(abi: Abi): string {
  return table(
    ["constant", "value", "what"],
    abi.enums.flatMap(({ name, doc, values }) => [
      [`**${code(`${name}_*`)}**`, "", doc],
      ...values.map((value) => [code(constant(name, value.name)), value.value, value.doc]),
    ]),
  );
}

function tables(abi: Abi): Readonly<Record<string, string>> {
  return {
    version: `Version ${abi.version.major}.${abi.version.minor}.`,
    exports: exportTable(abi),
    statuses: table(
      ["status", "value", "from", "what"],
      abi.statuses.map(({ name, value, side, text }) => [
        code(name),
        value,
        side === "core" ? "the core" : "the C library",
        text,
      ]),
    ),
    profiles: profileTable(abi),
    limits: table(
      ["limit", "value", "what"],
      abi.limits
        .filter(({ value }) => value !== undefined)
        .map(({ name, value, unit, doc }) => [
          code(name),
          exact(value!),
          describeRow({ unit, doc }),
        ]),
    ),
    regions: table(
      ["region", "id", "holds", "what"],
      abi.regions.map(({ name, id, struct, many, doc }) => [
        code(constant("REGION", name)),
        id,
        struct === undefined ? "bytes" : `${code(struct)}${many ? ", many" : ""}`,
        doc,
      ]),
    ),
    structs: structTables(abi),
    enums: enumTable(abi),
  };
}

/**
 * The page with every table renewed.
 * @throws Error if the page lacks the markers of a table, `<!-- abi:NAME -->` and `<!-- /abi:NAME -->`
 */
export function writeTables(abi: Abi, page: string): string {
  return Object.entries(tables(abi)).reduce((text, [name, rows]) => {
    const [before, after, ...more] = text.split(
      new RegExp(`(?<=<!-- abi:${name} -->\n)[^]*?(?=<!-- /abi:${name} -->)`),
    );
    if (after === undefined || more.length > 0) {
      throw new Error(`README.md must have the markers of abi:${name} exactly once`);
    }
    return `${before}\n${rows}\n\n${after}`;
  }, page);
}
