/** The metrics of a sidecar that runs, as far as they are of its own names and labels. */
import { get, type RequestOptions } from "node:http";
import type { SidecarConfig } from "../../sidecar/config.ts";
import { processMetrics, SIDECAR_METRICS, SIDECAR_PREFIX } from "../../telemetry/index.ts";
import { isOwnWord } from "./vocabulary.ts";

const TIMEOUT_MS = 2000;
const BYTES_MAX = 1024 * 1024;
const LINE = /^([a-z_]+)(?:\{([a-z]+)="([^"\\]{1,40})"\})? ([0-9.e+-]+|NaN)$/;

function bodyOf(options: RequestOptions): Promise<string> {
  return new Promise((resolve) => {
    const request = get({ ...options, path: "/metrics", timeout: TIMEOUT_MS }, (response) => {
      let text = "";
      response.setEncoding("latin1").on("data", (piece: string) => {
        text += piece;
        if (text.length > BYTES_MAX) request.destroy();
      });
      response.on("end", () => resolve(text));
      response.on("error", () => resolve(""));
    });
    request.on("timeout", () => request.destroy());
    request.on("error", () => resolve(""));
  });
}

/** The lines of its metrics; undefined where none are configured, empty where nobody answers. */
export async function ownMetrics({ service }: SidecarConfig): Promise<string[] | undefined> {
  const { metrics } = service;
  if (metrics === undefined) return undefined;
  const options = "path" in metrics ? { socketPath: metrics.path } : metrics;
  const rows = [...SIDECAR_METRICS, ...processMetrics("", 0)];
  const names = new Set(rows.map(({ name }) => `${SIDECAR_PREFIX}${name}`));
  return (await bodyOf(options)).split("\n").filter((line) => {
    const [, name = "", label, word = ""] = LINE.exec(line) ?? [];
    return (
      names.has(name) &&
      !name.includes("_timestamp_") &&
      (label === undefined || isOwnWord(label, word))
    );
  });
}
