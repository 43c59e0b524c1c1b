/** The file of a receiver: defaults, faults with their places, and what it becomes. */
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { RECEIVER_STARTER_YAML } from "../../host/cli/receiver-starter.ts";
import { variableOf } from "../../host/config/environment.ts";
import { keysOf } from "../../host/config/keys.ts";
import { loadReceiverConfig, receiverSchema } from "../../host/receiver/config.ts";
import { failure, temporaryFolder, write } from "./support.ts";

const folder = temporaryFolder();
const MINIMAL = "version: 1\ntls: {certificate: r.pem, key: r.key, client_ca: ca.pem}\n";

const load = (text: string, environment = {}) =>
  loadReceiverConfig(write(folder, "r.yaml", text), { environment, settings: [] });

describe("a sound file", () => {
  test("certificates are enough; the defaults are bounded and on loopback", async () => {
    const { options, service } = await load(MINIMAL);
    expect(options).toEqual({
      listen: "127.0.0.1:7443",
      dataDir: join(folder, "data"),
      certificatePath: join(folder, "r.pem"),
      keyPath: join(folder, "r.key"),
      clientCaPath: join(folder, "ca.pem"),
      clients: [],
      limits: {
        artefactBytes: 64 * 2 ** 20,
        recipientBytes: 10 * 2 ** 30,
        callsPerClient: 32,
        unfinishedPerClient: 64,
        bytesPerSPerClient: 64 * 2 ** 20,
        unfinishedMaxAgeMs: 7 * 86_400_000,
        stallTimeoutMs: 30_000,
      },
    });
    expect(service).toEqual({ logLevel: "info", stopTimeoutMs: 10_000 });
  });

  test("the starter file says the defaults and explains every key", async () => {
    const { tls: _, ...starter } = (await load(RECEIVER_STARTER_YAML)).values;
    const { tls: __, ...defaults } = (await load(MINIMAL)).values;
    expect(starter).toEqual(defaults);
    for (const { path } of keysOf(receiverSchema)) {
      expect(RECEIVER_STARTER_YAML).toMatch(`${path.at(-1)}:`);
    }
    expect(RECEIVER_STARTER_YAML.split("\n").every((line) => line.length <= 100)).toBe(true);
  });

  test("the clients of the starter file are sound when they are let in", async () => {
    const text = RECEIVER_STARTER_YAML.replace("clients: []\n", "")
      .replace("# clients:", "clients:")
      .replaceAll(/^# {3}- \{/gm, "  - {");
    const { options } = await load(text);
    expect(options.clients.map(({ certificateName }) => certificateName)).toEqual([
      "urn:mapveil:fleet",
      "urn:mapveil:consumer",
    ]);
  });

  test("variables lie over the file; unlimited is 0", async () => {
    const { options } = await load(MINIMAL, {
      MAPVEIL_RECEIVER_LISTEN: "[::1]:0",
      MAPVEIL_RECEIVER_LIMITS_RATE_PER_CLIENT: "unlimited",
    });
    expect(options.listen).toBe("[::1]:0");
    expect(options.limits.bytesPerSPerClient).toBe(0);
  });
});

describe("faults", () => {
  test.each([
    ["listen: 7443", "3:9 listen: is a number, must be host:port"],
    ["listen: '::1:7443'", "3:9 listen: is "],
    [
      "clients: [{name: a, certificate: x y, roles: [ingest], recipients: ['*']}]",
      "clients[0].certificate: is ",
    ],
    [
      "clients: [{name: a, certificate: x, roles: [], recipients: ['*']}]",
      "clients[0].roles: is a list of 0, must be a list of ingest, consumer or both",
    ],
    [
      "clients: [{name: a, certificate: x, roles: [reader], recipients: ['*']}]",
      "clients[0].roles[0]: is a text of length 6, must be one of ingest, consumer",
    ],
    [
      "clients: [{name: a, certificate: x, roles: [ingest], recipients: [1234567890123456]}]",
      "clients[0].recipients[0]: is a number, must be the id of a key",
    ],
    [
      "clients: [{name: a, certificate: x, roles: [ingest], recipients: []}, {name: b, certificate: x, roles: [ingest], recipients: []}]",
      "clients[1].certificate: is the certificate of another client too",
    ],
    ["limits: {artefact: 5GiB}", "must be a size from 64KiB to 4GiB"],
  ])("%s", async (text, expected) => {
    const [code, message] = await failure(load(MINIMAL + text));
    expect(code).toBe("CONFIG");
    expect(message).toContain(expected);
  });

  test("certificates are asked for", async () => {
    const [, message] = await failure(load("version: 1\n"));
    expect(message).toContain(
      "tls: is missing, must be a mapping with certificate, key, client_ca",
    );
  });

  test("no two keys share a variable", () => {
    const names = keysOf(receiverSchema).map(({ path }) => variableOf("", path));
    expect(new Set(names).size).toBe(names.length);
  });
});
