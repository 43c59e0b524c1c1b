/**
 * The catalogue: every permission that exists, by platform, data class and use. What is not in it
 * cannot be granted. Permissions may be added; one that is in somebody's ledger never goes away.
 */
import { suggest } from "../config/suggest.ts";
import { DEVICE_ROWS } from "./catalogue-device.ts";
import { IDENTITY_ROWS } from "./catalogue-identity.ts";
import { MAP_ROWS } from "./catalogue-maps.ts";
import { MEDIA_ROWS } from "./catalogue-media.ts";
import type { CatalogueRow, Fallback } from "./catalogue-row.ts";
import { FEATURE_IDS, FEATURES, type FeatureId } from "./features.ts";
import { PermissionError } from "./permission-error.ts";
import {
  type DataClass,
  LEVELLED_CLASSES,
  type Localised,
  type PermissionId,
  type Platform,
  type Use,
} from "./vocabulary.ts";

/** A permission as the catalogue describes it. */
export interface CataloguedPermission {
  readonly id: PermissionId;
  readonly platform: Platform;
  readonly dataClass: DataClass;
  readonly use: Use;
  /** Whether it is granted up to a level rather than on or off. */
  readonly hasLevel: boolean;
  /** Features that stop without it. */
  readonly blocked: readonly FeatureId[];
  /** Features that work in a lesser way without it. */
  readonly degraded: readonly FeatureId[];
  readonly consequence: Localised;
  readonly unaffected: Localised;
  readonly fallback: Fallback | undefined;
}

const ROWS: readonly CatalogueRow[] = [
  ...MAP_ROWS,
  ...MEDIA_ROWS,
  ...IDENTITY_ROWS,
  ...DEVICE_ROWS,
];

/** What leaves the device is read on it first: who needs the upload needs the use before it. */
function needing(row: CatalogueRow, platform: Platform, effect: "blocked" | "degraded") {
  const uploads =
    row.use === "upload"
      ? []
      : ROWS.filter(({ use }) => use === "upload").filter(
          ({ dataClass, platforms }) => dataClass === row.dataClass && platforms.includes(platform),
        );
  return new Set([row, ...uploads].flatMap((needed) => needed[effect] ?? []));
}

function catalogued(row: CatalogueRow, platform: Platform): CataloguedPermission {
  const blocked = needing(row, platform, "blocked");
  const degraded = needing(row, platform, "degraded");
  return {
    id: `${platform}-${row.dataClass}-${row.use}`,
    platform,
    dataClass: row.dataClass,
    use: row.use,
    hasLevel:
      row.use === "upload" && (LEVELLED_CLASSES as readonly string[]).includes(row.dataClass),
    blocked: [...blocked],
    degraded: [...degraded].filter((feature) => !blocked.has(feature)),
    consequence: row.consequence,
    unaffected: row.unaffected,
    fallback: row.fallback,
  };
}

/** Every permission, by id in the order of the alphabet. */
export const CATALOGUE: ReadonlyMap<string, CataloguedPermission> = new Map(
  ROWS.flatMap((row) => row.platforms.map((platform) => catalogued(row, platform)))
    .sort((a, b) => (a.id < b.id ? -1 : 1))
    .map((permission) => [permission.id, permission]),
);

function didYouMean(word: string, known: Iterable<string>): string {
  const names = new Map([...known].map((name) => [name.replaceAll("-", "_"), name]));
  const near = suggest(word, [...names.keys()]);
  return near === null ? "" : ` Did you mean ${names.get(near)}?`;
}

/** The permission of an id. Throws PERMISSION_UNKNOWN, with a suggestion where one is near. */
export function findPermission(id: string): CataloguedPermission {
  const found = CATALOGUE.get(id);
  if (found !== undefined) return found;
  const message = `There is no permission of this name.${didYouMean(id, CATALOGUE.keys())}`;
  throw new PermissionError("PERMISSION_UNKNOWN", message, "name");
}

/** A feature of a platform. Throws FEATURE_UNKNOWN if that platform has none of this id. */
export function findFeature(platform: Platform, id: string): FeatureId {
  const known = FEATURE_IDS.filter((feature) =>
    (FEATURES[feature].platforms as readonly Platform[]).includes(platform),
  );
  const found = known.find((feature) => feature === id);
  if (found !== undefined) return found;
  const message = `The platform ${platform} has no feature of this name.${didYouMean(id, known)}`;
  throw new PermissionError("FEATURE_UNKNOWN", message, "feature");
}
