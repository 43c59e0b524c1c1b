/** The file of a sidecar: defaults, faults with their places, and what lies over it. */
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { SIDECAR_STARTER_YAML } from "../../host/cli/sidecar-starter.ts";
import { variableOf } from "../../host/config/environment.ts";
import { jsonSchema } from "../../host/config/index.ts";
import { keysOf } from "../../host/config/keys.ts";
import { loadSidecarConfig, sidecarSchema } from "../../host/sidecar/config.ts";
import { failure, RECIPIENT, temporaryFolder, write } from "./support.ts";

const folder = temporaryFolder();
const NONE = { environment: {}, settings: [] };
const MINIMAL = `version: 1\nrecipient: ${RECIPIENT}\n`;
const UPLINK = "uplink: {address: 'r:7443', ca: ca.pem, certificate: c.pem, key: c.key}\n";

const load = (text: string, environment = {}, settings: string[] = []) =>
  loadSidecarConfig(write(folder, "s.yaml", text), { environment, settings });
const faults = async (text: string, environment = {}, settings: string[] = []) => {
  const [code, message] = await failure(load(text, environment, settings));
  return `${code} ${message.replaceAll(`${folder}/`, "")}`;
};

describe("a sound file", () => {
  test("two keys are enough; everything else is bounded and stays on the machine", async () => {
    const { options, service } = await load(MINIMAL);
    expect(options).toMatchObject({
      stateDir: join(folder, "state"),
      socketPath: join(folder, "run/mapveil.sock"),
      quotaBytes: 2 ** 30,
      maxAgeMs: 30 * 86_400_000,
      limits: { frameBytes: 16 * 2 ** 20, streams: 4, inFlight: 4, rateHz: 20 },
      releaseEveryMs: 600_000,
    });
    expect(options.uplink).toBeUndefined();
    expect(options.recipient).toHaveLength(32);
    expect(options.clients.map(({ role }) => role)).toEqual(["owner", "sensor", "monitor"]);
    expect(service).toEqual({ logLevel: "info", stopTimeoutMs: 10_000 });
  });

  test("the starter file says the defaults and explains every key", async () => {
    const key = { MAPVEIL_SIDECAR_RECIPIENT: RECIPIENT };
    const starter = await load(SIDECAR_STARTER_YAML, key);
    expect(starter.values).toEqual((await load(MINIMAL)).values);
    const open = SIDECAR_STARTER_YAML.replaceAll(/^# {1,3}(?=(uplink:| {2}))/gm, "");
    for (const { path } of keysOf(sidecarSchema)) expect(open).toMatch(`${path.at(-1)}:`);
    expect(SIDECAR_STARTER_YAML.split("\n").every((line) => line.length <= 100)).toBe(true);
  });

  test("paths start at the folder of the file, units become numbers", async () => {
    const { options, service } = await load(
      `${MINIMAL}${UPLINK}socket: /tmp/m.sock\nmetrics: {listen: 'unix:m.sock'}\n`,
    );
    expect(options.socketPath).toBe("/tmp/m.sock");
    expect(options.uplink).toEqual({
      address: "r:7443",
      caPath: join(folder, "ca.pem"),
      certificatePath: join(folder, "c.pem"),
      keyPath: join(folder, "c.key"),
      chunkBytes: 262_144,
      parallel: 2,
      bandwidthBytesPerS: 0,
      stallTimeoutMs: 30_000,
      cadenceMs: 600_000,
      perTick: 1_000_000,
      purpose: "provide",
      pseudonymEpochMs: 86_400_000,
    });
    expect(service.metrics).toEqual({ path: join(folder, "m.sock") });
  });

  test("keys that differ are named", async () => {
    const one = await load(MINIMAL);
    const two = await load(`${MINIMAL}${UPLINK}log: {level: debug}\nclients: []\n`);
    expect(two.changedKeys(one)).toEqual([
      "clients",
      "uplink.address",
      "uplink.ca",
      "uplink.certificate",
      "uplink.key",
      "uplink.chunk",
      "uplink.parallel",
      "uplink.bandwidth",
      "uplink.stall_timeout",
      "uplink.cadence",
      "uplink.per_tick",
      "uplink.purpose",
      "uplink.pseudonym_epoch",
      "log.level",
    ]);
    expect(one.changedKeys(one)).toEqual([]);
  });
});

describe("faults", () => {
  test.each([
    ["qouta: 1", "3:1 sidecar: has an unknown field, allowed: version,"],
    ["spool:\n  qouta: 1GiB", "4:3 spool.qouta: is an unknown field (did you mean quota?)"],
    [
      "spool: {quota: 1GB}",
      "3:16 spool.quota: is a text of length 3, must be a size from 1MiB to 16TiB",
    ],
    ["spool: {quota: 1000000}", "3:16 spool.quota: is a number, must be a size"],
    ["spool: {max_age: 366d}", "3:18 spool.max_age: is a text of length 4, must be a duration"],
    [
      "stop_timeout: 500ms",
      "3:15 stop_timeout: is a text of length 5, must be a duration from 1s to 10m",
    ],
    [
      "limits: {streams: 0}",
      "3:19 limits.streams: is too small, must be a whole number from 1 to 64",
    ],
    ["limits:", "3:8 limits: is empty, must be a mapping with frame, streams, in_flight, rate"],
    ["log: {level: verbose}", "3:14 log.level: is a text of length 7, must be one of debug"],
    ["metrics: {listen: 9464}", "3:19 metrics.listen: is a number, must be none, host:port"],
    ["uplink: {address: r}", "3:19 uplink.address: is a text of length 1, must be host:port"],
    ["uplink: {address: 'r:0'}", "3:19 uplink.address: is a text of length 3, must be host:port"],
    ["uplink: {address: 'r:1'}", "3:9 uplink.ca: is missing, must be the path of a PEM file"],
    [
      "clients: [{name: ../x, role: owner}]",
      "3:18 clients[0].name: is a text of length 4, must be a name",
    ],
    [
      "clients: [{name: a, role: ownr}]",
      "is a text of length 4 (did you mean owner?), must be one of sensor",
    ],
    [
      "clients: [{name: a, role: owner}, {name: a, role: sensor}]",
      "3:42 clients[1].name: is the name of another client too",
    ],
    ["clients: [{name: 1, role: owner}, 5]", "3:35 clients[1]: is a number, must be a mapping"],
    ['socket: "a\\u0000b"', "3:9 socket: is "],
    ["state_dir: state\nstate_dir: other", "4:1 sidecar: names a key twice, keep one"],
  ])("%s", async (text, expected) => {
    expect(await faults(MINIMAL + text)).toContain(`s.yaml:`);
    expect(await faults(MINIMAL + text)).toContain(expected);
  });

  test("an empty file and a missing one", async () => {
    expect(await faults("")).toMatch(/^CONFIG s.yaml:1:1 sidecar: is empty, must be a mapping/);
    const missing = loadSidecarConfig(join(folder, "none.yaml"), NONE);
    expect((await failure(missing))[0]).toBe("IO");
  });

  test("a socket whose path no system takes", async () => {
    const text = `${MINIMAL}socket: ${"x".repeat(120)}`;
    expect(await faults(text)).toMatch(/^CONFIG socket: .*longer than the 107 bytes/);
  });

  test("a recipient or policy that is none is named", async () => {
    expect(await faults("version: 1\nrecipient: no.pub\n")).toMatch(/^IO no.pub/);
    write(folder, "p.yaml", "version: 1\nlevl: full\n");
    expect(await faults(`${MINIMAL}policy: p.yaml`)).toMatch(/^CONFIG p.yaml:2:1 levl/);
  });
});

describe("variables and options", () => {
  test("options win over variables, those over the file, that over defaults", async () => {
    const text = `${MINIMAL}spool: {quota: 2GiB, max_age: 2d}\nlimits: {streams: 2}\n`;
    const environment = {
      MAPVEIL_SIDECAR_SPOOL_QUOTA: "3GiB",
      MAPVEIL_SIDECAR_LIMITS_STREAMS: "3",
      MAPVEIL_SIDECAR_LOG_LEVEL: "",
      MAPVEIL_SIDECAR_CONFIG: "elsewhere.yaml",
      MAPVEIL_RECEIVER_LISTEN: "not ours",
    };
    const { options, service } = await load(text, environment, ["spool.quota=4GiB"]);
    expect(options.quotaBytes).toBe(4 * 2 ** 30);
    expect(options.limits.streams).toBe(3);
    expect(options.maxAgeMs).toBe(2 * 86_400_000);
    expect(options.limits.inFlight).toBe(4);
    expect(service.logLevel).toBe("info");
  });

  test("a section may come out of variables alone", async () => {
    const environment = {
      MAPVEIL_SIDECAR_UPLINK_ADDRESS: "r:1",
      MAPVEIL_SIDECAR_UPLINK_CA: "a",
      MAPVEIL_SIDECAR_UPLINK_CERTIFICATE: "b",
      MAPVEIL_SIDECAR_UPLINK_KEY: "c",
    };
    expect((await load(MINIMAL, environment)).options.uplink?.keyPath).toBe(join(folder, "c"));
  });

  test("a fault names the variable or option that it came from", async () => {
    const variable = { MAPVEIL_SIDECAR_SPOOL_QUOTA: "lots" };
    expect(await faults(MINIMAL, variable)).toMatch(
      /^CONFIG MAPVEIL_SIDECAR_SPOOL_QUOTA spool.quota: is a text of length 4, must be a size/,
    );
    expect(await faults(MINIMAL, {}, ["limits.streams=many"])).toMatch(
      /^CONFIG --set limits.streams limits.streams: is a text of length 4, must be a whole number/,
    );
  });

  test("an unknown variable or option is an error with a suggestion", async () => {
    expect(await faults(MINIMAL, { MAPVEIL_SIDECAR_SPOOL_QOUTA: "1GiB" })).toBe(
      "CONFIG MAPVEIL_SIDECAR_SPOOL_QOUTA is an unknown variable (did you mean MAPVEIL_SIDECAR_SPOOL_QUOTA?); unset it.",
    );
    expect(await faults(MINIMAL, {}, ["spool.qouta=1GiB"])).toBe(
      "USAGE --set spool.qouta is not a setting of this file (did you mean spool.quota?).",
    );
    expect(await faults(MINIMAL, {}, ["spool.quota"])).toMatch(/^USAGE .*write key=value/);
    expect(await faults(MINIMAL, {}, ["clients=x"])).toMatch(/^USAGE --set clients is not/);
  });

  test("a variable mends no section that is no mapping", async () => {
    const variable = { MAPVEIL_SIDECAR_SPOOL_QUOTA: "1GiB" };
    expect(await faults(`${MINIMAL}spool: 5`, variable)).toContain(
      "3:8 spool: is a number, must be",
    );
  });

  test("no two keys share a variable, and none is called CONFIG", () => {
    const names = keysOf(sidecarSchema).map(({ path }) => variableOf("", path));
    expect(new Set(names).size).toBe(names.length);
    expect(names).not.toContain("CONFIG");
  });
});

describe("hostile files", () => {
  test("whatever stands in one, the answer is settings or a sentence", async () => {
    const words = fc.constantFrom(
      ...SIDECAR_STARTER_YAML.split(/(?<=[\s:[\]{},])/),
      "__proto__:",
      "&a ",
      "*a",
      "\u0000",
      "1e999",
      "- ",
    );
    const texts = fc.oneof(
      fc.string({ maxLength: 200 }),
      fc.array(words, { maxLength: 40 }).map((parts) => MINIMAL + parts.join("")),
    );
    await fc.assert(
      fc.asyncProperty(texts, async (text) => {
        try {
          await load(text);
        } catch (error) {
          expect(["CONFIG", "IO"]).toContain((error as { code?: string }).code);
        }
      }),
      { numRuns: 400 },
    );
  });

  test("a file that is too long or not UTF-8", async () => {
    expect(await faults(`#${"x".repeat(64 * 1024)}`)).toMatch(/longer than 64 KiB/);
    const path = write(folder, "bytes.yaml", Buffer.from([0xff, 0xfe]));
    expect((await failure(loadSidecarConfig(path, NONE)))[1]).toMatch(/is not UTF-8/);
  });
});

test("the JSON Schema knows every key and its default", () => {
  const text = JSON.stringify(jsonSchema("Mapveil sidecar", sidecarSchema));
  for (const { path } of keysOf(sidecarSchema)) expect(text).toContain(`"${path.at(-1)}":`);
  expect(text).toContain('"default":"1GiB"');
});
