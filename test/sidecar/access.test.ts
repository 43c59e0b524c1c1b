/** Who gets in: tokens, roles, folders, and one sidecar at a time. */
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { SidecarClient } from "../../host/client/index.ts";
import { Health } from "../../host/gen/grpc/health/v1/health_pb.ts";
import { PermissionService } from "../../host/gen/mapveil/v1/permission_service_pb.ts";
import { SensorService } from "../../host/gen/mapveil/v1/sensor_service_pb.ts";
import { StatusService } from "../../host/gen/mapveil/v1/status_service_pb.ts";
import { createClient, openChannel } from "../../host/rpc/index.ts";
import { Sidecar } from "../../host/sidecar/index.ts";
import { codeOf, frameOf, LIDAR, optionsIn, policyOf, Robot, temporaryFolder } from "./support.ts";

describe("tokens and roles", () => {
  let robot: Robot;
  let channel: ReturnType<typeof openChannel>;
  beforeAll(async () => {
    robot = await Robot.start();
    channel = openChannel({ unixPath: robot.options.socketPath });
  });
  afterAll(async () => {
    channel.close();
    await robot.end();
  });
  const tokenOf = (name: string) => readFileSync(robot.tokenPath(name), "utf8").trim();

  test("every client has a token of its own that only the user can read", () => {
    const names = ["app", "carer", "lidar", "watch"];
    expect(new Set(names.map(tokenOf)).size).toBe(4);
    for (const name of names) {
      expect(tokenOf(name)).toMatch(/^[A-Za-z0-9_-]{43}$/);
      expect(statSync(robot.tokenPath(name)).mode & 0o777).toBe(0o600);
    }
    for (const folder of [robot.options.stateDir, join(robot.options.stateDir, "clients")]) {
      expect(statSync(folder).mode & 0o777).toBe(0o700);
    }
  });

  test.each<[string, (token: string) => Record<string, string>]>([
    ["no token", () => ({})],
    ["an empty one", () => ({ authorization: "Bearer " })],
    ["another scheme", (token) => ({ authorization: `Basic ${token}` })],
    ["half of it", (token) => ({ authorization: `Bearer ${token.slice(0, 20)}` })],
    ["one bit more", (token) => ({ authorization: `Bearer ${token}A` })],
    ["somebody's", () => ({ authorization: `Bearer ${"A".repeat(43)}` })],
    ["a long one", () => ({ authorization: `Bearer ${"A".repeat(5000)}` })],
  ])("%s: UNAUTHENTICATED, before anything is looked at", async (_, headersOf) => {
    const headers = headersOf(tokenOf("app"));
    const refused = { code: "UNAUTHENTICATED", reason: "CREDENTIALS_INVALID" };
    const status = createClient(StatusService, channel, { headers }).getStatus({});
    await expect(status).rejects.toMatchObject(refused);
    const grant = createClient(PermissionService, channel, { headers });
    await expect(grant.grantPermission({ name: "nonsense" })).rejects.toMatchObject(refused);
    const stream = createClient(SensorService, channel, { headers }).streamFrames();
    await expect(stream.responses[Symbol.asyncIterator]().next()).rejects.toMatchObject(refused);
  });

  test("each method is for its roles", async () => {
    const allowed = { lidar: "s", app: "gw", carer: "gw", watch: "" };
    for (const [name, may] of Object.entries(allowed)) {
      const headers = { authorization: `Bearer ${tokenOf(name)}` };
      const permissions = createClient(PermissionService, channel, { headers });
      const missing = { code: "PERMISSION_DENIED", reason: "ROLE_MISSING" };
      const unknown = { code: "NOT_FOUND", reason: "PERMISSION_UNKNOWN" };
      const decided = may.includes("g") ? unknown : missing;
      const request = { name: "permissions/none", affirmativeAct: "x" };
      await expect(permissions.grantPermission(request)).rejects.toMatchObject(decided);
      await expect(
        permissions.withdrawPermission({ name: "permissions/none" }),
      ).rejects.toMatchObject(decided);
      const stream = createClient(SensorService, channel, { headers }).streamFrames();
      stream.end();
      const first = stream.responses[Symbol.asyncIterator]().next();
      if (may.includes("s")) expect((await first).done).toBe(true);
      else await expect(first).rejects.toMatchObject(missing);
      expect((await permissions.listPermissions({})).permissions.length).toBeGreaterThan(50);
      expect((await permissions.listPermissionEvents({})).publicKey).toHaveLength(32);
      await createClient(StatusService, channel, { headers }).getStatus({});
    }
  });

  test("health needs no token", async () => {
    const health = createClient(Health, channel);
    expect(await health.check({ service: "mapveil.v1.SensorService" })).toMatchObject({
      status: 1,
    });
  });

  test("clients are exchanged while it runs; a bad list leaves the old ones", async () => {
    const monitor = await robot.client("watch");
    await monitor.status();
    await robot.sidecar.setClients([
      { name: "app", role: "owner" },
      { name: "new", role: "monitor" },
    ]);
    await expect(monitor.status()).rejects.toMatchObject({ code: "UNAUTHENTICATED" });
    const newcomer = await robot.client("new");
    await newcomer.status();
    const twice = [
      { name: "a", role: "monitor" },
      { name: "a", role: "owner" },
    ] as const;
    expect(await codeOf(robot.sidecar.setClients(twice))).toBe("CONFIG");
    for (const name of ["../app", "", "A", "a".repeat(64), "a/b"]) {
      expect(await codeOf(robot.sidecar.setClients([{ name, role: "owner" }]))).toBe("CONFIG");
    }
    await newcomer.status();
  });
});

