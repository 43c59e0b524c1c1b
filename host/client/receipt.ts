/** What became of a frame, as a robot's process sees it. */
import type * as wire from "../gen/mapveil/v1/sensor_service_pb.ts";
import { Reason } from "../gen/mapveil/v1/types_pb.ts";
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

/** refused: by the owner or the policy. dropped: it could not be processed. Nothing was kept. */
export interface RefusedView extends Decided {
  readonly outcome: "refused" | "dropped";
  /** Such as "UPLOAD_OFF". */
  readonly reason: string;
  /** Why, in full. */
  readonly error: RpcError;
}

export type ReceiptView = AcceptedView | RefusedView;

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
  const { case: kind = "dropped", value } = outcome;
  const reason = Reason[value?.reason ?? Reason.UNSPECIFIED] ?? "UNSPECIFIED";
  const error = value?.status
    ? fromStatus(value.status)
    : new RpcError("UNKNOWN", reason, "The sidecar does not say why.");
  return { outcome: kind, sequence, epoch, reason, error };
}
