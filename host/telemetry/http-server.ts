/** Metrics and health over HTTP: three pages for GET, and nothing else. */
import { createServer, type RequestListener, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { listenOnPath } from "./stale-socket.ts";

const HEADER_BYTES_MAX = 8 * 1024;
const REQUEST_TIMEOUT_MS = 2000;
const IDLE_TIMEOUT_MS = 15_000;
const CONNECTIONS_MAX = 32;

interface TelemetryOptions {
  /** Where to listen; port 0 for any free one. */
  readonly listen: { readonly host: string; readonly port: number } | { readonly path: string };
  /** What /metrics says. */
  readonly metrics: { readonly contentType: string; text(): Promise<string> };
  /** Whether /readyz says yes. */
  readonly isReady: () => boolean;
}

export interface TelemetryServer {
  /** The port it listens on; 0 for a socket. */
  readonly port: number;
  /** Stops it and cuts every connection. */
  close(): Promise<void>;
}

function answer(response: ServerResponse, status: number, type: string, text: string): void {
  // The clock of a machine tells it from others.
  response.sendDate = false;
  response.writeHead(status, {
    "content-type": type,
    "content-length": Buffer.byteLength(text),
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
  });
  response.end(text);
}

function pages(options: TelemetryOptions): RequestListener {
  const say = (response: ServerResponse, status: number, text: string) =>
    answer(response, status, "text/plain; charset=utf-8", `${text}\n`);
  const page = async (url: string | undefined, response: ServerResponse) => {
    switch (url) {
      case "/livez":
        return say(response, 200, "ok");
      case "/readyz":
        return options.isReady() ? say(response, 200, "ok") : say(response, 503, "not ready");
      case "/metrics":
        return answer(response, 200, options.metrics.contentType, await options.metrics.text());
      default:
        return say(response, 404, "not found");
    }
  };
  return (request, response) => {
    // Bodies are not read: the answer closes what has one.
    if (request.method !== "GET") {
      response.setHeader("connection", "close");
      return say(response, 404, "not found");
    }
    page(request.url, response).catch(() => say(response, 500, "not known at present"));
  };
}

/**
 * Starts serving /metrics, /livez and /readyz. A socket that a dead process left is replaced.
 * Rejects with the error of the system if it cannot listen there.
 */
export async function serveTelemetry(options: TelemetryOptions): Promise<TelemetryServer> {
  const server = createServer(
    {
      maxHeaderSize: HEADER_BYTES_MAX,
      headersTimeout: REQUEST_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      keepAliveTimeout: IDLE_TIMEOUT_MS,
      connectionsCheckingInterval: 500,
    },
    pages(options),
  );
  server.maxConnections = CONNECTIONS_MAX;
  if ("path" in options.listen) await listenOnPath(server, options.listen.path);
  else {
    const { host, port } = options.listen;
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(port, host, resolve);
    });
  }
  server.on("error", () => {});
  const address = server.address();
  return {
    port: typeof address === "object" ? ((address as AddressInfo | null)?.port ?? 0) : 0,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
