/**
 * What was promised: host/embed/published.json holds the rows of every published version, as they
 * came. A row that was published stays as it is until the major version changes, and no row comes
 * after its minor version was published.
 */
import { type Abi, constant, type Struct, sizedRegions } from "./abi-schema.ts";
import { typeName } from "./comments.ts";

/** Rows by the version in which they came, as { "1.0": { "E_ARG": "-1" } }. */
export type Published = Readonly<Record<string, Readonly<Record<string, string>>>>;

/**
 * Structs that may grow at their end: each is alone in a region of its size. Nothing stands behind
 * them, hosts that do not know the new fields leave them zero.
 */
function mayGrow(abi: Abi, { name, wire }: Struct): boolean {
  const sized = sizedRegions(abi);
  const alone = abi.regions.some((region) => region.struct === name && !sized.includes(region));
  return alone && !wire;
}

/** Everything that a host may build on, by name. Sizes of regions are not: hosts ask for them. */
export function rowsOf(abi: Abi): Record<string, string> {
  const rows: [string, string | number][] = [
    ...abi.statuses.map(({ name, value }) => [name, value] as [string, number]),
    ...abi.limits.flatMap(({ name, value }) => (value === undefined ? [] : [[name, value]])),
    ...abi.regions.map(({ name, id }) => [constant("REGION", name), id] as [string, number]),
    ...abi.enums.flatMap(({ name, values }) =>
      values.map((value) => [constant(name, value.name), value.value] as [string, number]),
    ),
    ...abi.structs.flatMap(({ name, fields }) =>
      fields.map((field) => [constant(name, field.name), `${field.offset} ${typeName(field)}`]),
    ),
    ...abi.structs
      .filter((struct) => !mayGrow(abi, struct))
      .map(({ name, bytes }) => [constant(name, "BYTES"), bytes]),
    ...abi.profiles.flatMap(({ name, limits }) =>
      Object.entries(limits).map(([limit, value]) => [`${name} ${limit}`, value]),
    ),
    ...abi.exports.flatMap(({ name, profiles, params, result }) =>
      profiles.map((profile) => [
        `${profile} ${name}()`,
        `(${params.map(({ type }) => type).join(", ")}) -> ${result.type}`,
      ]),
    ),
  ] as [string, string | number][];
  return Object.fromEntries(rows.map(([name, value]) => [name, String(value)]));
}

/** What breaks a promise, a sentence each; empty if nothing does. */
export function brokenPromises(abi: Abi, published: Published): string[] {
  const { major, minor } = abi.version;
  const version = `${major}.${minor}`;
  const rows = rowsOf(abi);
  const versions = Object.keys(published).filter((of) => of.split(".")[0] === String(major));
  const newest = Math.max(-1, ...versions.map((of) => Number(of.split(".")[1])));
  const promised = Object.assign({}, ...versions.map((of) => published[of])) as typeof rows;
  const broken = Object.entries(promised)
    .filter(([name, value]) => rows[name] !== value)
    .map(([name, value]) => {
      const now = rows[name] === undefined ? "is gone" : `is ${rows[name]}`;
      return `${name} was published as ${value} and ${now}: that takes major version ${major + 1}.`;
    });
  if (newest > minor)
    broken.push(`Version ${version} comes after ${major}.${newest}, which is published.`);
  if (newest === minor) {
    const late = Object.keys(rows).filter((name) => !(name in promised));
    broken.push(
      ...late.map(
        (name) => `${name} is new, but ${version} is published: raise the minor version.`,
      ),
    );
  }
  return broken;
}

/** With the rows that are new in this version; the same again if it is published already. */
export function publish(abi: Abi, published: Published): Published {
  const version = `${abi.version.major}.${abi.version.minor}`;
  const known = new Set(
    Object.entries(published)
      .filter(([of]) => of.split(".")[0] === String(abi.version.major))
      .flatMap(([, rows]) => Object.keys(rows)),
  );
  const fresh = Object.entries(rowsOf(abi)).filter(([name]) => !known.has(name));
  return { ...published, [version]: { ...published[version], ...Object.fromEntries(fresh) } };
}
