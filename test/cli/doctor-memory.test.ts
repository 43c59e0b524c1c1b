/** What the doctor finds around the memory of services, in this process and its environment. */
import { afterEach, expect, test, vi } from "vitest";
import { MEMORY_CHECKS } from "../../host/cli/doctor-memory.ts";
import { showingOptions } from "../../host/cli/process-guard.ts";

afterEach(() => {
  vi.unstubAllEnvs();
});

const codes = async () => {
  const findings = await Promise.all(MEMORY_CHECKS.map((check) => check()));
  return findings.map(({ code }) => code);
};

test("options that show memory are told from those that do not, however they are written", () => {
  expect(showingOptions(["--import", "x", "--inspect=0", "--report_on_signal"], undefined)).toEqual(
    ["--inspect", "--report-on-signal"],
  );
  const given = "--max-old-space-size=256 --heapsnapshot-signal=SIGUSR2 --enable-source-maps";
  expect(showingOptions([], given)).toEqual(["--heapsnapshot-signal"]);
  expect(showingOptions([], undefined)).toEqual([]);
});

test.runIf(process.platform === "linux")(
  "secrets in the environment are found, and not told",
  async () => {
    expect(await codes()).not.toContain("SECRET_IN_ENV");
    vi.stubEnv("MAPVEIL_OWNER_TOKEN", "CANARY-1234");
    const findings = await Promise.all(MEMORY_CHECKS.map((check) => check()));
    expect(findings.map(({ code }) => code)).toContain("SECRET_IN_ENV");
    expect(JSON.stringify(findings)).not.toContain("CANARY-1234");
    vi.stubEnv("MAPVEIL_OWNER_TOKEN", undefined);
    vi.stubEnv("OTHER", "mapveil-secret-1:AAAA");
    expect(await codes()).toContain("SECRET_IN_ENV");
  },
);

test.runIf(process.platform === "linux")(
  "options of Node in the environment are found",
  async () => {
    vi.stubEnv("NODE_OPTIONS", "--inspect");
    expect(await codes()).toContain("NODE_OPTIONS");
  },
);
