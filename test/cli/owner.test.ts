/** What an owner and an operator do with a running sidecar and receiver, from the first yes to the last no. */
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Signal } from "../../host/cli/io.ts";
import { put, runIn, Service, serviceFolder } from "./service-support.ts";
import { XT32 } from "./support.ts";

const folder = serviceFolder();
const environment = { MAPVEIL_SIDECAR_CONFIG: join(folder, "s.yaml") };
// biome-ignore lint/suspicious/noExplicitAny: what commands print is looked at field by field
type Json = Record<string, any>;
const run = (...argv: string[]) => runIn(folder, argv, { environment });
const json = async (...argv: string[]) => {
  const ran = await run(...argv, "--json");
  return JSON.parse(ran.out || ran.err) as Json;
};

const CLIENTS = `clients:
  - { name: fleet, certificate: "urn:mapveil:fleet", roles: [ingest], recipients: ["*"] }
  - { name: home, certificate: "urn:mapveil:consumer", roles: [consumer], recipients: ["*"] }
`;
const TLS = "tls: {certificate: c/receiver.pem, key: c/receiver.key, client_ca: c/authority.pem}\n";

let sidecar: Service;
let receiver: Service;

beforeAll(async () => {
  await run("keygen", "-o", "home.key");
  await run("certificates", "init", "-o", "c");
  put(folder, "r.yaml", `version: 1\nlisten: 127.0.0.1:0\n${TLS}${CLIENTS}`);
  // A port that is free now: the sidecar has to know it before the receiver listens.
  const port = await freePort();
  receiver = new Service(folder, "receiver", "-c", "r.yaml", "--set", `listen=127.0.0.1:${port}`);
  const uplink = `uplink: {address: 'localhost:${port}', ca: c/authority.pem, certificate: c/fleet.pem, key: c/fleet.key, cadence: off}\n`;
  put(folder, "s.yaml", `version: 1\nrecipient: home.key.pub\n${uplink}`);
  put(
    folder,
    "consumer.yaml",
    `address: localhost:${port}\nca: c/authority.pem\ncertificate: c/consumer.pem\nkey: c/consumer.key\n`,
  );
  sidecar = new Service(folder, "sidecar", "-c", "s.yaml");
  await receiver.logged("started");
  await sidecar.logged("started");
});

afterAll(async () => {
  await sidecar.stop();
  await receiver.stop();
});

async function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

describe("without a yes", () => {
  test("nothing passes, and the refusal says what to do", async () => {
    const ran = await run("push", XT32);
    expect(ran.exit).toBe(4);
    expect(ran.out).toMatch(/LOCAL_USE_OFF|UPLOAD_OFF/);
    const chinese = await run("push", XT32, "--lang", "zh");
    expect(chinese.out).toMatch(/[\u4e00-\u9fff]/);
  });

  test("a permission is listed as off and explained in two languages", async () => {
    const { permissions } = await json("permission", "list", "--platform", "robot");
    expect(permissions.length).toBeGreaterThan(5);
    expect(permissions.every((one: { granted: boolean }) => !one.granted)).toBe(true);
    const all = (await run("permission", "list")).out.trimEnd().split("\n");
    const elsewhere = all.findIndex((line) => !line.startsWith("robot-"));
    expect(elsewhere).toBe(permissions.length);
    expect(all.slice(elsewhere).every((line) => !line.startsWith("robot-"))).toBe(true);
    const english = await run("permission", "explain", "robot-lidar-upload");
    expect(english.out).toMatch(/^without it {2}\w/m);
    const chinese = await run("permission", "explain", "robot-lidar-upload", "--lang", "zh");
    for (const label of ["needed by", "without it", "goes on"]) {
      expect(chinese.out).toMatch(new RegExp(`^${label} +.*[\u4e00-\u9fff]`, "m"));
    }
    const unknown = await run("permission", "explain", "robot-lidar-sale");
    expect(unknown.exit).toBe(1);
  });

  test("a grant without an act, or with a wrong name typed, changes nothing", async () => {
    const silent = await run("permission", "grant", "robot-lidar-local");
    expect(silent.exit).toBe(2);
    const options = { environment, ask: async () => "yes" };
    const wrong = await runIn(folder, ["permission", "grant", "robot-lidar-local"], options);
    expect(wrong.exit).toBe(4);
    expect(wrong.err).toContain("without it");
    const dry = await json("permission", "grant", "robot-lidar-local", "--act", "x", "--dry-run");
    expect(dry).toMatchObject({ dryRun: true, epoch: "0" });
    expect(await json("permission", "history")).toMatchObject({ entries: [], epoch: "0" });
  });
});

