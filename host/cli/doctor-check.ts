/** One thing that the doctor looks at. */
import { MapveilError } from "../core/errors.ts";
import { RpcError, toMapveilError } from "../rpc/index.ts";

export interface Finding {
  /** What was looked at. */
  readonly check: string;
  /** warning: it works, but not for long or not well. */
  readonly result: "ok" | "warning" | "failure";
  /** What was found, in one constant word: "OK", or what is wrong. */
  readonly code: string;
  /** What was found. */
  readonly found: string;
  /** What to do about it; absent if all is well. */
  readonly advice?: string;
}

export type Check = () => Promise<Finding>;

/** All is well. */
export function ok(check: string, found: string): Finding {
  return { check, result: "ok", code: "OK", found };
}

/** It works, but not for long or not well. */
export function warning(check: string, found: string, advice: string, code = "OTHER"): Finding {
  return { check, result: "warning", code, found, advice };
}

/** It does not work. */
export function failure(check: string, found: string, advice: string, code = "OTHER"): Finding {
  return { check, result: "failure", code, found, advice };
}

/** A check whose errors are its failures. */
export function checkOf(name: string, advice: string, look: () => Promise<Finding>): Check {
  return async () => {
    try {
      return await look();
    } catch (error) {
      const known = error instanceof RpcError ? toMapveilError(error) : error;
      if (!(known instanceof MapveilError)) throw error;
      return failure(name, known.message, advice, known.details.reason ?? known.code);
    }
  };
}
