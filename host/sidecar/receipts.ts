/** What became of a frame, as the client is told it. */
import type { MessageInitShape } from "@bufbuild/protobuf";
import type { ReceiptSchema } from "../gen/mapveil/v1/sensor_service_pb.ts";
import { Reason } from "../gen/mapveil/v1/types_pb.ts";
import type { Language, Localised, Refusal } from "../permission/index.ts";
import { RpcError, toStatus } from "../rpc/index.ts";
import type { RefusedReason } from "../spool/types.ts";
import { refusalError } from "./refusal-error.ts";

/** A receipt without its frame's number. */
export type Outcome = Omit<MessageInitShape<typeof ReceiptSchema>, "sequence" | "$typeName">;

/** Milliseconds after which a frame is worth another try. */
const OVERLOAD_DELAY_MS = 100;
const DISK_DELAY_MS = 5000;
const STOP_DELAY_MS = 1000;

/** Refusals that are not the owner's switches: what is missing, and what to do about it. */
const OTHER_REFUSALS = {
  POLICY_NOTHING: {
    en: "The policy says level: nothing, so no frame leaves this robot. Use on the robot goes on.",
    zh: "策略规定 level: nothing，因此没有任何帧离开本机。本机使用不受影响。",
  },
  POSE_MISSING: {
    en: "The policy has no-go areas, and this frame has no pose to place them by. Send its pose, or open the stream with in_map_frame if its points are in the map's frame already.",
    zh: "策略设有禁区，但该帧没有用于定位禁区的位姿。请发送位姿；若点云已在地图坐标系中，请在打开流时设置 in_map_frame。",
  },
  WITHDRAWN: {
    en: "The owner changed the permission while the frame was processed. Nothing of it was kept.",
    zh: "处理该帧期间，所有者更改了权限。该帧未保留任何内容。",
  },
} as const satisfies Record<string, Localised>;

export type OtherRefusal = keyof typeof OTHER_REFUSALS;

/** The owner's permissions do not let the frame pass. */
export function refusedByOwner(refusal: Refusal, epoch: bigint, language: Language): Outcome {
  const status = toStatus(refusalError(refusal, language), language);
  const value = { reason: Reason[refusal.reason], status };
  return { permissionEpoch: epoch, outcome: { case: "refused", value } };
}

/** The policy, or a change of the permissions in between, does not let the frame pass. */
export function refusedOtherwise(reason: OtherRefusal, epoch: bigint, language: Language): Outcome {
  const localized = OTHER_REFUSALS[reason];
  const error = new RpcError("FAILED_PRECONDITION", reason, localized.en, { localized });
  const value = { reason: Reason[reason], status: toStatus(error, language) };
  return { permissionEpoch: epoch, outcome: { case: "refused", value } };
}

/** Why a frame is dropped, by the reason that is counted. */
export type DropReason = Extract<
  RefusedReason,
  "BAD_FRAME" | "TOO_LARGE" | "OVERLOADED" | "DISK_FULL" | "STOPPING" | "INTERNAL"
>;

/** `what` and `field` tell a client what is wrong with the frame itself. */
function dropError(reason: DropReason, what: string, field: string): RpcError {
  switch (reason) {
    case "BAD_FRAME":
    case "TOO_LARGE":
      return new RpcError("INVALID_ARGUMENT", reason, what, {
        metadata: { field },
        fieldViolations: [{ field, description: what }],
      });
    case "OVERLOADED":
      return new RpcError(
        "RESOURCE_EXHAUSTED",
        reason,
        "More frames wait for their receipts than the stream may have; wait for receipts.",
        { retryDelayMs: OVERLOAD_DELAY_MS },
      );
    case "DISK_FULL":
      return new RpcError(
        "RESOURCE_EXHAUSTED",
        reason,
        "The robot's disk is full. What is spooled is kept; new frames are dropped until there is room.",
        { retryDelayMs: DISK_DELAY_MS },
      );
    case "STOPPING":
      return new RpcError("UNAVAILABLE", reason, "The sidecar is stopping.", {
        retryDelayMs: STOP_DELAY_MS,
      });
    case "INTERNAL":
      return new RpcError("INTERNAL", reason, "A fault of the sidecar, or of its disk.");
  }
}

/** The frame could not be processed. */
export function dropped(
  reason: DropReason,
  epoch: bigint,
  language: Language,
  wrong: { readonly what: string; readonly field: string } = { what: "", field: "" },
): Outcome {
  const status = toStatus(dropError(reason, wrong.what, wrong.field), language);
  return {
    permissionEpoch: epoch,
    outcome: { case: "dropped", value: { reason: Reason[reason], status } },
  };
}
