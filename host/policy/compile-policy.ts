/** From a policy to what the core and the sealed artefact need of it. */
import { POLICY_BYTES } from "../../assembly/abi.ts";
import { MapveilError } from "../core/errors.ts";
import { gatheredTerms, policyDigest } from "./digest.ts";
import { ATTRIBUTES, isGathered, type Level, STRING_NAMES } from "./fields.ts";
import { mapLeafM, type Policy } from "./policy.ts";
import { heightBounds, policyStruct } from "./policy-struct.ts";
import { firstClassBytes } from "./size-classes.ts";

/** A policy as the core and the sealed artefact need it. */
export interface CompiledPolicy {
  readonly level: Level;
  /**
   * The POLICY struct, then boxes, areas and vertices: for single frames at levels frames and full, for
   * the scans of a 3D lidar at plan and map. All zero for level nothing: a voxel of 0 m is out of
   * range, so the core refuses it even where the host forgot to.
   */
  readonly bytes: Uint8Array;
  /** 32 bytes; says which rules applied, not where the boxes and areas are (digest.ts). */
  readonly digest: Uint8Array;
  /** What the allow-list lets pass: "attributes.intensity", "strings.label", "time", "pose". */
  readonly kept: readonly string[];
}

/** Names of everything that the allow-list of a policy lets pass, in a fixed order. */
export function keptNames(policy: Policy): string[] {
  if (policy.level === "nothing") return [];
  const kept: string[] = [];
  for (const name of ATTRIBUTES) {
    if (policy.keep.attributes[name] !== undefined) kept.push(`attributes.${name}`);
  }
  for (const name of STRING_NAMES) {
    if (policy.keep.strings.includes(name)) kept.push(`strings.${name}`);
  }
  if (policy.time !== "drop") kept.push("time");
  if (policy.pose !== "drop") kept.push("pose");
  return kept;
}

/**
 * The POLICY struct for the scans of a map, which loses nothing later that this does not crop.
 * @param policy at level plan or map
 * @param flat the lidar measures in one plane, so that level plan takes all heights of it
 * @throws MapveilError CONFIG where nothing is higher than map.slice_m and lower than crop.height_m
 */
export function compileScans(policy: Policy, flat: boolean): Uint8Array {
  const { crop, map, level, source } = policy;
  const isSliced = map.people === "slice" || (level === "plan" && !flat);
  const [low, high] = heightBounds(crop.height_m);
  if (isSliced && map.slice_m >= high) {
    const message =
      `${source.file} map.slice_m: is ${map.slice_m}, but crop.height_m ends at ${high}: ` +
      `nothing would be left of a ${level}. Lower map.slice_m, or raise the crop`;
    throw new MapveilError("CONFIG", message, { file: source.file, field: "map.slice_m" });
  }
  const height_m: readonly [number, number] = [isSliced ? Math.max(low, map.slice_m) : low, high];
  const leaf_m = mapLeafM(policy);
  const firstClass = firstClassBytes(flat ? "flat map" : "map", leaf_m);
  return policyStruct({ ...policy, leaf_m, crop: { ...crop, height_m } }, firstClass);
}

/**
 * The POLICY struct for cells that were reduced already, those of a plan or a path: nothing is cropped.
 * The tile counts them from the lowest.
 * @param cellM edge of a cell in metres, LEAF_MIN_MM to LEAF_MAX_MM
 */
export function compileCells(policy: Policy, cellM: number, kind: "grid" | "path"): Uint8Array {
  const plain: Policy = {
    ...policy,
    level: "frames",
    leaf_m: cellM,
    point: "centre",
    pose: "drop",
    time: "drop",
    crop: { boxes: [] },
    no_go: { dilate_m: 0, areas: [] },
    keep: { ...policy.keep, attributes: {} },
  };
  return policyStruct(plain, firstClassBytes(kind, cellM));
}

/**
 * The bytes, digest and names of a policy. Level nothing compiles; assertFramesMayLeave refuses it.
 * @throws MapveilError CONFIG for a plan or map of which nothing would be left
 */
export function compilePolicy(policy: Policy): CompiledPolicy {
  const { level } = policy;
  const kept = keptNames(policy);
  if (level === "nothing") {
    const bytes = new Uint8Array(POLICY_BYTES);
    return { level, bytes, digest: policyDigest(bytes), kept };
  }
  if (isGathered(level)) {
    const bytes = compileScans(policy, false);
    return { level, bytes, digest: policyDigest(bytes, gatheredTerms(policy)), kept };
  }
  const bytes = policyStruct(policy);
  return { level, bytes, digest: policyDigest(bytes), kept };
}

/**
 * Throws REFUSED if the policy lets no single frame leave, as at levels nothing, plan and map. To be
 * called before a frame is sanitised.
 */
export function assertFramesMayLeave(policy: CompiledPolicy): void {
  const { level } = policy;
  if (level === "frames" || level === "full") return;
  const message =
    level === "nothing"
      ? "The policy says level: nothing, so no frame leaves this robot. " +
        "Local use goes on; set level: frames to let downsampled frames out."
      : `At level ${level} no single frame leaves, only what is gathered from many. ` +
        "Add the frames to a map, or set level: frames to let downsampled frames out.";
  throw new MapveilError("REFUSED", message, { field: "level", reason: "POLICY_LEVEL" });
}