describe("a start is refused", () => {
  const folder = temporaryFolder();
  afterAll(() => folder.remove());
  let made = 0;
  const fresh = () => join(folder.path, String(made++));

  test("on a state folder that others may enter, with the remedy", async () => {
    const options = optionsIn(fresh());
    mkdirSync(options.stateDir, { recursive: true });
    chmodSync(options.stateDir, 0o750);
    await expect(Sidecar.start(options)).rejects.toThrow(`Run: chmod 700 ${options.stateDir}`);
    chmodSync(options.stateDir, 0o700);
    await (await Sidecar.start(options)).stop(1000);
  });

  test("on a link, on a token that others may read, and on a token that is none", async () => {
    const options = optionsIn(fresh());
    await (await Sidecar.start(options)).stop(1000);
    const token = join(options.stateDir, "clients", "app.token");
    chmodSync(token, 0o644);
    await expect(Sidecar.start(options)).rejects.toThrow(`Run: chmod 600 ${token}`);
    chmodSync(token, 0o600);
    writeFileSync(token, "");
    expect(await codeOf(Sidecar.start(options))).toBe("CONFIG");
    rmSync(token);
    const link = `${options.stateDir}-link`;
    symlinkSync(options.stateDir, link);
    expect(await codeOf(Sidecar.start({ ...options, stateDir: link }))).toBe("CONFIG");
    await (await Sidecar.start(options)).stop(1000);
  });

  test("for a policy that cannot be applied, and leaves nothing open", async () => {
    const options = optionsIn(fresh());
    const emptied = policyOf("level: map\nmap: {people: slice}\ncrop: {height_m: [0, 1]}");
    expect(await codeOf(Sidecar.start({ ...options, policy: emptied }))).toBe("CONFIG");
    await (await Sidecar.start(options)).stop(1000);
  });

  test.runIf(process.platform === "linux")("while another sidecar has the state", async () => {
    const options = optionsIn(fresh());
    const first = await Sidecar.start(options);
    const socketPath = join(options.socketPath, "..", "t.sock");
    await expect(Sidecar.start({ ...options, socketPath })).rejects.toMatchObject({
      code: "UNAVAILABLE",
      message: expect.stringContaining("another sidecar"),
    });
    // The first one is none the worse.
    const tokenPath = join(options.stateDir, "clients", "app.token");
    const client = await SidecarClient.create({ socketPath: options.socketPath, tokenPath });
    expect((await client.status()).version).toMatch(/^\d+\.\d+\.\d+/);
    client.close();
    await first.stop(1000);
    await (await Sidecar.start({ ...options, socketPath })).stop(1000);
  });
});

describe("a ledger that was tampered with", () => {
  test("refuses every frame, says so, and keeps what is spooled", async () => {
    const robot = await Robot.start();
    try {
      await robot.grantLidar();
      const frame = frameOf(1);
      const stream = await (await robot.sensor()).open({ layout: frame.layout });
      await stream.push(frame);
      await stream.end();
      await robot.sidecar.stop(1000);
      tamper(robot.options.stateDir);
      await robot.restart();
      const again = await (await robot.sensor()).open({ layout: frame.layout });
      expect(await again.push(frame)).toMatchObject({
        outcome: "refused",
        reason: "LEDGER_DAMAGED",
      });
      const client = await robot.client("watch");
      const status = await client.status();
      expect(status.ledgerDamaged).toBe(true);
      expect(status.spool?.artefacts).toBe(1n);
      const owner = await robot.client("app");
      await expect(
        owner.grantPermission({ name: LIDAR, level: 4, affirmativeAct: "x" }),
      ).rejects.toMatchObject({ code: "FAILED_PRECONDITION", reason: "LEDGER_DAMAGED" });
    } finally {
      await robot.end();
    }
  });
});

/** Changes the words of an entry wherever they stand in the ledger's files. */
function tamper(stateDir: string): void {
  let changed = 0;
  for (const name of readdirSync(stateDir, { recursive: true }).map(String)) {
    const path = join(stateDir, name);
    if (!/ledger|permission/.test(name) || !statSync(path).isFile()) continue;
    const bytes = readFileSync(path);
    for (let at = bytes.indexOf("ticked"); at >= 0; at = bytes.indexOf("ticked", at + 1)) {
      bytes.write("kicked", at);
      changed++;
    }
    writeFileSync(path, bytes);
  }
  if (changed === 0) throw new Error("found no ledger");
}
