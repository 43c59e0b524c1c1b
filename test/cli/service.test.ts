/** The life of a service: start, reload, stop; and what commands say of it. */
import { request } from "node:http";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parseMetrics } from "../telemetry/parse-metrics.ts";
import { put, readText, runIn, Service, serviceFolder } from "./service-support.ts";

const folder = serviceFolder();
await runIn(folder, ["keygen"]);
const SETTINGS = "version: 1\nrecipient: recipient.key.pub\n";
const file = put(folder, "s.yaml", SETTINGS);

describe("init, validate and schema", () => {
  test("a starter file is sound once there is a key", async () => {
    expect((await runIn(folder, ["sidecar", "init", "-o", "start.yaml"])).exit).toBe(0);
    const again = await runIn(folder, ["sidecar", "init", "-o", "start.yaml"]);
    expect(again.exit).toBe(2);
    const ran = await runIn(folder, ["sidecar", "validate", "--config", "start.yaml", "--json"]);
    expect(ran.exit).toBe(0);
    expect(JSON.parse(ran.out)).toMatchObject({ schema: 1, file: "start.yaml" });
    expect(ran.out).toContain("level frames");
  });

  test("a receiver's starter file is sound with a set of certificates", async () => {
    const made = await runIn(folder, ["certificates", "init", "-o", "certificates", "--json"]);
    expect(JSON.parse(made.out)).toMatchObject({ names: { fleet: "urn:mapveil:fleet" } });
    const again = await runIn(folder, ["certificates", "init", "-o", "certificates"]);
    expect(again).toMatchObject({ exit: 1 });
    expect(again.err).toMatch(/exists already/);
    await runIn(folder, ["receiver", "init", "-o", "receiver.yaml"]);
    const ran = await runIn(folder, ["receiver", "validate", "-c", "receiver.yaml"]);
    expect(ran).toMatchObject({ exit: 0 });
    expect(ran.out).toMatch(/certificate of the receiver: sound until/);
  });

  test("what is wrong has a place and the exit code of settings", async () => {
    put(folder, "wrong.yaml", `${SETTINGS}spool: {qouta: 1GiB}\n`);
    const ran = await runIn(folder, ["sidecar", "validate", "--config", "wrong.yaml"]);
    expect(ran.exit).toBe(78);
    expect(ran.err).toContain(
      "wrong.yaml:3:9 spool.qouta: is an unknown field (did you mean quota?)",
    );
    const none = await runIn(folder, ["sidecar", "validate"]);
    expect(none).toMatchObject({ exit: 2 });
    expect(none.err).toContain("MAPVEIL_SIDECAR_CONFIG");
    put(folder, "key.pem", "no key");
    const tls =
      "tls: {certificate: certificates/receiver.pem, key: key.pem, client_ca: certificates/authority.pem}";
    put(folder, "bad-key.yaml", `version: 1\n${tls}\n`);
    const key = await runIn(folder, ["receiver", "validate", "-c", "bad-key.yaml"]);
    expect(key).toMatchObject({ exit: 78 });
    expect(key.err).toContain("key.pem");
  });

  test("variables and options lie over the file", async () => {
    const environment = { MAPVEIL_SIDECAR_CONFIG: file, MAPVEIL_SIDECAR_LOG_LEVEL: "shout" };
    const ran = await runIn(folder, ["sidecar", "validate"], { environment });
    expect(ran.err).toContain("MAPVEIL_SIDECAR_LOG_LEVEL log.level: is a text of length 5");
    const over = ["sidecar", "validate", "--set", "log.level=debug"];
    expect((await runIn(folder, over, { environment })).exit).toBe(0);
  });

  test("the schema is JSON", async () => {
    for (const name of ["sidecar", "receiver"]) {
      const { out } = await runIn(folder, [name, "schema"]);
      expect(JSON.parse(out)).toMatchObject({ title: `Mapveil ${name}`, type: "object" });
    }
  });
});

