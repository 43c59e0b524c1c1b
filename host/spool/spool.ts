/** The spool on LMDB: sealed artefacts and exact accounts in one file. */

import type { Clock } from "../core/clock.ts";
import { MapveilError } from "../core/errors.ts";
import type { Log } from "../telemetry/log.ts";
import type { Spool } from "./types.ts";

export interface SpoolOptions {
  /** Folder of the spool, made with mode 0700 if it is missing. One process at a time. */
  readonly folder: string;
  /** Sealed bytes that may wait. */
  readonly quotaBytes: number;
  /** Age after which evictOld() takes an artefact, in milliseconds. */
  readonly maxAgeMs: number;
  /** Id of an artefact at the receiver: 4 to 63 characters of a-z, 0-9 and "-", one for each serial. */
  readonly artefactId: (serial: number) => string;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Opens the spool, or makes an empty one. INTEGRITY if its file is damaged beyond what evictions
 * heal, NO_SPACE or IO if the folder cannot be written.
 */
export async function openSpool(options: SpoolOptions): Promise<Spool> {
  throw new MapveilError("INTERNAL", `${options.folder}: not there yet.`);
}
