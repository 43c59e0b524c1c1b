/** The log: one object a line, closed fields, and nothing that a careless caller puts in. */
import { spawnSync } from "node:child_process";
import { PassThrough, Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { createLog, type LogLevel } from "../../host/telemetry/index.ts";
import type { LogFields } from "../../host/telemetry/log.ts";

function capture(level: LogLevel = "debug") {
  const stream = new PassThrough();
  const log = createLog({ level, stream });
  const text = () => String(stream.read() ?? "");
  const lines = () =>
    text()
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  return { log, text, lines };
}

const FULL: Required<LogFields> = {
  code: "NO_SPACE",
  reason: "UPLOAD_OFF",
  dataClass: "house_plan",
  permission: "robot-house_plan-upload",
  epoch: 2n ** 63n,
  artefacts: 1,
  frames: 2,
  bytes: 3,
  count: 4,
  delayMs: 5.5,
  durationMs: 6,
  level: "frames",
  key: "uplink.stall_timeout",
  version: "0.1.0",
  signal: "SIGTERM",
  method: "mapveil.v1.IngestService/WriteArtefact",
  role: "owner",
  type: "TypeError",
  at: "#answer host/sidecar/frame-thread.ts:170 < - node",
};

describe("a line", () => {
  test("is an object with time, severity, event and every field, and nothing of the machine", () => {
    const { log, lines } = capture();
    log.warn("upload_failed", FULL);
    const [{ time, ...rest } = {}] = lines();
    expect(time).toMatch(/^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    expect(rest).toEqual({
      severity: "warn",
      ...FULL,
      epoch: "9223372036854775808",
      event: "upload_failed",
    });
  });

  test("without fields says the event alone", () => {
    const { log, lines } = capture();
    log.info("started");
    log.info("again", { count: undefined } as unknown as LogFields);
    expect(lines().map(({ time: _, ...rest }) => rest)).toEqual([
      { severity: "info", event: "started" },
      { severity: "info", event: "again" },
    ]);
  });

  test("below the level is not written; the level can change", () => {
    const { log, lines } = capture("warn");
    log.info("one");
    log.error("two");
    log.setLevel("debug");
    log.debug("three");
    expect(lines().map(({ event }) => event)).toEqual(["two", "three"]);
  });
});

describe("a secret", () => {
  const CANARY = "canary-7Qf3zK_secretWORD";
  const holders: Record<string, unknown> = {
    string: CANARY,
    path: `/home/user/${CANARY}`,
    error: new Error(CANARY),
    object: { inner: CANARY },
    array: [CANARY],
    map: new Map([["a", CANARY]]),
    toJSON: { toJSON: () => CANARY },
    toString: { toString: () => CANARY },
    function: () => CANARY,
    symbol: Symbol(CANARY),
    boxed: Object(CANARY),
    bytes: Buffer.from(CANARY),
    date: Object.assign(new Date(), { note: CANARY }),
  };

  test("planted in any field, in any form, appears nowhere and is counted", () => {
    const names = [
      ...Object.keys(FULL),
      "msg",
      "err",
      "time",
      "severity",
      "event",
      "unknown",
      CANARY,
    ];
    for (const name of names) {
      for (const [form, value] of Object.entries(holders)) {
        const { log, text } = capture();
        log.error("planted", { [name]: value } as LogFields);
        const line = text();
        expect(line, `${name} ${form}`).not.toContain(CANARY);
        expect(line, `${name} ${form}`).not.toContain(Buffer.from(CANARY).toString("base64"));
        expect(JSON.parse(line), `${name} ${form}`).toMatchObject({
          event: "planted",
          droppedFields: 1,
        });
      }
    }
  });

  test("in the event is not repeated", () => {
    const { log, lines } = capture();
    log.info(CANARY);
    log.info("a sentence with 10.0.0.1");
    expect(lines().map(({ event }) => event)).toEqual(["bad_event", "bad_event"]);
  });

  test.each([
    ["an IPv4 address", "192.168.1.20"],
    ["an IPv6 address", "fe80::1"],
    ["a hardware address", "a4:5e:60:d2:19:01"],
    ["a token", "pX3vQm0n1Zr8TqYw5LkJhGfDsA2c4B6e7R9tUiOoPlM"],
    ["a hexadecimal id", "9f86d081884c7d65"],
    ["a file", "/var/lib/mapveil/state"],
    ["a sentence", "Connection to home failed"],
    ["a new line", "owner\n{}"],
  ])("%s fits no field of text", (_, value) => {
    const { log, lines } = capture();
    const texts = Object.keys(FULL).filter((name) => typeof FULL[name as "code"] === "string");
    for (const name of texts) log.info("planted", { [name]: value });
    for (const line of lines()) expect(line).toMatchObject({ droppedFields: 1 });
  });

  test("numbers that are none are dropped", () => {
    const { log, lines } = capture();
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY, "1", 1n]) {
      log.info("planted", { count: value } as unknown as LogFields);
    }
    expect(
      lines().every(({ droppedFields, count }) => droppedFields === 1 && count === undefined),
    ).toBe(true);
  });
});

describe("a slow reader", () => {
  test("costs lines, which are counted, and never memory or time", async () => {
    const pending: (() => void)[] = [];
    let written = "";
    let isOpen = false;
    const stream = new Writable({
      write(chunk, _, done) {
        written += chunk;
        if (isOpen) done();
        else pending.push(done);
      },
    });
    const log = createLog({ level: "info", stream });
    for (let i = 0; i < 20_000; i++) log.info("line", { count: i });
    expect(stream.writableLength).toBeLessThanOrEqual(1024 * 1024);
    isOpen = true;
    for (const done of pending) done();
    await log.flush(5000);
    log.info("after");
    await log.flush(5000);
    const lines = written
      .split("\n")
      .filter(Boolean)
      .map((line) => JSON.parse(line));
    const kept = lines.filter(({ event }) => event === "line").length;
    const lost = lines.find(({ event }) => event === "log_lines_lost");
    expect(kept).toBeGreaterThan(1000);
    expect(lost.count).toBe(20_000 - kept);
    expect(lines.at(-1).event).toBe("after");
  });

  test("does not hold up the end for longer than asked", async () => {
    const log = createLog({ level: "info", stream: new Writable({ write() {} }) });
    log.info("line");
    await log.flush(20);
    const closed = new PassThrough();
    closed.destroy();
    const dead = createLog({ level: "info", stream: closed });
    dead.info("line");
    await dead.flush(60_000);
  });

  test("gets the last lines of a process that ends by itself", () => {
    const log = fileURLToPath(new URL("../../host/telemetry/create-log.ts", import.meta.url));
    const code = `
      const { createLog } = await import(${JSON.stringify(log)});
      const log = createLog({ level: "info", stream: process.stdout });
      for (let i = 0; i < 3000; i++) log.info("line", { count: i });
      await log.flush(10_000);
      process.exit(0);`;
    const loader = fileURLToPath(
      new URL("../../node_modules/tsx/dist/esm/index.mjs", import.meta.url),
    );
    const argv = ["--import", loader, "--input-type=module", "-e", code];
    const { stdout, status } = spawnSync(process.execPath, argv, { encoding: "utf8" });
    expect(status).toBe(0);
    const lines = stdout.trimEnd().split("\n");
    expect(lines).toHaveLength(3000);
    expect(JSON.parse(lines[2999]!)).toMatchObject({ count: 2999 });
  });
});
