/** The metrics of a receiver. */
import type { MetricRow } from "./metrics.ts";

/** What a receiver tells at the moment of a scrape. */
export interface ReceiverReadings {
  /** stored = kept + deleted + lost, since the storage was made. */
  readonly stored: number;
  readonly kept: number;
  readonly keptBytes: number;
  readonly deleted: number;
  readonly lost: number;
  readonly unfinished: number;
  readonly unfinishedBytes: number;
  /** Calls that were refused since start, by reason. */
  readonly refused: Readonly<Record<string, number>>;
  /** When the receiver's certificate ends, seconds since the Unix epoch. */
  readonly certificateExpiryS: number | undefined;
}

export const RECEIVER_PREFIX = "mapveil_receiver_";

export const RECEIVER_METRICS: readonly MetricRow<ReceiverReadings>[] = [
  {
    name: "artefacts_stored_total",
    help: "Artefacts stored whole. Always kept + deleted + lost.",
    read: ({ stored }) => stored,
  },
  {
    name: "artefacts_deleted_total",
    help: "Artefacts that a consumer deleted.",
    read: ({ deleted }) => deleted,
  },
  {
    name: "artefacts_lost_total",
    help: "Artefacts whose bytes vanished from the disk.",
    read: ({ lost }) => lost,
  },
  { name: "artefacts", help: "Artefacts that are kept.", read: ({ kept }) => kept },
  { name: "artefacts_bytes", help: "Their sealed bytes.", read: ({ keptBytes }) => keptBytes },
  {
    name: "unfinished_writes",
    help: "Writes that are not finished.",
    read: ({ unfinished }) => unfinished,
  },
  {
    name: "unfinished_bytes",
    help: "Bytes of writes that are not finished.",
    read: ({ unfinishedBytes }) => unfinishedBytes,
  },
  {
    name: "calls_refused_total",
    help: "Calls that were refused since start.",
    label: "reason",
    read: ({ refused }) => refused,
  },
  {
    name: "certificate_expiry_timestamp_seconds",
    help: "When the receiver's certificate ends, seconds since the Unix epoch.",
    read: ({ certificateExpiryS }) => certificateExpiryS,
  },
];