test("every command shows an example", async () => {
  const commands = [
    ...["sidecar", "receiver"].flatMap((name) =>
      ["", "validate", "init", "schema"].map((below) => `${name} ${below}`),
    ),
    ...["list", "explain", "grant", "withdraw", "history"].map((below) => `permission ${below}`),
    ...["list", "get", "download", "watch", "delete"].map((below) => `artefact ${below}`),
    "certificates init",
    "status",
    "doctor",
    "push",
  ];
  for (const command of commands) {
    const ran = await runIn(folder, [...command.trim().split(" "), "--help"]);
    expect(ran.exit, command).toBe(0);
    expect(ran.out, command).toMatch(new RegExp(`Examples?:\\n {2}mapveil ${command.trim()}\\b`));
  }
});

describe("a running sidecar", () => {
  test("serves metrics, takes what is live, keeps what is sound, and stops", async () => {
    const metrics = join(folder, "m.sock");
    const set = ["--set", `metrics.listen=unix:${metrics}`];
    const service = new Service(folder, "sidecar", "-c", "s.yaml", ...set);
    await service.logged("started");
    const { values } = parseMetrics(await get(metrics, "/metrics"));
    expect(values.mapveil_sidecar_frames_captured_total).toBe(0);
    expect(values['mapveil_sidecar_frames_refused_total{reason="UPLOAD_OFF"}']).toBe(0);
    expect(values['mapveil_sidecar_link_state{state="disabled"}']).toBe(1);
    expect(await get(metrics, "/readyz")).toBe("ok\n");

    put(folder, "s.yaml", `${SETTINGS}nonsense: 1\n`);
    service.signal("SIGHUP");
    expect(await service.logged("configuration_rejected")).toMatchObject({ code: "CONFIG" });

    put(folder, "p.yaml", "version: 1\nlevel: nothing\n");
    put(
      folder,
      "s.yaml",
      `${SETTINGS}policy: p.yaml\nlog: {level: debug}\nspool: {quota: 2GiB}\nclients: [{name: boss, role: owner}]\n`,
    );
    service.signal("SIGHUP");
    expect(await service.logged("configuration_reloaded")).toMatchObject({ count: 3 });
    await service.logged("restart_needed");
    expect(service.events("restart_needed").map(({ key }) => key)).toEqual(["spool.quota"]);
    expect(readText(folder, "state/clients/boss.token")).toMatch(/^[\w-]{43}\n$/);

    const emptied = "level: map\nmap: {people: slice}\ncrop: {height_m: [0, 1]}";
    put(folder, "p.yaml", `version: 1\n${emptied}\n`);
    service.signal("SIGHUP");
    await service.logged("configuration_rejected", 2);
    put(folder, "s.yaml", SETTINGS);
    service.signal("SIGHUP");
    await service.logged("configuration_reloaded", 2);

    expect(await service.stop()).toMatchObject({ exit: 0, err: "" });
    expect(service.exits).toEqual([]);
    expect(service.events("stopped")).toHaveLength(1);
  });

  test("a second signal ends it at once", async () => {
    const service = new Service(folder, "sidecar", "-c", "s.yaml");
    await service.logged("started");
    service.signal("SIGINT");
    service.signal("SIGINT");
    expect(service.exits).toEqual([130]);
    await service.ended;
  });

  test("one that cannot start says why", async () => {
    const one = new Service(folder, "sidecar", "-c", "s.yaml");
    await one.logged("started");
    const other = await runIn(folder, ["sidecar", "-c", "s.yaml"]);
    expect(other.exit).toBe(5);
    const port = [
      "--set",
      "state_dir=other",
      "--set",
      "socket=o/s.sock",
      "--set",
      "metrics.listen=unix:m",
    ];
    put(folder, "m", "in the way");
    const taken = await runIn(folder, ["sidecar", "-c", "s.yaml", ...port]);
    expect(taken.exit).toBe(1);
    expect(taken.err).toContain("metrics.listen: cannot listen there (EADDRINUSE)");
    expect((await one.stop()).exit).toBe(0);
  });
});

/** The body that a socket answers with. */
async function get(socketPath: string, path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    request({ socketPath, path, agent: false }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk) => (text += chunk));
      response.on("end", () => resolve(text));
    })
      .on("error", reject)
      .end();
  });
}
