/** The policy that holds now; it may be exchanged while frames come. */
import { isDeepStrictEqual } from "node:util";
import { compilePolicy, type Policy } from "../policy/index.ts";

export class PolicyInForce {
  #policy: Policy;
  #digest: Uint8Array;

  /** Throws MapveilError CONFIG for a policy that this version cannot apply. */
  constructor(policy: Policy) {
    this.#digest = compilePolicy(policy).digest;
    this.#policy = policy;
  }

  /** Another object when it changed. */
  get policy(): Policy {
    return this.#policy;
  }

  /** Digest of what it compiles to, 32 bytes. */
  get digest(): Uint8Array {
    return this.#digest;
  }

  /**
   * Puts another one in its place; one that says the same changes nothing, so that maps go on.
   * Throws MapveilError CONFIG; the old one holds on then.
   */
  replace(policy: Policy): void {
    if (isDeepStrictEqual(policy, this.#policy)) return;
    this.#digest = compilePolicy(policy).digest;
    this.#policy = policy;
  }
}
