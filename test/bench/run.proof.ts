/** The bench as it is called: one sensor, quickly; what it refuses; how it is stopped. */
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, test } from "vitest";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const out = mkdtempSync(join(tmpdir(), "mapveil-bench-"));
afterAll(() => rmSync(out, { recursive: true }));

const command = (...options: string[]) => [
  "--import",
  "tsx",
  "bench/run.ts",
  "--out",
  out,
  ...options,
];
const bench = (...options: string[]) =>
  spawnSync(process.execPath, command(...options), { cwd: ROOT, encoding: "utf8" });

describe("the bench", () => {
  test("answers for a sensor, with its figures in a document and a page", () => {
    const run = bench("--quick", "--sensor", "LDS-01", "--json");
    expect(run.stderr).not.toMatch(/Error/);
    expect(run.status).toBe(0);
    const document = JSON.parse(run.stdout);
    expect(JSON.parse(readFileSync(join(out, "bench.json"), "utf8"))).toEqual(document);
    const { figures, gates, plots } = document.suites[0];
    expect(figures.length).toBeGreaterThan(0);
    for (const { value, rounds } of figures) {
      expect(value).toBeGreaterThan(0);
      expect(rounds.length).toBeGreaterThan(0);
    }
    expect(gates.length).toBeGreaterThan(0);
    expect(plots[0].bars).toHaveLength(1);
    expect(readFileSync(join(out, "index.html"), "utf8")).toContain("LDS-01");
  });

  test.each([
    [["--only", "nothing"], /There is no suite "nothing"/],
    [["--sensor", "nothing"], /nothing/],
    [["--only", "seal", "--all"], /--only or --all/],
    [["--compare", "nowhere.json"], /nowhere.json cannot be read/],
    [["--fast"], /--fast/],
  ])("refuses %j and says why", (options, message) => {
    const run = bench("--quick", ...options);
    expect(run.stderr).toMatch(message);
    expect(run.status).toBe(2);
  });

  test("reports what is finished when it is stopped", async () => {
    rmSync(join(out, "index.html"), { force: true });
    const child = spawn(process.execPath, command("--quick", "--only", "seal"), { cwd: ROOT });
    child.stdout.once("data", () => child.kill("SIGINT"));
    const code = await new Promise((resolve) => child.once("exit", resolve));
    expect(code).toBe(130);
    expect(existsSync(join(out, "index.html"))).toBe(true);
    expect(JSON.parse(readFileSync(join(out, "bench.json"), "utf8")).interrupted).toBe(true);
  });
});
