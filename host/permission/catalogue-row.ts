/** What the catalogue says of a permission, and the words in which its rows are written. */
import type { FeatureId } from "./features.ts";
import type { DataClass, Localised, Platform, Use } from "./vocabulary.ts";

/** What stands in for a permission that is off. */
export interface Fallback {
  readonly text: Localised;
  /** Value to use instead, where there is one. */
  readonly value?: string;
}

/** One use of one data class, on every platform where switching it off means the same. */
export interface CatalogueRow {
  readonly platforms: readonly Platform[];
  readonly dataClass: DataClass;
  readonly use: Use;
  /** Features that stop without it. */
  readonly blocked: readonly FeatureId[];
  /** Features that work in a lesser way without it: by its fallback. */
  readonly degraded?: readonly FeatureId[];
  /** What switching it off means. */
  readonly consequence: Localised;
  /** What goes on working without it. */
  readonly unaffected: Localised;
  readonly fallback?: Fallback;
}

export const ROBOT: readonly Platform[] = ["robot"];
export const ANDROID: readonly Platform[] = ["android"];
export const IOS: readonly Platform[] = ["ios"];
export const APPS: readonly Platform[] = ["android", "ios"];
export const EVERYWHERE: readonly Platform[] = ["robot", "android", "ios"];

/** A text in both languages. */
export const text = (en: string, zh: string): Localised => ({ en, zh });

export const OTHER_APP_FUNCTIONS = text(
  "All other functions of the app, and the robot.",
  "应用的其他所有功能以及机器人本身均不受影响。",
);
export const OTHER_ROBOT_FUNCTIONS = text(
  "All other functions of the robot.",
  "机器人的其他所有功能均不受影响。",
);
