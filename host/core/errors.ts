/**
 * The one error type of the host. Codes are a closed set; messages say what is wrong, where (file,
 * field, offset) and what to do about it. Nothing throws a string.
 *
 * A message holds no values: no string, time, place or id that was read from a file, a packet, a
 * message or a peer. It names the field, the offset or line, the expected form, sizes and counts, and
 * what the caller gave himself: a path, an option, a key of his settings that is nearly one of ours.
 */

/** Every code, with the exit code that the command line gives it. */
export const EXIT_CODES = {
  /** A defect of Mapveil itself. */
  INTERNAL: 1,
  /** An input or output could not be read or written. */
  IO: 1,
  /** Wrong use of a command or of a function. */
  USAGE: 2,
  /** What was asked for is not there. */
  NOT_FOUND: 1,
  /** Some of the frames could not be processed; the others were. */
  PARTIAL: 3,
  /** The owner's permissions or the policy do not let this pass. */
  REFUSED: 4,
  /** Not possible at present: try again later. */
  UNAVAILABLE: 5,
  /** The file is not what it says it is. */
  BAD_INPUT: 6,
  /** A sealed artefact was changed, cut or mixed up, or the key is not its key. */
  INTEGRITY: 6,
  /** The disk is full. */
  NO_SPACE: 7,
  /** More points, voxels or bytes than this build is sized for. */
  TOO_LARGE: 7,
  /** A policy or key file has a wrong content. */
  CONFIG: 78,
  /** Interrupted by the user. */
  INTERRUPTED: 130,
} as const;

export type ErrorCode = keyof typeof EXIT_CODES;

/** Where the fault is; whatever is known. */
export interface ErrorDetails {
  readonly file?: string;
  readonly field?: string;
  /** Byte offset in the file. */
  readonly offset?: number;
  readonly line?: number;
  /** Which of the refusals of a code it is, as POSE_MISSING: for programs that answer each their way. */
  readonly reason?: string;
}

export class MapveilError extends Error {
  readonly code: ErrorCode;
  readonly details: ErrorDetails;

  /** `message` is a whole sentence for the user; `cause` is kept for logs and never printed. */
  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = "MapveilError";
    this.code = code;
    this.details = details;
  }

  /** As console and logs show it: without its cause, which may repeat what was read. */
  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return `${this.stack} ${JSON.stringify({ code: this.code, ...this.details })}`;
  }
}
