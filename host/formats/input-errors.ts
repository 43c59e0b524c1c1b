/** Errors of readers and writers: which file, where in it, and what to do about it. */
import { type ErrorDetails, MapveilError } from "../core/errors.ts";

/** The input is not what it says it is. `message` is the sentence after the file's name. */
export function badInput(
  file: string,
  message: string,
  details: ErrorDetails = {},
  cause?: unknown,
): MapveilError {
  return new MapveilError("BAD_INPUT", `${file}: ${message}`, { file, ...details }, cause);
}

/** The input is sound but beyond what this build reads. */
export function tooLarge(file: string, message: string, details: ErrorDetails = {}): MapveilError {
  return new MapveilError("TOO_LARGE", `${file}: ${message}`, { file, ...details });
}
