/** A socket that only this user reaches, and that a kill does not block. */
import { spawn } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createClient, openChannel, RpcServer } from "../../host/rpc/index.ts";
import { SILENT } from "../../host/telemetry/log.ts";
import { IngestService, ingest } from "./fake-services.ts";
import { authorise, LIMITS, makeFolder, until } from "./harness.ts";

let folder: string;
const servers: RpcServer[] = [];

beforeEach(() => {
  folder = makeFolder();
});

afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop(100);
  rmSync(folder, { recursive: true, force: true });
});

async function listen(path: string): Promise<RpcServer> {
  const server = new RpcServer({ authorise, log: SILENT, limits: LIMITS });
  servers.push(server.add(IngestService, ingest));
  await server.listenUnix(path);
  return server;
}

async function ask(unixPath: string): Promise<void> {
  const channel = openChannel({ unixPath });
  await createClient(IngestService, channel).cancelWrite({});
  channel.close();
}

test("its folder is made with mode 0700, and the socket goes when the server stops", async () => {
  const path = join(folder, "run", "s");
  const server = await listen(path);
  expect(statSync(join(folder, "run")).mode & 0o777).toBe(0o700);
  await ask(path);
  await server.stop(1000);
  expect(existsSync(path)).toBe(false);
});

test("a folder that others may enter is refused", async () => {
  mkdirSync(join(folder, "open"));
  chmodSync(join(folder, "open"), 0o755);
  await expect(listen(join(folder, "open", "s"))).rejects.toMatchObject({ code: "CONFIG" });
});

test("a socket that a killed process left is replaced", async () => {
  const path = join(folder, "s");
  const code = "require('net').createServer().listen(process.argv[1]); setInterval(() => {}, 1e6)";
  const child = spawn(process.execPath, ["-e", code, path]);
  await until(() => existsSync(path));
  child.kill("SIGKILL");
  await until(() => child.signalCode !== null);
  expect(existsSync(path)).toBe(true);
  await listen(path);
  await ask(path);
});

test("a socket that another process answers on is left alone", async () => {
  const path = join(folder, "s");
  await listen(path);
  await expect(listen(path)).rejects.toMatchObject({ code: "UNAVAILABLE" });
  await ask(path);
});

test("what is no socket is left alone, and so is a path that is too long", async () => {
  const path = join(folder, "s");
  writeFileSync(path, "precious");
  await expect(listen(path)).rejects.toMatchObject({ code: "CONFIG" });
  expect(statSync(path).size).toBe(8);
  const long = join(folder, "x".repeat(120));
  await expect(listen(long)).rejects.toMatchObject({ code: "CONFIG" });
});
