/** The pages, and what becomes of everybody who asks for something else, or too slowly. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { connect, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, describe, expect, test } from "vitest";
import { serveTelemetry } from "../../host/telemetry/http-server.ts";

const folder = mkdtempSync(join(tmpdir(), "tel-"));
const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function serve(
  listen: { host: string; port: number } | { path: string } = { host: "127.0.0.1", port: 0 },
  parts: { text?: () => Promise<string>; isReady?: () => boolean } = {},
) {
  const server = await serveTelemetry({
    listen,
    metrics: {
      contentType: "text/plain; version=0.0.4",
      text: parts.text ?? (async () => "a 1\n"),
    },
    isReady: parts.isReady ?? (() => true),
  });
  open.push(server);
  return server;
}

/** What the server says to some bytes, until it closes. */
function say(port: number, text: string): Promise<string> {
  return new Promise((resolve) => {
    let answer = "";
    const socket = connect(port, "127.0.0.1");
    socket.on("data", (chunk) => (answer += chunk));
    socket.on("close", () => resolve(answer));
    socket.on("error", () => {});
    socket.write(text);
  });
}

const status = async (port: number, line: string) =>
  /^HTTP\/1\.1 (\d+)/.exec(
    await say(port, `${line} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`),
  )?.[1];

describe("the pages", () => {
  test("are metrics, livez and readyz, for GET", async () => {
    let isReady = false;
    const { port } = await serve(undefined, { isReady: () => isReady });
    const metrics = await fetch(`http://127.0.0.1:${port}/metrics`);
    expect(metrics.headers.get("content-type")).toBe("text/plain; version=0.0.4");
    expect(await metrics.text()).toBe("a 1\n");
    expect(await status(port, "GET /livez")).toBe("200");
    expect(await status(port, "GET /readyz")).toBe("503");
    isReady = true;
    expect(await status(port, "GET /readyz")).toBe("200");
  });

  test.each([
    "GET /",
    "GET /metrics/",
    "GET /metrics?x=1",
    "GET //metrics",
    "GET /../metrics",
    "POST /metrics",
    "HEAD /metrics",
    "PUT /livez",
  ])("%s is not found", async (line) => {
    const { port } = await serve();
    expect(await status(port, line)).toBe("404");
  });

  test.each(["/metrics", "/readyz"])("%s that fails says so without a reason", async (page) => {
    const fail = () => {
      throw new Error("canary");
    };
    const { port } = await serve(undefined, { text: async () => fail(), isReady: fail });
    const answer = await fetch(`http://127.0.0.1:${port}${page}`);
    expect(answer.status).toBe(500);
    expect(await answer.text()).not.toContain("canary");
  });
});

describe("limits", () => {
  test("headers beyond 8 KiB are refused", async () => {
    const { port } = await serve();
    const answer = await say(port, `GET /livez HTTP/1.1\r\nx: ${"y".repeat(9000)}\r\n\r\n`);
    expect(answer).toMatch(/^HTTP\/1\.1 431/);
  });

  test("who never ends the headers is cut", { timeout: 15_000 }, async () => {
    const { port } = await serve();
    expect(await say(port, "GET /livez HTTP/1.1\r\n")).toMatch(/^(HTTP\/1\.1 408|$)/);
  });

  test("closing does not wait for who holds a connection open", async () => {
    const server = await serve();
    const answer = say(server.port, "GET /livez HTTP/1.1\r\n");
    await status(server.port, "GET /livez");
    await server.close();
    expect(await answer).toBe("");
  });
});

describe("a socket", () => {
  const path = join(folder, "m.sock");
  const get = () =>
    new Promise<number | undefined>((resolve, reject) => {
      const call = request({ socketPath: path, path: "/livez", agent: false }, (response) => {
        response.resume();
        resolve(response.statusCode);
      });
      call.on("error", reject);
      call.end();
    });

  test("serves the same pages, and takes the place of one that a dead process left", async () => {
    leaveSocket(path);
    await serve({ path });
    expect(await get()).toBe(200);
  });

  test("is not taken from a living process", async () => {
    await serve({ path });
    await expect(serve({ path })).rejects.toMatchObject({ code: "EADDRINUSE" });
    expect(await get()).toBe(200);
  });

  test("a file that is no socket is left alone", async () => {
    const file = join(folder, "file");
    writeFileSync(file, "precious");
    await expect(serve({ path: file })).rejects.toMatchObject({ code: "EADDRINUSE" });
    expect(readFileSync(file, "utf8")).toBe("precious");
  });
});

/** Leaves a socket behind on which nobody listens, as a killed process does. */
function leaveSocket(path: string): void {
  const code = `require("net").createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, "SIGKILL"))`;
  spawnSync(process.execPath, ["-e", code]);
}

test("a port that is taken is an error of the system", async () => {
  const other: Server = createServer();
  await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
  const { port } = other.address() as { port: number };
  await expect(serve({ host: "127.0.0.1", port })).rejects.toMatchObject({ code: "EADDRINUSE" });
  await new Promise((resolve) => other.close(resolve));
});
