/**
 * The terms of a robot without a file parser: which rules apply and for whom it seals, checked and
 * compiled here, so that firmware takes them over as they are.
 *
 * | offset | bytes | what                                                     |
 * | ------ | ----- | -------------------------------------------------------- |
 * | 0      | 4     | `MVR\x01`                                                |
 * | 4      | 4     | level of the policy: 3 frames, 4 full                    |
 * | 8      | 4     | bytes of the compiled policy                             |
 * | 12     | 4     | 0                                                        |
 * | 16     | 32    | the recipient's public key, X25519                       |
 * | 48     | 8     | key id of it                                             |
 * | 56     | 32    | digest of the policy, as every artefact names it         |
 * | 88     |       | the compiled policy: POLICY, then boxes, areas, vertices |
 *
 * The core computes the key id again when it seals a data key; firmware that compares the two knows
 * that the key was neither cut nor changed on its way into the robot.
 */
import { recipientKeyId } from "../keys/index.ts";
import { LEVELS } from "../policy/fields.ts";
import { assertFramesMayLeave, compilePolicy, type Policy } from "../policy/index.ts";

const MAGIC = [0x4d, 0x56, 0x52, 0x01];
const LEVEL = 4;
const POLICY_LENGTH = 8;
const RECIPIENT = 16;
const KEY_ID = 48;
const DIGEST = 56;
/** Where the compiled policy begins. */
const TERMS_HEAD_BYTES = 88;

/**
 * The bytes of the terms.
 * @param recipient public key of who may open what the robot seals, 32 bytes
 * @throws MapveilError CONFIG for a policy that this version cannot apply, REFUSED for level nothing
 */
export function robotTerms(policy: Policy, recipient: Uint8Array): Uint8Array {
  const compiled = compilePolicy(policy);
  assertFramesMayLeave(compiled);
  const terms = new Uint8Array(TERMS_HEAD_BYTES + compiled.bytes.length);
  const view = new DataView(terms.buffer);
  terms.set(MAGIC);
  view.setUint32(LEVEL, LEVELS.indexOf(compiled.level), true);
  view.setUint32(POLICY_LENGTH, compiled.bytes.length, true);
  terms.set(recipient, RECIPIENT);
  terms.set(recipientKeyId(recipient), KEY_ID);
  terms.set(compiled.digest, DIGEST);
  terms.set(compiled.bytes, TERMS_HEAD_BYTES);
  return terms;
}
