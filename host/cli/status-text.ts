/** How a sidecar does, on one screen. */
import { timestampMs } from "@bufbuild/protobuf/wkt";
import type { Permission } from "../gen/mapveil/v1/permission_service_pb.ts";
import {
  type Accounting,
  type GetStatusResponse,
  LinkStatus_State,
  type ReasonCount,
} from "../gen/mapveil/v1/status_service_pb.ts";
import { bytes, count, ms, plural, type Row, table } from "./format.ts";
import { idOf, stateText } from "./permission-text.ts";
import { classWord, reasonWord, timeText } from "./words.ts";

const total = (counts: readonly ReasonCount[]) =>
  counts.reduce((sum, { count: one }) => sum + Number(one), 0);

function reasonsText(counts: readonly ReasonCount[]): string {
  if (counts.length === 0) return "0";
  const parts = counts.map(
    ({ reason, count: one }) => `${reasonWord(reason)} ${count(Number(one))}`,
  );
  return `${count(total(counts))} (${parts.join(", ")})`;
}

/** Whether captured = uploaded + spooled + refused + evicted + mapped. */
export function isBalanced(accounting: Accounting): boolean {
  const { captured, uploaded, spooled, refused, evicted, mapped } = accounting;
  const accounted = Number(uploaded + spooled + mapped) + total(refused) + total(evicted);
  return Number(captured) === accounted;
}

function mappedText({ mapped, mappedReleased, mappedLost }: Accounting): string {
  if (mapped === 0n) return "0";
  const inMap = mapped - mappedReleased - mappedLost;
  const parts = [
    `${count(Number(mappedReleased))} in releases`,
    `${count(Number(inMap))} in memory`,
    `${count(Number(mappedLost))} gone with their map`,
  ];
  return `${plural(Number(mapped), "scan")} (${parts.join(", ")})`;
}

function accountingRows(accounting: Accounting): Row[] {
  const { captured, uploaded, spooled, refused, evicted } = accounting;
  const sum = isBalanced(accounting) ? "= all below" : "is NOT the sum of all below: a defect";
  return [
    ["captured", `${plural(Number(captured), "frame")} ${sum}`],
    ["  uploaded", count(Number(uploaded))],
    ["  spooled", count(Number(spooled))],
    ["  refused", reasonsText(refused)],
    ["  evicted", reasonsText(evicted)],
    ["  mapped", mappedText(accounting)],
  ];
}

function spoolText({ spool }: GetStatusResponse): string {
  if (spool === undefined) return "unknown";
  const { artefacts, quotaBytes, oldestTime, diskFull } = spool;
  const used = `${bytes(Number(spool.bytes))} of ${bytes(Number(quotaBytes))}`;
  const oldest = oldestTime === undefined ? "" : `, the oldest since ${timeText(oldestTime)}`;
  const full = diskFull ? "; the disk is FULL, new frames are dropped" : "";
  return `${plural(Number(artefacts), "artefact")}, ${used}${oldest}${full}`;
}

function linkText({ link }: GetStatusResponse): string {
  if (link === undefined) return "unknown";
  const tick = link.tickTime === undefined ? "" : `, next upload ${timeText(link.tickTime)}`;
  const sent = `${bytes(Number(link.sentBytes))} sent, ${bytes(Number(link.resentBytes))} again`;
  switch (link.state) {
    case LinkStatus_State.DISABLED:
      return "none: no receiver is configured";
    case LinkStatus_State.IDLE:
      return `idle${tick}; ${sent}`;
    case LinkStatus_State.UPLOADING:
      return `uploading${tick}; ${sent}`;
    case LinkStatus_State.WAITING: {
      const next = link.retryTime === undefined ? "" : `, next attempt ${timeText(link.retryTime)}`;
      return `waiting${next}: ${link.problem} ${sent}`;
    }
    default:
      return "unknown";
  }
}

