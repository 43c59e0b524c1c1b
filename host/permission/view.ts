/** A permission as people see it. */
import type { CataloguedPermission } from "./catalogue.ts";
import { FEATURES, type FeatureId } from "./features.ts";
import type { LedgerEntry } from "./ledger-entry.ts";
import { parseTime } from "./texts.ts";
import type { FeatureView, PermissionView } from "./types.ts";

const featureView = (id: FeatureId, blocked: boolean): FeatureView => ({
  id,
  title: FEATURES[id].title,
  blocked,
});

/**
 * The permission after `last`, the last entry on it. `holds` is whether its grant counts: a grant
 * that is over looks like none, and has an etag of its own.
 */
export function viewOf(
  permission: CataloguedPermission,
  last: LedgerEntry | undefined,
  holds: boolean,
): PermissionView {
  const { id, platform, dataClass, use, consequence, unaffected, fallback } = permission;
  const isGrant = last?.action === "grant";
  const grant = isGrant && holds ? last : undefined;
  return {
    id,
    platform,
    dataClass,
    use,
    granted: grant !== undefined,
    level: grant?.level,
    purpose: grant?.purpose,
    recipient: grant?.recipient,
    expireTimeMs: grant?.expire_time === undefined ? undefined : parseTime(grant.expire_time),
    updateTimeMs: last === undefined ? undefined : parseTime(last.time),
    etag: `${last?.epoch ?? 0}${isGrant && !holds ? "-over" : ""}`,
    features: [
      ...permission.blocked.map((feature) => featureView(feature, true)),
      ...permission.degraded.map((feature) => featureView(feature, false)),
    ],
    consequence,
    unaffected,
    fallback: fallback?.text,
  };
}
