/** What a sidecar needs to know, with every default filled in. */
import type { Clock } from "../core/clock.ts";
import type { RandomBytes } from "../keys/index.ts";
import type { Purpose } from "../permission/index.ts";
import type { Policy } from "../policy/index.ts";
import type { Log } from "../telemetry/log.ts";

/** What a client of the unix socket may do. Every role may read permissions and status. */
export type SidecarRole = "sensor" | "owner" | "guardian" | "monitor";

export interface SidecarClient {
  /** Name of the token's file below `state_dir`/clients: "<name>.token". */
  readonly name: string;
  readonly role: SidecarRole;
}

export interface UplinkOptions {
  /** host:port of the receiver. */
  readonly address: string;
  /** Paths of PEM files: who signs receivers, and this fleet's certificate and key. */
  readonly caPath: string;
  readonly certificatePath: string;
  readonly keyPath: string;
  /** Name in the receiver's certificate, if not the host of `address`. */
  readonly serverName?: string;
  /** Bytes of a piece that is sent at once; what a cut may cost. */
  readonly chunkBytes: number;
  /** Artefacts on their way at the same time. */
  readonly parallel: number;
  /** Bytes a second; 0 for no cap. */
  readonly bandwidthBytesPerS: number;
  /** Milliseconds without progress after which an attempt counts as failed. */
  readonly stallTimeoutMs: number;
  /** What uploads are for; a part of what their pseudonyms and ids come from. */
  readonly purpose: Purpose;
  /** Milliseconds for which a pseudonym of the robot holds. */
  readonly pseudonymEpochMs: number;
  /** Milliseconds between two ticks of upload; 0 for uploads at once. */
  readonly cadenceMs: number;
  /** Artefacts that set out at a tick at most, 1 or more. */
  readonly perTick: number;
}

export interface SidecarLimits {
  /** Largest frame in bytes. */
  readonly frameBytes: number;
  /** Streams open at the same time, over all clients. Each has a worker and a core. */
  readonly streams: number;
  /** Frames of a stream that may wait for their receipts. */
  readonly inFlight: number;
  /** Frames a second that a sensor may send. */
  readonly rateHz: number;
}

export interface SidecarOptions {
  /** Folder of ledger, spool, keys and tokens; made with mode 0700. */
  readonly stateDir: string;
  /** Path of the unix socket; its folder is made with, and must have, mode 0700. */
  readonly socketPath: string;
  readonly policy: Policy;
  /** Public key that artefacts are sealed for, 32 bytes. */
  readonly recipient: Uint8Array;
  readonly clients: readonly SidecarClient[];
  /** Absent: nothing is uploaded, artefacts stay in the spool. */
  readonly uplink?: UplinkOptions;
  readonly quotaBytes: number;
  readonly maxAgeMs: number;
  readonly limits: SidecarLimits;
  /** Milliseconds between two releases of a stream's map; 0 for none but at its end and on request. */
  readonly releaseEveryMs: number;
  readonly log: Log;
  readonly clock: Clock;
  readonly random: RandomBytes;
}
