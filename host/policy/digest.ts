/** The digest of a policy, which every sealed artefact carries in the clear. */
import sodium from "libsodium-wrappers";
import { POLICY_BYTES } from "../../assembly/abi.ts";
import { LEVELS, PATH_MODES, PEOPLE_MODES, ROOM_MODES } from "./fields.ts";
import { holdBackMs, type Policy } from "./policy.ts";

await sodium.ready;

const CONTEXT = new TextEncoder().encode("mapveil.policy.v1");
const NOTHING = new Uint8Array(0);

/**
 * What holds at levels plan and map beyond the compiled policy, 32 bytes, little-endian: level u32,
 * people u32, hold_back in milliseconds u32, slice_m f32, plan.cell_m f32, clutter_m f32, rooms u32,
 * path u32. Names have the numbers of fields.ts.
 */
export function gatheredTerms(policy: Policy): Uint8Array {
  const { level, map, plan, path } = policy;
  const terms = new DataView(new ArrayBuffer(32));
  terms.setUint32(0, LEVELS.indexOf(level), true);
  terms.setUint32(4, PEOPLE_MODES[map.people], true);
  terms.setUint32(8, holdBackMs(policy), true);
  terms.setFloat32(12, map.slice_m, true);
  terms.setFloat32(16, plan.cell_m, true);
  terms.setFloat32(20, plan.clutter_m, true);
  terms.setUint32(24, ROOM_MODES[plan.rooms], true);
  terms.setUint32(28, PATH_MODES[path], true);
  return new Uint8Array(terms.buffer);
}

/**
 * BLAKE2b-256 of the context, the fixed part of a compiled policy and, at levels plan and map, their
 * terms; 32 bytes.
 *
 * Boxes, no-go areas and their corners count only by their number. They are places in a home,
 * have few plausible values, and the digest leaves the robot: were they hashed, whoever stores
 * artefacts could try floor plans until the digest fits. So two policies that differ in those
 * coordinates alone have the same digest; the digest tells which rules applied, not where.
 */
export function policyDigest(struct: Uint8Array, terms: Uint8Array = NOTHING): Uint8Array {
  const hashed = new Uint8Array(CONTEXT.length + POLICY_BYTES + terms.length);
  hashed.set(CONTEXT);
  hashed.set(struct.subarray(0, POLICY_BYTES), CONTEXT.length);
  hashed.set(terms, CONTEXT.length + POLICY_BYTES);
  return sodium.crypto_generichash(32, hashed, null);
}
