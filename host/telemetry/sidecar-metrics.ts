/** The metrics of a sidecar. */
import type { MetricRow } from "./metrics.ts";

/** How the way to the receiver is. */
export const LINK_STATES = ["disabled", "idle", "uploading", "waiting"] as const;

/** What a sidecar tells at the moment of a scrape. */
export interface SidecarReadings {
  /** captured = uploaded + spooled + all refused + all evicted + mapped. */
  readonly captured: number;
  readonly uploaded: number;
  readonly spooled: number;
  /** By reason. */
  readonly refused: Readonly<Record<string, number>>;
  readonly evicted: Readonly<Record<string, number>>;
  readonly mapped: number;
  /** Of the mapped scans: in a release, and gone without one. */
  readonly mappedReleased: number;
  readonly mappedLost: number;
  readonly spoolBytes: number;
  readonly spoolQuotaBytes: number;
  /** Age of the oldest artefact that waits, seconds; undefined if none waits. */
  readonly spoolOldestS: number | undefined;
  readonly isDiskFull: boolean;
  readonly linkState: (typeof LINK_STATES)[number];
  readonly sentBytes: number;
  readonly resentBytes: number;
  readonly streams: number;
  /** The worst of the open streams, milliseconds; undefined without a stream. */
  readonly receiptMs: { readonly p50: number; readonly p99: number } | undefined;
  readonly permissionEpoch: number;
  readonly isLedgerDamaged: boolean;
  /** When the fleet's certificate ends, seconds since the Unix epoch. */
  readonly certificateExpiryS: number | undefined;
}

export const SIDECAR_PREFIX = "mapveil_sidecar_";

export const SIDECAR_METRICS: readonly MetricRow<SidecarReadings>[] = [
  {
    name: "frames_captured_total",
    help: "Frames received whole, and releases. Always uploaded + spooled + refused + evicted + mapped.",
    read: ({ captured }) => captured,
  },
  {
    name: "artefacts_uploaded_total",
    help: "Artefacts that the receiver confirmed.",
    read: ({ uploaded }) => uploaded,
  },
  {
    name: "artefacts_spooled",
    help: "Artefacts that wait on the disk.",
    read: ({ spooled }) => spooled,
  },
  {
    name: "frames_refused_total",
    help: "Frames and artefacts that were refused or dropped.",
    label: "reason",
    read: ({ refused }) => refused,
  },
  {
    name: "artefacts_evicted_total",
    help: "Artefacts that had to make room.",
    label: "reason",
    read: ({ evicted }) => evicted,
  },
  {
    name: "scans_mapped_total",
    help: "Scans that went into a map; what they showed leaves in releases alone.",
    read: ({ mapped }) => mapped,
  },
  {
    name: "scans_mapped_released_total",
    help: "Mapped scans that are in a release.",
    read: ({ mappedReleased }) => mappedReleased,
  },
  {
    name: "scans_mapped_lost_total",
    help: "Mapped scans whose map ended before they were in a release.",
    read: ({ mappedLost }) => mappedLost,
  },
  {
    name: "spool_bytes",
    help: "Sealed bytes that wait on the disk.",
    read: ({ spoolBytes }) => spoolBytes,
  },
  {
    name: "spool_quota_bytes",
    help: "Most sealed bytes that may wait.",
    read: ({ spoolQuotaBytes }) => spoolQuotaBytes,
  },
  {
    name: "spool_oldest_age_seconds",
    help: "Age of the oldest artefact that waits.",
    read: ({ spoolOldestS }) => spoolOldestS,
  },
  {
    name: "disk_full",
    help: "1 while the disk is full, so that new frames are dropped.",
    read: ({ isDiskFull }) => Number(isDiskFull),
  },
  {
    name: "link_state",
    help: "1 for the state that the way to the receiver is in.",
    label: "state",
    read: ({ linkState }) =>
      Object.fromEntries(LINK_STATES.map((state) => [state, Number(state === linkState)])),
  },
  {
    name: "sent_bytes_total",
    help: "Payload bytes sent, repeated ones included.",
    read: ({ sentBytes }) => sentBytes,
  },
  {
    name: "resent_bytes_total",
    help: "Payload bytes that had to be sent again.",
    read: ({ resentBytes }) => resentBytes,
  },
  { name: "streams", help: "Sensor streams that are open.", read: ({ streams }) => streams },
  {
    name: "receipt_latency_seconds",
    help: "Time from a frame's arrival to its receipt, of the slowest stream.",
    label: "quantile",
    read: ({ receiptMs }) =>
      receiptMs && { "0.5": receiptMs.p50 / 1000, "0.99": receiptMs.p99 / 1000 },
  },
  {
    name: "permission_epoch",
    help: "Permission epoch: counts on with every change of a permission.",
    read: ({ permissionEpoch }) => permissionEpoch,
  },
  {
    name: "ledger_damaged",
    help: "1 if the permission ledger is damaged, so that nothing is allowed.",
    read: ({ isLedgerDamaged }) => Number(isLedgerDamaged),
  },
  {
    name: "certificate_expiry_timestamp_seconds",
    help: "When the fleet's certificate ends, seconds since the Unix epoch.",
    read: ({ certificateExpiryS }) => certificateExpiryS,
  },
];
