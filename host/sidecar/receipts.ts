/** What became of a frame, as the client is told it. */
import type { MessageInitShape } from "@bufbuild/protobuf";
import type {
  DroppedSchema,
  ReceiptSchema,
  RefusedSchema,
  ReleasedSchema,
} from "../gen/mapveil/v1/sensor_service_pb.ts";
import { Level, Reason } from "../gen/mapveil/v1/types_pb.ts";
import type { Language, Localised, Refusal } from "../permission/index.ts";
import { RpcError, toStatus } from "../rpc/index.ts";
import type { RefusedReason } from "../spool/types.ts";
import { refusalError } from "./refusal-error.ts";
import type { ReleaseFate } from "./stream-map.ts";

/** A receipt without its frame's number. */
export type Outcome = Omit<MessageInitShape<typeof ReceiptSchema>, "sequence" | "$typeName">;

/** What is told of a release, without the number of its request. */
export type ReleaseOutcome = Omit<
  MessageInitShape<typeof ReleasedSchema>,
  "sequence" | "$typeName"
>;

/** That something did not leave, which receipts and releases tell in one way. */
export interface TurnedAway {
  readonly permissionEpoch: bigint;
  readonly outcome:
    | { readonly case: "refused"; readonly value: MessageInitShape<typeof RefusedSchema> }
    | { readonly case: "dropped"; readonly value: MessageInitShape<typeof DroppedSchema> };
}

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
    en: "No-go areas and maps need to know where the sensor is, and this frame has no pose. Send its pose, or open the stream with in_map_frame if its points are in the map's frame already.",
    zh: "禁区和地图需要知道传感器的位置，但该帧没有位姿。请发送位姿；若点云已在地图坐标系中，请在打开流时设置 in_map_frame。",
  },
  STAMP_MISSING: {
    en: "A map needs to know when each scan was taken, and this frame has no stamp_ns. Send its capture time.",
    zh: "生成地图需要知道每帧的采集时间，但该帧没有 stamp_ns。请发送采集时间。",
  },
  TIME_BACKWARDS: {
    en: "This frame is older than one that is in the map already. Send frames in the order of their capture times, or open another stream.",
    zh: "该帧早于地图中已有的帧。请按采集时间顺序发送，或打开新的流。",
  },
  POSE_JUMP: {
    en: "The sensor cannot have moved as far as this frame's pose says, so that the map would not fit. Check the localisation, or open another stream for another map.",
    zh: "该帧位姿表示的移动距离不可能发生，地图会因此错位。请检查定位，或打开新的流以建立新地图。",
  },
  BEAM_STUCK: {
    en: "The beam does not turn, so that the frame could tell of vibrations, such as speech. Send frames of a lidar that turns.",
    zh: "激光束没有旋转，该帧可能泄露振动信息（例如语音）。请发送正常旋转的激光雷达的帧。",
  },
  MAP_FULL: {
    en: "The map has no room for this scan. Ask for a release and open another stream for another map.",
    zh: "地图已没有空间容纳该帧。请请求发布地图，然后打开新的流以建立新地图。",
  },
  WITHDRAWN: {
    en: "The owner changed the permission while the frame was processed. Nothing of it was kept.",
    zh: "处理该帧期间，所有者更改了权限。该帧未保留任何内容。",
  },
} as const satisfies Record<string, Localised>;

export type OtherRefusal = keyof typeof OTHER_REFUSALS;

/** The reason behind a refusal of the sanitizer, of the map or of the core, if it is one of these. */
export function refusalOf(reason: string | undefined): OtherRefusal | undefined {
  return reason !== undefined && Object.hasOwn(OTHER_REFUSALS, reason)
    ? (reason as OtherRefusal)
    : undefined;
}

/** The owner's permissions do not let the frame pass. */
export function refusedByOwner(refusal: Refusal, epoch: bigint, language: Language): TurnedAway {
  const status = toStatus(refusalError(refusal, language), language);
  const value = { reason: Reason[refusal.reason], status };
  return { permissionEpoch: epoch, outcome: { case: "refused", value } };
}

/** The policy, or a change of the permissions in between, does not let the frame pass. */
export function refusedOtherwise(
  reason: OtherRefusal,
  epoch: bigint,
  language: Language,
): TurnedAway {
  const localized = OTHER_REFUSALS[reason];
  const error = new RpcError("FAILED_PRECONDITION", reason, localized.en, { localized });
  const value = { reason: Reason[reason], status: toStatus(error, language) };
  return { permissionEpoch: epoch, outcome: { case: "refused", value } };
}

/** Why a frame is dropped, by the reason that is counted. */
export type DropReason = Extract<
  RefusedReason,
  "BAD_FRAME" | "TOO_LARGE" | "OVERLOADED" | "TOO_FAST" | "DISK_FULL" | "STOPPING" | "INTERNAL"
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
    case "TOO_FAST":
      return new RpcError(
        "RESOURCE_EXHAUSTED",
        reason,
        "Frames come faster than a sensor may send them; send fewer a second.",
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

const LEVELS_OF_RELEASES = { map: Level.MAP, plan: Level.PLAN } as const;

/** A release is on the disk, or there was nothing to release. */
export function released(
  fate: ReleaseFate & { kind: "spooled" | "nothing" },
  epoch: bigint,
): ReleaseOutcome {
  if (fate.kind === "nothing") {
    const { heldBack } = fate;
    return { permissionEpoch: epoch, outcome: { case: "nothing", value: { heldBack } } };
  }
  const { id, level, sealedBytes, scans, voxels, removed } = fate.artefact;
  const value = {
    artefactId: id,
    sealedBytes: BigInt(sealedBytes),
    level: LEVELS_OF_RELEASES[level],
    scans,
    voxels,
    removedCells: removed,
  };
  return { permissionEpoch: fate.epoch, outcome: { case: "artefact", value } };
}

/** The frame could not be processed. */
export function dropped(
  reason: DropReason,
  epoch: bigint,
  language: Language,
  wrong: { readonly what: string; readonly field: string } = { what: "", field: "" },
): TurnedAway {
  const status = toStatus(dropError(reason, wrong.what, wrong.field), language);
  return {
    permissionEpoch: epoch,
    outcome: { case: "dropped", value: { reason: Reason[reason], status } },
  };
}
