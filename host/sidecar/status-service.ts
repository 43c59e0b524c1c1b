/** StatusService: how the sidecar does. */
import type { MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import {
  type GetStatusResponseSchema,
  type LinkStatusSchema,
  LinkStatus_State as State,
  type StatusService,
} from "../gen/mapveil/v1/status_service_pb.ts";
import { DataClass, Reason } from "../gen/mapveil/v1/types_pb.ts";
import type { ServiceHandlers } from "../rpc/index.ts";
import type { LinkState, SidecarStatus } from "./status.ts";

const STATES: Readonly<Record<LinkState["phase"], State>> = {
  idle: State.IDLE,
  uploading: State.UPLOADING,
  waiting: State.WAITING,
  stopped: State.DISABLED,
};

/** Pauses are drawn at random, and a message holds whole nanoseconds. */
const moment = (ms: number) => timestampFromMs(Math.round(ms));

function toLink(link: LinkState | undefined): MessageInitShape<typeof LinkStatusSchema> {
  if (link === undefined) return { state: State.DISABLED };
  return {
    state: STATES[link.phase],
    ...(link.phase === "waiting" && {
      retryTime: moment(link.retryAtMs),
      problem: `The last attempt failed: ${link.problem}.`,
    }),
    ...(link.confirmedAtMs !== undefined && { confirmTime: moment(link.confirmedAtMs) }),
    ...(link.nextTickMs !== undefined && { tickTime: moment(link.nextTickMs) }),
    sentBytes: BigInt(link.sentBytes),
    resentBytes: BigInt(link.resentBytes),
  };
}

/** Counts by reason, in the order of the wire's numbers. */
function toCounts(counts: Readonly<Partial<Record<string, number>>>) {
  return Object.entries(counts)
    .map(([name, count = 0]) => ({
      reason: Reason[name as keyof typeof Reason],
      count: BigInt(count),
    }))
    .sort((a, b) => a.reason - b.reason);
}

function toResponse(status: SidecarStatus): MessageInitShape<typeof GetStatusResponseSchema> {
  const { accounts, spool, streams } = status;
  return {
    version: status.version,
    startTime: timestampFromMs(status.startMs),
    permissionEpoch: status.epoch,
    accounting: {
      captured: BigInt(accounts.captured),
      uploaded: BigInt(accounts.uploaded),
      spooled: BigInt(accounts.spooled),
      refused: toCounts(accounts.refused),
      evicted: toCounts(accounts.evicted),
      mapped: BigInt(accounts.mapped),
      mappedReleased: BigInt(accounts.mappedReleased),
      mappedLost: BigInt(accounts.mappedLost),
    },
    spool: {
      artefacts: BigInt(spool.artefacts),
      bytes: BigInt(spool.bytes),
      quotaBytes: BigInt(spool.quotaBytes),
      ...(spool.oldestMs !== undefined && { oldestTime: timestampFromMs(spool.oldestMs) }),
      diskFull: spool.diskFull,
    },
    link: toLink(status.link),
    streams: streams.map(({ map, ...stream }) => ({
      ...stream,
      ...(map && { map }),
      dataClass: DataClass[stream.dataClass.toUpperCase() as keyof typeof DataClass],
      frames: BigInt(stream.frames),
    })),
    ledgerDamaged: status.ledgerDamaged,
  };
}

/** Answers with what `status` gives at the moment. */
export function statusHandlers(status: () => SidecarStatus): ServiceHandlers<typeof StatusService> {
  return { getStatus: async () => toResponse(status()) };
}
