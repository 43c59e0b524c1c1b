/** What became of a frame, and of a release of its stream's map, as a robot's process sees it. */
import type * as wire from "../gen/mapveil/v1/sensor_service_pb.ts";
import { Level, Reason } from "../gen/mapveil/v1/types_pb.ts";
import { fromStatus, RpcError } from "../rpc/index.ts";

interface Decided {
  /** Number of the frame in its stream, from 1. */
  readonly sequence: bigint;
  /** Permission epoch under which this was decided. */
  readonly epoch: bigint;
}

/** The sealed form is on the disk and will be uploaded. */
export interface AcceptedView extends Decided {
  readonly outcome: "accepted";
  /** The id that the receiver and its consumers see. */
  readonly artefactId: string;
  readonly sealedBytes: number;
  readonly pointsIn: number;
  readonly voxels: number;
  /** Names of what came with the frame and stays on the robot. */
  readonly stripped: readonly string[];
}

/** It was taken into the stream's map. Nothing of it has left. */
export interface HeldView extends Decided {
  readonly outcome: "held";
  /** Scans in the map, and those of them that are held back. */
  readonly scans: number;
  readonly heldBack: number;
}

interface TurnedAway {
  readonly outcome: "refused" | "dropped";
  /** Such as "UPLOAD_OFF". */
  readonly reason: string;
  /** Why, in full. */
  readonly error: RpcError;
}

/** refused: by the owner or the policy. dropped: it could not be processed. Nothing was kept. */
export interface RefusedView extends Decided, TurnedAway {}

export type ReceiptView = AcceptedView | HeldView | RefusedView;

/** What became of a release. The epoch is the one under which this was decided. */
export type ReleaseView = { readonly epoch: bigint } & (
  | {
      /** The sealed form is on the disk and will be uploaded. */
      readonly outcome: "released";
      /** The id that the receiver and its consumers see. */
      readonly artefactId: string;
      readonly sealedBytes: number;
      readonly level: "map" | "plan";
      /** Scans that are in it. */
      readonly scans: number;
      /** Voxels that leave; cells of a plan. */
      readonly voxels: number;
      /** Cells that were hit and stay on the robot. */
      readonly removedCells: number;
    }
  /** No map, no scan since the last release, or all of it is held back. */
  | { readonly outcome: "nothing"; readonly heldBack: number }
  | TurnedAway
);

/** Why, in short and in full. */
function turnedAway(
  kind: "refused" | "dropped",
  value: wire.Refused | wire.Dropped | undefined,
): TurnedAway {
  const reason = Reason[value?.reason ?? Reason.UNSPECIFIED] ?? "UNSPECIFIED";
  const error = value?.status
    ? fromStatus(value.status)
    : new RpcError("UNKNOWN", reason, "The sidecar does not say why.");
  return { outcome: kind, reason, error };
}

/** Reads a receipt; what a newer sidecar may say beyond this version is told as dropped. */
export function toReceiptView(receipt: wire.Receipt): ReceiptView {
  const { sequence, permissionEpoch: epoch, outcome } = receipt;
  if (outcome.case === "accepted") {
    const { artefactId, sealedBytes, pointsIn, voxels, stripped } = outcome.value;
    return {
      outcome: "accepted",
      sequence,
      epoch,
      artefactId,
      sealedBytes: Number(sealedBytes),
      pointsIn,
      voxels,
      stripped,
    };
  }
  if (outcome.case === "held") {
    const { scans, heldBack } = outcome.value;
    return { outcome: "held", sequence, epoch, scans, heldBack };
  }
  const { case: kind = "dropped", value } = outcome;
  return { ...turnedAway(kind, value), sequence, epoch };
}

/** What became of a frame, in a few words: "accepted", "refused UPLOAD_OFF". */
export function receiptWords(receipt: ReceiptView): string {
  return "reason" in receipt ? `${receipt.outcome} ${receipt.reason}` : receipt.outcome;
}

/** Reads what is told of a release, with the same care. */
export function toReleaseView(released: wire.Released): ReleaseView {
  const { permissionEpoch: epoch, outcome } = released;
  if (outcome.case === "nothing") {
    return { outcome: "nothing", epoch, heldBack: outcome.value.heldBack };
  }
  if (outcome.case === "artefact") {
    const { artefactId, sealedBytes, scans, voxels, removedCells } = outcome.value;
    const level = outcome.value.level === Level.PLAN ? "plan" : "map";
    const numbers = { sealedBytes: Number(sealedBytes), scans, voxels, removedCells };
    return { outcome: "released", epoch, artefactId, level, ...numbers };
  }
  const { case: kind = "dropped", value } = outcome;
  return { ...turnedAway(kind, value), epoch };
}
