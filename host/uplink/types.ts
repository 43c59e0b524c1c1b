/** What the uplink needs, and what it says of itself. */
import type { Clock } from "../core/clock.ts";
import type { IngestService } from "../gen/mapveil/v1/ingest_service_pb.ts";
import type { RandomBytes } from "../keys/index.ts";
import type { Gate } from "../permission/gate-types.ts";
import type { ServiceClient } from "../rpc/types.ts";
import type { Spool, SpooledArtefact } from "../spool/types.ts";
import type { Log } from "../telemetry/log.ts";
import type { WindowOptions } from "./window.ts";

/** A pseudonym of the robot, and what it holds for. */
export interface SourceName {
  /** 32 hexadecimal digits. */
  readonly source: string;
  /** Id of the key of the recipient that knows the robot by it, 16 hexadecimal digits. */
  readonly recipient: string;
  /** When its epoch began, milliseconds since the Unix epoch. */
  readonly sinceMs: number;
}

/** What uploads are called. */
export interface Naming {
  /** The pseudonym that an artefact leaves under, always the same one. */
  sourceOf(artefact: SpooledArtefact): SourceName;
  /** The pseudonym of the present settings at a time by the wall clock. */
  sourceAt(wallMs: number): SourceName;
  /** BLAKE2b-256 of the key with which the robot can have the upload of this id deleted. */
  deletionHash(id: string): Uint8Array;
}

/** A connection to the receiver: one for each pseudonym. */
export interface IngestLink {
  readonly client: ServiceClient<typeof IngestService>;
  /** Ends the connection and every call on it; never throws. */
  close(): void;
}

export interface SendOptions extends WindowOptions {
  /** Bytes of a piece that is sent at once; what a cut may cost. 1 to 1 MiB. */
  readonly chunkBytes: number;
  /** Artefacts on their way, and in memory, at the same time. */
  readonly parallel: number;
  /** Bytes a second over all artefacts; 0 for no cap. */
  readonly bandwidthBytesPerS: number;
  /** Milliseconds without progress after which an attempt counts as failed; deadline of short calls. */
  readonly stallTimeoutMs: number;
}

export interface UplinkParts {
  readonly spool: Spool;
  readonly gate: Gate;
  /** Makes a link. Called anew after failures; may throw RpcError or MapveilError. */
  readonly connect: () => IngestLink;
  readonly names: Naming;
  readonly options: SendOptions;
  readonly clock: Clock;
  readonly random: RandomBytes;
  readonly log: Log;
}

/** What the uplink does at the moment. */
export type UplinkPhase =
  | { readonly phase: "idle" }
  | { readonly phase: "uploading"; readonly artefacts: number }
  /** After a failure of the link: `retryAtMs` by the wall clock; `problem` is the status's name. */
  | { readonly phase: "waiting"; readonly retryAtMs: number; readonly problem: string }
  | { readonly phase: "stopped" };

export interface UplinkFigures {
  /** Bytes of artefacts handed to the link since start. */
  readonly sentBytes: number;
  /** Of these, bytes that had been sent before. */
  readonly resentBytes: number;
  /** Artefacts that the receiver confirmed. */
  readonly confirmed: number;
  /** Milliseconds from the first byte to the confirmation of the latest one; undefined before. */
  readonly confirmMs: number | undefined;
  /** When the next tick is, milliseconds since the Unix epoch; undefined without a cadence. */
  readonly nextTickMs: number | undefined;
}

export type UplinkState = UplinkPhase & UplinkFigures;
