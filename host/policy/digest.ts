/** The digest of a policy, which every sealed artefact carries in the clear. */
import sodium from "libsodium-wrappers";
import { POLICY_BYTES } from "../../assembly/abi.ts";

await sodium.ready;

const CONTEXT = new TextEncoder().encode("mapveil.policy.v1");

/**
 * BLAKE2b-256 of the context and the fixed part of a compiled policy, 32 bytes.
 *
 * Boxes, no-go areas and their corners count only by their number. They are places in a home,
 * have few plausible values, and the digest leaves the robot: were they hashed, whoever stores
 * artefacts could try floor plans until the digest fits. So two policies that differ in those
 * coordinates alone have the same digest; the digest tells which rules applied, not where.
 */
export function policyDigest(struct: Uint8Array): Uint8Array {
  const hashed = new Uint8Array(CONTEXT.length + POLICY_BYTES);
  hashed.set(CONTEXT);
  hashed.set(struct.subarray(0, POLICY_BYTES), CONTEXT.length);
  return sodium.crypto_generichash(32, hashed, null);
}
