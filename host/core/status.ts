/** Turns status codes of the core into errors. */
import {
  E_ARG,
  E_AUTH,
  E_FORMAT,
  E_FULL,
  E_NONCE,
  E_SIZE,
  E_STATE,
  MAX_POINTS,
} from "../../assembly/abi.ts";
import { type ErrorCode, MapveilError } from "./errors.ts";

const MEANINGS: ReadonlyMap<number, readonly [ErrorCode, string]> = new Map([
  [E_ARG, ["USAGE", "a number is outside its range"]],
  [E_SIZE, ["TOO_LARGE", "there is more of it than the core has room for"]],
  [E_STATE, ["INTERNAL", "the calls came in the wrong order"]],
  [
    E_FULL,
    [
      "TOO_LARGE",
      `it has more than ${MAX_POINTS} voxels, or a tile of more than 16 MiB; use a larger leaf_m or crop`,
    ],
  ],
  [E_AUTH, ["INTEGRITY", "it was changed, cut or mixed up, or the key is not its key"]],
  [E_FORMAT, ["INTEGRITY", "its bytes are not what they should be"]],
  [E_NONCE, ["INTERNAL", "a data key was about to be used twice"]],
] as const);

/**
 * Passes counts on and throws on a negative status.
 * @param what begins the sentence, as "frame 3: reading the points"
 */
export function check(status: number, what: string): number {
  if (status >= 0) return status;
  const [code, meaning] = MEANINGS.get(status) ?? ["INTERNAL", `unknown status ${status}`];
  throw new MapveilError(code, `${what}: ${meaning}.`);
}
