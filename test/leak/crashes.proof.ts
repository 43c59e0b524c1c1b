/**
 * What a service leaves behind when it breaks: one line that says where, a count, and nothing of what
 * it held. Each fault carries canaries in another place.
 */
import { copyFileSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { put, runIn, serviceFolder } from "../cli/service-support.ts";
import { CANARY, type Child, MAIN, markerOf, planted, SETTINGS, start } from "./service-child.ts";

const root = serviceFolder();
await runIn(root, ["keygen"]);

/** A folder of its own with settings and key. */
function folderOf(name: string): string {
  const folder = join(root, name);
  mkdirSync(folder, { mode: 0o700 });
  copyFileSync(join(root, "recipient.key.pub"), join(folder, "recipient.key.pub"));
  put(folder, "s.yaml", SETTINGS);
  return folder;
}

const TRACES = [CANARY, CANARY.replaceAll("-", "_"), "Schmidt", "Wohnung"];

function expectClean(text: string): void {
  for (const trace of TRACES) expect(text).not.toContain(trace);
}

/** The line of the crash. */
function crashLine(child: Child): Record<string, unknown> {
  const lines = child.text().split("\n");
  const line = lines.find((one) => one.includes('"event":"crashed"'));
  return JSON.parse(line!) as Record<string, unknown>;
}

test.each([
  ["syntax", "SyntaxError"],
  ["type", "TypeError"],
  ["lines", "Error"],
  ["named", "Other"],
  ["cause", "AggregateError"],
  ["read", "RangeError"],
  ["text", "Other"],
  ["rejected", "Error"],
  ["thing", "Other"],
  ["computed", "URIError"],
  ["native", "CompileError"],
  ["warning", "TypeError"],
])(
  "a fault of the kind %s is told as %s, counted, and ends the service with 1",
  async (fault, type) => {
    const folder = folderOf(`fault-${fault}`);
    const child = start(folder, planted(), { FAULT: fault });
    await child.says('"event":"started"');
    child.process.kill("SIGWINCH");
    expect(await child.ended).toEqual({ code: 1, signal: null });
    expectClean(child.text());
    const line = crashLine(child);
    expect(line).toMatchObject({ severity: "error", code: "INTERNAL", type, event: "crashed" });
    expect(
      Object.keys(line).filter(
        (key) => !["severity", "time", "code", "type", "at", "event"].includes(key),
      ),
    ).toEqual([]);
    const marker = readFileSync(markerOf(folder), "utf8");
    expectClean(marker);
    expect(JSON.parse(marker)).toMatchObject({ count: 1, last: { type } });
    expect(JSON.parse(marker).hourMs % 3_600_000).toBe(0);
  },
);

test("the next start says so, and its metrics count it", async () => {
  const folder = join(root, "fault-type");
  put(folder, "s.yaml", `${SETTINGS}metrics: {listen: "unix:m.sock"}\n`);
  const child = start(folder, planted(), { FAULT: "syntax" });
  await child.says('"event":"started"');
  expect(child.text()).toMatch(/"count":1,"code":"INTERNAL","type":"TypeError".*"crashed_before"/);
  const metrics = start(folder, ["curl", "-s", "--unix-socket", "m.sock", "http://x/metrics"], {});
  await metrics.ended;
  expect(metrics.text()).toContain("mapveil_sidecar_crashes_total 1\n");
  child.process.kill("SIGWINCH");
  await child.ended;
  expect(JSON.parse(readFileSync(markerOf(folder), "utf8"))).toMatchObject({ count: 2 });
});

test("a signal opens no inspector, writes no heap and no report", async () => {
  const folder = folderOf("signals");
  const child = start(folder, planted(), {});
  await child.says('"event":"started"');
  for (const signal of ["SIGUSR1", "SIGUSR2"] as const) child.process.kill(signal);
  const plain = start(
    folder,
    [process.execPath, "-e", "setInterval(() => {}, 9); console.log('up')"],
    {},
  );
  await plain.says("up");
  plain.process.kill("SIGUSR1");
  // So this is what it looks like where nobody minds.
  await plain.says("Debugger listening");
  plain.process.kill("SIGKILL");
  child.process.kill("SIGTERM");
  expect(await child.ended).toEqual({ code: 0, signal: null });
  expect(child.text()).not.toMatch(/Debugger|inspector|snapshot|report/i);
});

test.each([
  ["NODE_OPTIONS", [], "--inspect=127.0.0.1:0"],
  ["NODE_OPTIONS", [], "--heapsnapshot-signal=SIGUSR2"],
  ["NODE_OPTIONS", [], "--max-old-space-size=256 --report-on-signal"],
  ["the command", ["--heapsnapshot-near-heap-limit=1"], ""],
  ["the command", ["--abort-on-uncaught-exception"], ""],
])(
  "a service does not start with options in %s that show memory: %s %s",
  async (_, argv, options) => {
    const folder = folderOf(`options-${options.length}-${argv.join()}`);
    const child = start(folder, [process.execPath, ...argv, MAIN, "sidecar", "-c", "s.yaml"], {
      ...(options !== "" && { NODE_OPTIONS: options }),
    });
    expect((await child.ended).code).toBe(78);
    expect(child.text()).toContain("would show the memory of this service");
    expect(existsSync(markerOf(folder))).toBe(false);
  },
);
