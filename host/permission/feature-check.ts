/** Whether a feature may run, in full or in a lesser way. */
import { CATALOGUE, findFeature } from "./catalogue.ts";
import type { GateState } from "./gate.ts";
import { refuseDamaged, refuseStanding } from "./refusals.ts";
import type { FeatureCheck } from "./types.ts";
import type { Localised, Platform } from "./vocabulary.ts";

function joined(texts: readonly Localised[]): Localised | undefined {
  if (texts.length === 0) return undefined;
  const distinct = [...new Map(texts.map((text) => [text.en, text])).values()];
  return {
    en: distinct.map(({ en }) => en).join(" "),
    zh: distinct.map(({ zh }) => zh).join(""),
  };
}

/** Throws FEATURE_UNKNOWN if the platform has no feature of this id. */
export function checkFeature(state: GateState, platform: Platform, id: string): FeatureCheck {
  const feature = findFeature(platform, id);
  const { epoch } = state;
  const permissions = [...CATALOGUE.values()].filter((one) => one.platform === platform);
  const needed = permissions.filter(({ blocked }) => blocked.includes(feature));
  const useful = permissions.filter(({ degraded }) => degraded.includes(feature));
  if (state.isDamaged && needed.length > 0) {
    return { allowed: false, epoch, refusal: refuseDamaged(needed[0]!.id, [feature]) };
  }
  for (const permission of needed) {
    const { kind } = state.standingOf(permission.id);
    if (kind === "on") continue;
    const would = { level: "frames", purpose: state.purpose } as const;
    return { allowed: false, epoch, refusal: refuseStanding(permission, kind, [feature], would) };
  }
  const fallbacks = useful
    .filter(({ id }) => state.isDamaged || state.standingOf(id).kind !== "on")
    .flatMap(({ fallback }) => fallback ?? []);
  return {
    allowed: true,
    epoch,
    degraded: fallbacks.length > 0,
    fallback: joined(fallbacks.map(({ text }) => text)),
    fallbackValue: fallbacks.find(({ value }) => value !== undefined)?.value,
  };
}
