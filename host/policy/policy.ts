/** A policy in memory: the content of its file with every default filled in. */
import type { z } from "zod";
import { parseDuration } from "../config/index.ts";
import type { policySchema } from "./schema.ts";

type DeepReadonly<T> = T extends object ? { readonly [K in keyof T]: DeepReadonly<T[K]> } : T;

/** Names and units are those of the file, so that there is one vocabulary for users and code. */
export type PolicyContent = DeepReadonly<z.output<typeof policySchema>>;

export interface Policy extends PolicyContent {
  /** Where the policy comes from, for messages. */
  readonly source: PolicySource;
}

export interface PolicySource {
  /** Path of the file, or a description of where the text came from. */
  readonly file: string;
  /** Line of `level`, from 1; absent if the file does not name it. */
  readonly level_line?: number;
}

export type Box = PolicyContent["crop"]["boxes"][number];
export type Area = PolicyContent["no_go"]["areas"][number];

/** Bits of a centroid inside its cube where the file does not say. */
const CENTROID_BITS_DEFAULT = 3;

/** Bits of the centroid an axis, 0 with `point: centre`. */
export function centroidBits(policy: PolicyContent): number {
  if (policy.point === "centre") return 0;
  return policy.centroid_bits ?? CENTROID_BITS_DEFAULT;
}

/** Milliseconds that a scan must have been over before anything of it leaves in a map. */
export function holdBackMs(policy: PolicyContent): number {
  return parseDuration(policy.map.hold_back) ?? 0;
}

/** Edge of the cubes of a map, metres: never finer than those of frames. */
export function mapLeafM(policy: PolicyContent): number {
  return Math.max(policy.map.leaf_m, policy.leaf_m);
}

/** Edge of the squares of a plan that is made of a map, metres: never finer than the map. */
export function planCellM(policy: PolicyContent): number {
  return Math.max(policy.plan.cell_m, mapLeafM(policy));
}
