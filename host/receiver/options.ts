/** What a receiver needs to know, with every default filled in. */
import type { Clock } from "../core/clock.ts";
import type { Log } from "../telemetry/log.ts";

/** ingest: writes artefacts. consumer: reads and deletes them. */
export type ReceiverRole = "ingest" | "consumer";

export interface ReceiverClient {
  /** For logs and metrics; never an address. */
  readonly name: string;
  /** A name (URI or DNS) in the client's certificate. */
  readonly certificateName: string;
  readonly roles: readonly ReceiverRole[];
  /** Ids of recipients, or "*" for all. */
  readonly recipients: readonly string[];
}

export interface ReceiverLimits {
  /** Largest artefact in bytes. */
  readonly artefactBytes: number;
  /** Bytes stored for one recipient. */
  readonly recipientBytes: number;
  /** Calls at the same time from one client. */
  readonly callsPerClient: number;
  /** Unfinished writes of one client. */
  readonly unfinishedPerClient: number;
  /** Bytes a second that one client may write; 0 for no cap. */
  readonly bytesPerSPerClient: number;
  /** Milliseconds after which an unfinished write without progress is discarded. */
  readonly unfinishedMaxAgeMs: number;
  /** Milliseconds without a message after which a write's stream is ended. */
  readonly stallTimeoutMs: number;
}

export interface ReceiverOptions {
  /** host:port; port 0 for any free one. */
  readonly listen: string;
  /** Folder of index and artefacts; made with mode 0700. */
  readonly dataDir: string;
  /** PEM files: the receiver's certificate and key, and who signs clients. */
  readonly certificatePath: string;
  readonly keyPath: string;
  readonly clientCaPath: string;
  readonly clients: readonly ReceiverClient[];
  readonly limits: ReceiverLimits;
  readonly log: Log;
  readonly clock: Clock;
}