describe("from yes to no", () => {
  test("what is typed at the terminal is the act", async () => {
    const ids = ["robot-lidar-local", "robot-lidar-upload"];
    const ask = async (question: string) => /\((.+)\)/.exec(question)![1]!;
    const argv = ["permission", "grant", ...ids, "--level", "frames", "--ttl", "30d"];
    const ran = await runIn(folder, argv, { environment, ask });
    expect(ran.exit).toBe(0);
    expect(ran.out).toMatch(
      /^robot-lidar-local is on, until 20.*\n.* is on, level frames, until 20/,
    );
    // A level belongs to the upload only.
    const level = ["permission", "grant", ids[0]!, "--level", "frames", "--act", "ticked a box"];
    expect((await run(...level)).exit).toBe(2);
    const { entries } = await json("permission", "history");
    expect(
      entries.map(({ entry }: { entry: string }) => JSON.parse(entry).affirmative_act),
    ).toEqual(ids.map((id) => `typed "${id}" at the terminal`));
  });

  test("a frame goes the whole way: pushed, sealed, uploaded, downloaded, opened", async () => {
    const pushed = await json("push", XT32);
    expect(pushed).toMatchObject({ frames: 1, accepted: 1, refused: 0, dropped: 0, reasons: {} });
    let artefacts: { name: string; bytes: number }[] = [];
    const flags = ["-c", "consumer.yaml"];
    while (artefacts.length === 0) {
      const listed = await json("artefact", "list", "--recipient", "home.key.pub", ...flags);
      expect(listed.error).toBeUndefined();
      artefacts = listed.artefacts;
    }
    const [{ name, bytes }] = artefacts as [{ name: string; bytes: number }];
    expect(await json("artefact", "get", name, ...flags)).toMatchObject({ name, bytes });
    expect((await run("artefact", "download", name, "-o", "a.veil", ...flags)).exit).toBe(0);
    expect(readFileSync(join(folder, "a.veil"))).toHaveLength(bytes);
    expect((await run("open", "a.veil", "--key", "home.key", "-o", "a.pcd")).exit).toBe(0);

    expect((await run("artefact", "delete", name, ...flags)).exit).toBe(2);
    const no = { environment, ask: async () => "no" };
    expect((await runIn(folder, ["artefact", "delete", name, ...flags], no)).exit).toBe(4);
    expect((await run("artefact", "delete", name, "--yes", ...flags)).exit).toBe(0);
    expect((await run("artefact", "get", name, ...flags)).exit).toBe(1);
    const gone = await run("artefact", "download", name, "-o", "b.veil", ...flags);
    expect(gone.exit).toBe(1);
    expect(existsSync(join(folder, "b.veil"))).toBe(false);
  });

  test("status accounts for every frame, on one screen and for programs", async () => {
    const status = await json("status");
    expect(status).toMatchObject({
      accounting: { captured: 3, spooled: 0, balanced: true },
      ledgerDamaged: false,
      permissionsOn: ["robot-lidar-local", "robot-lidar-upload"],
    });
    const { out } = await run("status");
    expect(out).toMatch(/^captured {5}3 frames = all below$/m);
    expect(out.split("\n").length).toBeLessThan(24);
  });

  test("a recording in a loop ends with its totals when it is interrupted", async () => {
    let interrupt = () => {};
    const takeSignals = (listener: (signal: Signal) => void) => {
      interrupt = () => listener("SIGINT");
      return () => {};
    };
    const before = (await json("status")).accounting.captured;
    const argv = ["push", XT32, "--loop", "--rate", "20", "--json"];
    const pushed = runIn(folder, argv, { environment, host: { takeSignals } });
    while ((await json("status")).accounting.captured < before + 3);
    interrupt();
    const { exit, out } = await pushed;
    expect(exit).toBe(0);
    const totals = JSON.parse(out);
    expect(totals.frames).toBeGreaterThanOrEqual(3);
    expect(totals.accepted).toBe(totals.frames);
    expect((await json("status")).accounting.captured).toBe(before + totals.frames);
  });

  test("the robot names its own uploads, exports and deletes them, with a receipt", async () => {
    const settled = async () => (await json("status")).accounting.spooled === 0;
    while (!(await settled()));
    const { uploads, counts, made } = await json("uploads", "list");
    expect(counts).toEqual({ stored: made - 1, deleted: 1 });
    expect(uploads).toHaveLength(made);
    expect(uploads[1]).toMatchObject({ state: "stored", dataClass: "lidar" });
    const listed = await json(
      "artefact",
      "list",
      "--recipient",
      "home.key.pub",
      "-c",
      "consumer.yaml",
    );
    const names = (list: { name: string }[]) => list.map(({ name }) => name).sort();
    const stored = uploads.filter((one: { state: string }) => one.state === "stored");
    expect(names(stored)).toEqual(names(listed.artefacts));
    expect((await run("uploads", "export", "-o", "uploads.json")).exit).toBe(0);
    const exported = JSON.parse(readFileSync(join(folder, "uploads.json"), "utf8"));
    expect(exported).toMatchObject({ schema: 1, made, uploads });

    expect((await run("uploads", "delete")).exit).toBe(2);
    expect((await run("uploads", "delete", "--all")).exit).toBe(2);
    const dry = await json("uploads", "delete", "--class", "lidar", "--dry-run");
    expect(names(dry.uploads)).toEqual(names(stored));
    const [one] = stored as [{ name: string }];
    const receipt = ["--receipt", "deleted.jsonl"];
    const id = one.name.split("/")[3]!;
    expect(await json("uploads", "delete", id, "--yes", ...receipt)).toMatchObject({ deleted: 1 });
    for (const range of [
      ["--until", "2020-01-01"],
      ["--class", "logs"],
    ]) {
      expect(await json("uploads", "delete", ...range, "--yes")).toMatchObject({ deleted: 0 });
    }
    const all = await json("uploads", "delete", "--all", "--yes", ...receipt);
    expect(all).toMatchObject({ deleted: made - 2, failed: 0 });
    const lines = readFileSync(join(folder, "deleted.jsonl"), "utf8").trimEnd().split("\n");
    expect(names(lines.map((line) => JSON.parse(line).deleted))).toEqual(names(stored));
    expect((await json("uploads", "list")).counts).toEqual({ deleted: made });
    expect(await json("uploads", "delete", "--all", "--yes")).toMatchObject({ deleted: 0 });
    expect((await runIn(folder, ["uploads", "list"])).exit).toBe(2);
    put(folder, "none.yaml", "version: 1\nrecipient: home.key.pub\nstate_dir: nobody\n");
    expect((await run("uploads", "list", "-c", "none.yaml")).exit).toBe(78);
  });

  test("at level map a frame is held, and nothing is released of what is held back", async () => {
    await json("permission", "grant", "robot-lidar-upload", "--level", "map", "--act", "x");
    const before = (await json("status")).accounting;
    const pushed = await json("push", XT32, "--in-map-frame", "--release");
    const nothing = { outcome: "nothing", heldBack: 1 };
    expect(pushed).toMatchObject({ frames: 1, accepted: 0, held: 1, releases: [nothing, nothing] });
    const { accounting } = await json("status");
    expect(accounting).toMatchObject({ mapped: 1, mappedReleased: 0, mappedLost: 1 });
    expect(accounting).toMatchObject({ captured: before.captured + 1, balanced: true });
    const shown = await run("push", XT32, "--in-map-frame");
    expect(shown.exit).toBe(0);
    expect(shown.out).toMatch(/^held +1, in the sidecar's map\n/m);
    expect(shown.out).toMatch(/^release +nothing: 1 scan held back$/m);
    expect((await run("status")).out).toMatch(/^ {2}mapped +2 scans \(0 in releases, 0 in memory/m);
  });

  test("a no takes effect at once", async () => {
    const off = await json("permission", "withdraw", "robot-lidar-upload");
    expect(off).toMatchObject({ permission: "robot-lidar-upload", epoch: "4" });
    expect((await json("status")).accounting).toMatchObject({ spooled: 0, balanced: true });
    expect((await run("push", XT32)).exit).toBe(4);
  });

  test("the history is verified and exported", async () => {
    const argv = ["permission", "history", "--verify", "--export", "ledger.jsonl"];
    const ran = await run(...argv);
    expect(ran.exit).toBe(0);
    expect(ran.out).toMatch(/withdraw robot-lidar-upload, by owner/);
    expect(ran.out).toContain("Verified: 4 entries");
    expect(readFileSync(join(folder, "ledger.jsonl"), "utf8").trimEnd().split("\n")).toHaveLength(
      4,
    );
    expect((await run(...argv)).exit).toBe(2);
  });
});

describe("doctor", () => {
  test("finds all well, and gives the advice where it is not", async () => {
    const well = await json("doctor");
    expect(well.findings.filter(({ result }: { result: string }) => result === "failure")).toEqual(
      [],
    );
    expect(well).toMatchObject({ healthy: true });
    for (const option of [["--mutate"], ["--seed", "2"], ["--only", "frames"]]) {
      const alone = await runIn(folder, ["doctor", ...option]);
      expect(alone).toMatchObject({ exit: 2, err: expect.stringContaining("--canary") });
    }
    const machine = await runIn(folder, ["doctor", "--strict"]);
    expect(machine.exit).toBe(3);
    put(folder, "broken.yaml", "version: 1\n");
    const broken = await run("doctor", "-c", "broken.yaml");
    expect(broken.exit).toBe(1);
    expect(broken.out).toMatch(/^FAIL settings/m);
  });
});

describe("who is not there", () => {
  test("a sidecar that does not run, and one that nobody named", async () => {
    put(folder, "away.yaml", "version: 1\nrecipient: home.key.pub\nsocket: nobody/s.sock\n");
    const away = await run("status", "-c", "away.yaml");
    expect(away.exit).toBe(5);
    expect(away.err).toContain("No sidecar answers");
    expect((await runIn(folder, ["status"])).exit).toBe(2);
  });

  test("a token of the wrong role or of no role", async () => {
    const token = (name: string) => ["--token", `state/clients/${name}.token`];
    const sensor = await run(
      "permission",
      "grant",
      "robot-lidar-upload",
      "--act",
      "x",
      ...token("sensor"),
    );
    expect(sensor.exit).toBe(4);
    put(folder, "bad.token", `${"A".repeat(43)}\n`);
    const bad = await run("status", "--token", "bad.token");
    expect(bad.exit).toBe(4);
    expect(bad.err).not.toContain("AAAA");
  });
});

describe("in the end", () => {
  const flags = ["-c", "consumer.yaml"];

  test("a receiver that gets a SIGHUP takes over its clients, and keeps them if the file is wrong", async () => {
    const listed = () => run("artefact", "list", "--recipient", "home.key.pub", ...flags);
    expect((await listed()).exit).toBe(0);
    put(folder, "r.yaml", `version: 1\nlisten: 127.0.0.1:0\n${TLS}clients: []\n`);
    receiver.signal("SIGHUP");
    await receiver.logged("configuration_reloaded");
    expect((await listed()).exit).toBe(4);
    put(folder, "r.yaml", "version: 1\nclients: [{}]\n");
    receiver.signal("SIGHUP");
    await receiver.logged("configuration_rejected");
    expect((await listed()).exit).toBe(4);
    put(folder, "r.yaml", `version: 1\nlisten: 127.0.0.1:0\n${TLS}${CLIENTS}`);
    receiver.signal("SIGHUP");
    await receiver.logged("configuration_reloaded", 2);
    expect((await listed()).exit).toBe(0);
  });

  test("who watches the artefacts is shown them as they come, until the receiver stops", async () => {
    await run("permission", "grant", "robot-lidar-upload", "--level", "frames", "--act", "x");
    const argv = ["artefact", "watch", "--recipient", "home.key.pub", "--json", ...flags];
    let seen = 0;
    const ended = runIn(folder, argv, { environment, onOut: () => seen++ });
    const before = (await json("push", XT32)).accepted;
    expect(before).toBe(1);
    while ((await json("status")).accounting.spooled > 0 || seen === 0);
    await receiver.stop();
    const { exit, out } = await ended;
    expect(exit).toBe(5);
    const last = JSON.parse(out.trimEnd().split("\n").at(-1)!);
    expect(last).toMatchObject({ schema: 1, dataClass: "lidar" });
    expect(last.resume).toMatch(/./);
  });

  test("who watches the status sees it again, until the sidecar stops", async () => {
    let screens = 0;
    let onOut = () => {};
    const second = new Promise<void>((resolve) => {
      onOut = () => {
        if (++screens === 2) resolve();
      };
    });
    const ended = runIn(folder, ["status", "--watch", "--json"], { environment, onOut });
    await second;
    await sidecar.stop();
    const { exit, out } = await ended;
    expect(exit).toBe(5);
    for (const line of out.trimEnd().split("\n")) {
      expect(JSON.parse(line).accounting.balanced).toBe(true);
    }
  });

  test("a ledger that was cut or changed is not verified", async () => {
    const text = "typed ";
    let changed = 0;
    for (const name of readdirSync(join(folder, "state"), { recursive: true }).map(String)) {
      const path = join(folder, "state", name);
      if (!statSync(path).isFile() || !/ledger|permission/.test(name)) continue;
      const bytes = readFileSync(path);
      for (let at = bytes.indexOf(text); at >= 0; at = bytes.indexOf(text, at + 1)) {
        bytes.write("kicked", at);
        changed++;
      }
      writeFileSync(path, bytes);
    }
    expect(changed).toBeGreaterThan(0);
    sidecar = new Service(folder, "sidecar", "-c", "s.yaml");
    await sidecar.logged("started");
    const ran = await run("permission", "history", "--verify", "--export", "bad.jsonl");
    expect(ran).toMatchObject({ exit: 6, out: "" });
    expect(ran.err).toContain("not what the robot signed");
    expect(existsSync(join(folder, "bad.jsonl"))).toBe(false);
    // To look at it is still possible.
    expect((await run("permission", "history")).exit).toBe(0);
    expect(await json("status")).toMatchObject({ ledgerDamaged: true });
  });
});
