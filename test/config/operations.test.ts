/** Documentation, units, image and example settings say what the code does. */
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import type { z } from "zod";
import { keyTable, parseSettings } from "../../host/config/index.ts";
import { RECEIVER_FILE, receiverSchema } from "../../host/receiver/config.ts";
import { SIDECAR_FILE, sidecarSchema } from "../../host/sidecar/config.ts";
import {
  processMetrics,
  RECEIVER_METRICS,
  RECEIVER_PREFIX,
  SIDECAR_METRICS,
  SIDECAR_PREFIX,
} from "../../host/telemetry/index.ts";
import { temporaryFolder } from "./support.ts";

const DOCS = fileURLToPath(new URL("../../docs/", import.meta.url));
const read = (name: string) => readFileSync(join(DOCS, name), "utf8");
const operations = read("operations.md");
const folder = temporaryFolder();

describe("docs/operations.md", () => {
  test.each([
    ["sidecar", sidecarSchema as z.ZodType, SIDECAR_FILE.prefix],
    ["receiver", receiverSchema as z.ZodType, RECEIVER_FILE.prefix],
  ])("lists every key of a %s as the schema has it", (name, schema, prefix) => {
    const table = operations.split(`<!-- keys of ${name} -->\n`)[1]?.split("<!-- end -->")[0];
    // To renew the document: put keyTable(schema, prefix) between the two comments.
    expect(table).toBe(keyTable(schema, prefix));
  });

  test("names every metric", () => {
    const rows = [
      ...SIDECAR_METRICS.map(({ name }) => [SIDECAR_PREFIX, name] as const),
      ...RECEIVER_METRICS.map(({ name }) => [RECEIVER_PREFIX, name] as const),
      ...processMetrics("0", 0).map(({ name }) => ["mapveil_*_", name] as const),
    ];
    for (const [prefix, name] of rows) {
      const isNamed = [`${prefix}${name}`, `mapveil_*_${name}`, `\`_${name}`].some((text) =>
        operations.includes(text),
      );
      expect(isNamed, name).toBe(true);
    }
  });
});

describe("docs/deploy", () => {
  test("the example settings are sound", () => {
    expect(parseSettings(SIDECAR_FILE, read("deploy/sidecar.yaml"), "s").value.version).toBe(1);
    expect(parseSettings(RECEIVER_FILE, read("deploy/receiver.yaml"), "r").value.version).toBe(1);
  });

  const verifies = spawnSync("systemd-analyze", ["--version"]).status === 0;
  test.runIf(verifies).each(["sidecar", "receiver"])("systemd takes the unit of the %s", (name) => {
    // The command has to exist where the unit is verified.
    const bin = join(folder, "mapveil");
    writeFileSync(bin, "#!/bin/sh\n", { mode: 0o755 });
    mkdirSync(join(folder, "units"), { recursive: true });
    const unit = join(folder, "units", `mapveil-${name}.service`);
    writeFileSync(unit, read(`deploy/mapveil-${name}.service`).replaceAll("/usr/bin/mapveil", bin));
    const ran = spawnSync("systemd-analyze", ["verify", unit], { encoding: "utf8" });
    expect(ran.stderr.split("\n").filter((line) => line.includes(`mapveil-${name}`))).toEqual([]);
  });

  test.each(["sidecar", "receiver"])("the unit of the %s is closed and can run V8", (name) => {
    const unit = read(`deploy/mapveil-${name}.service`);
    expect(unit).toContain(`ExecStart=/usr/bin/mapveil ${name} --config /etc/mapveil/${name}.yaml`);
    for (const line of [
      "NoNewPrivileges=yes",
      "ProtectSystem=strict",
      "LimitCORE=0",
      "CapabilityBoundingSet=",
      "ExecReload=/bin/kill -HUP $MAINPID",
    ]) {
      expect(unit.split("\n")).toContain(line);
    }
    expect(unit).not.toMatch(/^MemoryDenyWriteExecute/m);
  });

  test("the image runs as a user of its own, and keeps its data on a volume", () => {
    const lines = read("deploy/Dockerfile")
      .replaceAll("\\\n", " ")
      .split("\n")
      .filter((line) => line !== "" && !line.startsWith("#"));
    const words = lines.map((line) => /^([A-Z]+) \S/.exec(line)?.[1]);
    expect(words[0]).toBe("FROM");
    const known = ["FROM", "COPY", "RUN", "ENV", "USER", "WORKDIR", "VOLUME", "EXPOSE"];
    for (const word of words) expect([...known, "STOPSIGNAL", "ENTRYPOINT", "CMD"]).toContain(word);
    expect(lines).toContain("USER 10001:10001");
    expect(lines).toContain("VOLUME /data");
    expect(words.indexOf("USER")).toBeLessThan(words.indexOf("ENTRYPOINT"));
    expect(words.lastIndexOf("RUN")).toBeLessThan(words.indexOf("USER"));
  });
});
