/** From the status of a sidecar to the readings of its metrics. */
import type { LinkState, SidecarStatus } from "../sidecar/index.ts";
import { EVICTED_REASONS, REFUSED_REASONS } from "../spool/types.ts";
import type { SidecarReadings } from "../telemetry/index.ts";
import { expiryOf } from "./check-files.ts";

/** Every reason with its count, so that a reason is seen before it first counts. */
function byReason<K extends string>(
  reasons: readonly K[],
  counts: Readonly<Partial<Record<K, number>>>,
): Record<string, number> {
  return Object.fromEntries(reasons.map((reason) => [reason, counts[reason] ?? 0]));
}

function linkState(link: LinkState | undefined): SidecarReadings["linkState"] {
  if (link === undefined) return "disabled";
  return link.phase === "stopped" ? "idle" : link.phase;
}

/** The readings now; the certificate's file is looked at each time, for it is renewed in place. */
export async function sidecarReadings(
  status: SidecarStatus,
  certificatePath: string | undefined,
): Promise<SidecarReadings> {
  const { accounts, spool, link, streams } = status;
  const expiresMs = certificatePath === undefined ? undefined : await expiryOf(certificatePath);
  const worst = (key: "latencyP50Ms" | "latencyP99Ms") =>
    Math.max(...streams.map((stream) => stream[key]));
  return {
    captured: accounts.captured,
    uploaded: accounts.uploaded,
    spooled: accounts.spooled,
    refused: byReason(REFUSED_REASONS, accounts.refused),
    evicted: byReason(EVICTED_REASONS, accounts.evicted),
    mapped: accounts.mapped,
    mappedReleased: accounts.mappedReleased,
    mappedLost: accounts.mappedLost,
    spoolBytes: spool.bytes,
    spoolQuotaBytes: spool.quotaBytes,
    spoolOldestS:
      spool.oldestMs === undefined ? undefined : Math.max(0, (Date.now() - spool.oldestMs) / 1000),
    isDiskFull: spool.diskFull,
    linkState: linkState(link),
    sentBytes: link?.sentBytes ?? 0,
    resentBytes: link?.resentBytes ?? 0,
    streams: streams.length,
    receiptMs:
      streams.length === 0 ? undefined : { p50: worst("latencyP50Ms"), p99: worst("latencyP99Ms") },
    permissionEpoch: Number(status.epoch),
    isLedgerDamaged: status.ledgerDamaged,
    certificateExpiryS: expiresMs === undefined ? undefined : expiresMs / 1000,
  };
}
