/** What is known of an artefact's way beyond a single attempt. */
import type { SpooledArtefact } from "../spool/types.ts";

export interface Progress {
  readonly artefact: SpooledArtefact;
  /** Where the receiver is; undefined if it has to be asked. */
  offset: number | undefined;
  /** Farthest place from which an attempt went on. */
  committedBytes: number;
  /** Bytes from the start that were handed to a link before. */
  sentBytes: number;
  /** Failures in a row without getting any farther. */
  failures: number;
  /** Answers in a row that the bytes arrived damaged. */
  corruptions: number;
  /** By the monotonic clock: not before this. */
  notBeforeMs: number;
}

/** An artefact that was never tried, as far as is known: it begins at the first byte. */
export function newProgress(artefact: SpooledArtefact): Progress {
  return {
    artefact,
    offset: 0,
    committedBytes: 0,
    sentBytes: 0,
    failures: 0,
    corruptions: 0,
    notBeforeMs: 0,
  };
}