function streamRows({ streams }: GetStatusResponse): Row[] {
  if (streams.length === 0) return [["streams", "none open"]];
  return streams.map((stream, i): Row => {
    const { dataClass, frames, rateHz, latencyP50Ms, latencyP99Ms, inFlight, map } = stream;
    const inMap = map ? `, ${count(map.scans)} in its map (${count(map.heldBack)} held back)` : "";
    const text =
      `${classWord(dataClass)}, ${plural(Number(frames), "frame")}, ${rateHz.toFixed(1)} Hz, ` +
      `receipt after ${ms(latencyP50Ms)} (p99 ${ms(latencyP99Ms)}), ${inFlight} in flight${inMap}`;
    return [i === 0 ? "streams" : "", text];
  });
}

/** The whole screen; `permissions` are those that are on. */
export function statusText(status: GetStatusResponse, permissions: readonly Permission[]): string {
  const { version, startTime, permissionEpoch, accounting, ledgerDamaged } = status;
  const since = startTime === undefined ? "" : `, running since ${timeText(startTime)}`;
  const ledger = ledgerDamaged ? "; the ledger is DAMAGED, nothing is allowed" : "";
  const on = permissions.map((one) => `${idOf(one.name)} (${stateText(one)})`);
  return table([
    ["sidecar", `version ${version}${since}`],
    ...(accounting === undefined ? [] : accountingRows(accounting)),
    ["spool", spoolText(status)],
    ["link", linkText(status)],
    ...streamRows(status),
    ["permissions", `epoch ${permissionEpoch}${ledger}`],
    ["  on", on.length === 0 ? "none" : on.join("; ")],
  ]);
}

const reasonsJson = (counts: readonly ReasonCount[]) =>
  Object.fromEntries(counts.map(({ reason, count: one }) => [reasonWord(reason), Number(one)]));

/** The same as `--json` prints it. */
export function statusJson(status: GetStatusResponse, permissions: readonly Permission[]): object {
  const { version, startTime, permissionEpoch, accounting, spool, link, streams } = status;
  return {
    schema: 1,
    version,
    ...(startTime && { startTime: timeText(startTime) }),
    permissionEpoch: String(permissionEpoch),
    ledgerDamaged: status.ledgerDamaged,
    ...(accounting && {
      accounting: {
        captured: Number(accounting.captured),
        uploaded: Number(accounting.uploaded),
        spooled: Number(accounting.spooled),
        refused: reasonsJson(accounting.refused),
        evicted: reasonsJson(accounting.evicted),
        mapped: Number(accounting.mapped),
        mappedReleased: Number(accounting.mappedReleased),
        mappedLost: Number(accounting.mappedLost),
        balanced: isBalanced(accounting),
      },
    }),
    ...(spool && {
      spool: {
        artefacts: Number(spool.artefacts),
        bytes: Number(spool.bytes),
        quotaBytes: Number(spool.quotaBytes),
        ...(spool.oldestTime && { oldestMs: timestampMs(spool.oldestTime) }),
        diskFull: spool.diskFull,
      },
    }),
    ...(link && {
      link: {
        state: LinkStatus_State[link.state].toLowerCase(),
        ...(link.retryTime && { retryTime: timeText(link.retryTime) }),
        ...(link.tickTime && { tickTime: timeText(link.tickTime) }),
        ...(link.problem !== "" && { problem: link.problem }),
        ...(link.confirmTime && { confirmTime: timeText(link.confirmTime) }),
        sentBytes: Number(link.sentBytes),
        resentBytes: Number(link.resentBytes),
      },
    }),
    streams: streams.map(({ $typeName: _, $unknown: __, dataClass, frames, map, ...stream }) => ({
      dataClass: classWord(dataClass),
      frames: Number(frames),
      ...stream,
      ...(map && { map: { scans: map.scans, heldBack: map.heldBack } }),
    })),
    permissionsOn: permissions.map(({ name }) => idOf(name)),
  };
}
