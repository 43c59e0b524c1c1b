/** The metrics as a scraper reads them: every name, type and label, and values of the moment. */
import { describe, expect, test } from "vitest";
import {
  Metrics,
  processMetrics,
  RECEIVER_METRICS,
  RECEIVER_PREFIX,
  SIDECAR_METRICS,
  SIDECAR_PREFIX,
  type SidecarReadings,
} from "../../host/telemetry/index.ts";
import { parseMetrics } from "./parse-metrics.ts";

const READINGS: SidecarReadings = {
  captured: 19,
  uploaded: 3,
  spooled: 2,
  refused: { UPLOAD_OFF: 4, OVERLOADED: 0 },
  evicted: { QUOTA: 1 },
  mapped: 9,
  mappedReleased: 6,
  mappedLost: 2,
  spoolBytes: 2048,
  spoolQuotaBytes: 4096,
  spoolOldestS: 12.5,
  isDiskFull: true,
  linkState: "waiting",
  sentBytes: 500,
  resentBytes: 20,
  streams: 1,
  receiptMs: { p50: 12, p99: 40 },
  permissionEpoch: 7,
  isLedgerDamaged: false,
  certificateExpiryS: 1_900_000_000,
};

describe("metrics of a sidecar", () => {
  test("say every reading", async () => {
    const metrics = new Metrics(SIDECAR_PREFIX, SIDECAR_METRICS, () => READINGS);
    const { values, types } = parseMetrics(await metrics.text());
    expect(values).toEqual({
      mapveil_sidecar_frames_captured_total: 19,
      mapveil_sidecar_artefacts_uploaded_total: 3,
      mapveil_sidecar_artefacts_spooled: 2,
      'mapveil_sidecar_frames_refused_total{reason="UPLOAD_OFF"}': 4,
      'mapveil_sidecar_frames_refused_total{reason="OVERLOADED"}': 0,
      'mapveil_sidecar_artefacts_evicted_total{reason="QUOTA"}': 1,
      mapveil_sidecar_scans_mapped_total: 9,
      mapveil_sidecar_scans_mapped_released_total: 6,
      mapveil_sidecar_scans_mapped_lost_total: 2,
      mapveil_sidecar_spool_bytes: 2048,
      mapveil_sidecar_spool_quota_bytes: 4096,
      mapveil_sidecar_spool_oldest_age_seconds: 12.5,
      mapveil_sidecar_disk_full: 1,
      'mapveil_sidecar_link_state{state="disabled"}': 0,
      'mapveil_sidecar_link_state{state="idle"}': 0,
      'mapveil_sidecar_link_state{state="uploading"}': 0,
      'mapveil_sidecar_link_state{state="waiting"}': 1,
      mapveil_sidecar_sent_bytes_total: 500,
      mapveil_sidecar_resent_bytes_total: 20,
      mapveil_sidecar_streams: 1,
      'mapveil_sidecar_receipt_latency_seconds{quantile="0.5"}': 0.012,
      'mapveil_sidecar_receipt_latency_seconds{quantile="0.99"}': 0.04,
      mapveil_sidecar_permission_epoch: 7,
      mapveil_sidecar_ledger_damaged: 0,
      mapveil_sidecar_certificate_expiry_timestamp_seconds: 1_900_000_000,
    });
    for (const [name, type] of Object.entries(types)) {
      expect(type, name).toBe(name.endsWith("_total") ? "counter" : "gauge");
    }
  });

  test("are those of the moment, and silent about what is not there", async () => {
    let readings = READINGS;
    const metrics = new Metrics(SIDECAR_PREFIX, SIDECAR_METRICS, () => readings);
    await metrics.text();
    readings = {
      ...READINGS,
      captured: 11,
      spoolOldestS: undefined,
      receiptMs: undefined,
      certificateExpiryS: undefined,
      refused: { UPLOAD_OFF: 5 },
    };
    const { values } = parseMetrics(await metrics.text());
    expect(values.mapveil_sidecar_frames_captured_total).toBe(11);
    expect(values['mapveil_sidecar_frames_refused_total{reason="UPLOAD_OFF"}']).toBe(5);
    const names = Object.keys(values).join(" ");
    expect(names).not.toMatch(/oldest|receipt|expiry|OVERLOADED/);
  });

  test("two sidecars in one process have books of their own", async () => {
    const one = new Metrics(SIDECAR_PREFIX, SIDECAR_METRICS, () => READINGS);
    const two = new Metrics(SIDECAR_PREFIX, SIDECAR_METRICS, () => ({ ...READINGS, captured: 99 }));
    const texts = await Promise.all([one.text(), two.text()]);
    expect(
      texts.map((text) => parseMetrics(text).values.mapveil_sidecar_frames_captured_total),
    ).toEqual([19, 99]);
  });
});

test("metrics of a receiver say every reading", async () => {
  const readings = {
    stored: 9,
    kept: 5,
    keptBytes: 100,
    deleted: 3,
    lost: 1,
    unfinished: 2,
    unfinishedBytes: 50,
    refused: { QUOTA_EXCEEDED: 1 },
    certificateExpiryS: 1,
  };
  const metrics = new Metrics(RECEIVER_PREFIX, RECEIVER_METRICS, () => readings);
  const { values } = parseMetrics(await metrics.text());
  expect(Object.values(values).toSorted((a, b) => a - b)).toEqual([1, 1, 1, 2, 3, 5, 9, 50, 100]);
  expect(values['mapveil_receiver_calls_refused_total{reason="QUOTA_EXCEEDED"}']).toBe(1);
});

test("the process tells of itself and not of its host", async () => {
  const metrics = new Metrics("x_", processMetrics("0.1.0", 2), () => ({}));
  const { values } = parseMetrics(await metrics.text());
  expect(values['x_build_info{version="0.1.0"}']).toBe(1);
  expect(values.x_resident_memory_bytes).toBeGreaterThan(1e6);
  expect(values.x_uptime_seconds).toBeGreaterThan(0);
  expect(values['x_event_loop_delay_seconds{quantile="0.99"}']).toBeGreaterThanOrEqual(0);
  expect(values.x_crashes_total).toBe(2);
  expect(Object.keys(values)).toHaveLength(7);
});
