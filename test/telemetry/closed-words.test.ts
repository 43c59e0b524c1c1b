/** What is logged, measured and answered is of closed lists: a canary in any place of it does not come out. */
import { readdirSync, readFileSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { sidecarReadings } from "../../host/cli/sidecar-readings.ts";
import type { SidecarStatus } from "../../host/sidecar/index.ts";
import { EVENTS, Metrics, SIDECAR_METRICS, serveTelemetry } from "../../host/telemetry/index.ts";

const HOST = fileURLToPath(new URL("../../host/", import.meta.url));
const CANARY = "CANARY_WIELAND";

test("every event that is logged stands in the list, and nothing else", () => {
  const texts = readdirSync(HOST, { recursive: true })
    .map(String)
    .filter((name) => name.endsWith(".ts") && !name.startsWith("gen"))
    .map((name) => readFileSync(join(HOST, name), "utf8"));
  const logged = new Set(["crashed", "bad_event", "log_lines_lost"]);
  for (const text of texts) {
    for (const [, event] of text.matchAll(/\blog\??\.(?:debug|info|warn|error)\(\s*"([a-z_]+)"/g)) {
      logged.add(event!);
    }
    if (text.includes(["permission_", "{action}"].join("$"))) {
      for (const action of ["grant", "withdraw"]) logged.add(`permission_${action}`);
    }
  }
  expect([...logged].sort()).toEqual([...EVENTS].sort());
});

test("labels of metrics are reasons and states of ours", async () => {
  const counts = { UPLOAD_OFF: 1, [CANARY]: 2 };
  const status = {
    accounts: {
      captured: 1,
      uploaded: 0,
      spooled: 0,
      mapped: 0,
      mappedReleased: 0,
      mappedLost: 0,
      refused: counts,
      evicted: counts,
    },
    spool: { bytes: 0, quotaBytes: 1, diskFull: false },
    link: { phase: "waiting", problem: CANARY, retryAtMs: 0, sentBytes: 0, resentBytes: 0 },
    streams: [{ dataClass: CANARY, latencyP50Ms: 1, latencyP99Ms: 2 }],
    epoch: 0n,
    version: CANARY,
  } as unknown as SidecarStatus;
  const metrics = new Metrics("mapveil_", SIDECAR_METRICS, () =>
    sidecarReadings(status, undefined),
  );
  const text = await metrics.text();
  expect(text).toContain('mapveil_frames_refused_total{reason="UPLOAD_OFF"} 1\n');
  expect(text).not.toContain(CANARY);
});

test("answers over HTTP have the same headers always, and say nothing of what was asked", async () => {
  const metrics = { contentType: "text/plain", text: async () => "x 1\n" };
  const listen = { host: "127.0.0.1", port: 0 };
  const server = await serveTelemetry({ listen, metrics, isReady: () => false });
  const ask = (path: string, method: string, headers = {}) =>
    new Promise<string>((resolve, reject) => {
      const { port } = server;
      const asked = request({ port, path, method, headers, agent: false }, (response) => {
        let body = "";
        response.on("data", (piece) => {
          body += piece;
        });
        response.on("end", () => resolve(`${response.rawHeaders.join("|")} ${body}`));
      });
      asked.on("error", reject).end();
    });
  try {
    const fixed = "cache-control|no-store|x-content-type-options|nosniff|Connection|close";
    expect(await ask("/livez", "GET")).toBe(
      `content-type|text/plain; charset=utf-8|content-length|3|${fixed} ok\n`,
    );
    const missing = `content-type|text/plain; charset=utf-8|content-length|10|${fixed} not found\n`;
    expect(await ask(`/${CANARY}`, "GET", { host: CANARY, "user-agent": CANARY })).toBe(missing);
    expect((await ask(`/${CANARY}?x=${CANARY}`, "GET")).includes(CANARY)).toBe(false);
    expect((await ask("/metrics", "GET", { "x-token": CANARY })).includes(CANARY)).toBe(false);
  } finally {
    await server.close();
  }
});
