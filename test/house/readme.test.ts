/** The README is true: its commands and examples run, its links lead somewhere. */
import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const readme = readFileSync(join(ROOT, "README.md"), "utf8");
const scripts = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")).scripts;

const blocksOf = (language: string) =>
  [...readme.matchAll(new RegExp(`\`\`\`${language}\n([^]*?)\`\`\``, "g"))].map(
    ([, text]) => text!,
  );

describe("the README", () => {
  // A package may import itself by its name, but only from within its folder.
  const examples = join(ROOT, "dist", "readme-examples");
  const folder = mkdtempSync(join(tmpdir(), "mapveil-readme-"));

  beforeAll(() => {
    mkdirSync(examples, { recursive: true });
    symlinkSync(join(ROOT, "test"), join(folder, "test"));
    mkdirSync(join(folder, "bin"));
    const command = join(ROOT, "dist/host/cli/main.js");
    writeFileSync(join(folder, "bin/mapveil"), `#!/bin/sh\nexec node "${command}" "$@"\n`, {
      mode: 0o755,
    });
  });

  afterAll(() => {
    rmSync(examples, { recursive: true, force: true });
    rmSync(folder, { recursive: true, force: true });
  });

  test("starts with exactly two commands, which package.json has", () => {
    const commands = blocksOf("sh").filter((block) => block.includes("npm ci"));
    expect(commands).toEqual(["npm ci && npm start\n", "npm ci && npm test\n"]);
    expect(scripts.start).toMatch(/build.*main\.js start$/);
    expect(scripts.test).toBe("vitest run");
    expect(readFileSync(join(ROOT, ".ci/run"), "utf8")).toContain("npm ci && npm test");
  });

  test("shows commands that run one after the other", { timeout: 120_000 }, () => {
    const blocks = blocksOf("sh").filter((text) => text.includes("mapveil keygen"));
    expect(blocks).toHaveLength(3);
    const env = { ...process.env, PATH: `${join(folder, "bin")}:${process.env.PATH}` };
    for (const block of blocks) {
      const run = spawnSync("sh", ["-e", "-c", block], { cwd: folder, env, encoding: "utf8" });
      expect(run.stderr).not.toContain("mapveil:");
      expect(run.status).toBe(0);
    }
    const made = [
      "home.key",
      "policy.yaml",
      "room.veil",
      "room.pcd",
      "room.png",
      "sidecar.yaml",
      "plan.pgm",
    ];
    for (const file of made) expect(existsSync(join(folder, file)), file).toBe(true);
  });

  test("names commands and permissions that there are", () => {
    const block = blocksOf("console").find((text) => text.includes("mapveil permission grant"))!;
    for (const line of block.trim().split("\n")) {
      const words = line
        .split(" ")
        .slice(1)
        .filter((word) => !/^robot-/.test(word));
      const until = words.findIndex((word) => /^--|^[A-Z]/.test(word));
      const help = spawnSync(
        "node",
        [join(ROOT, "dist/host/cli/main.js"), ...words.slice(0, until), "--help"],
        { encoding: "utf8" },
      );
      expect(help.status, line).toBe(0);
      for (const [option] of line.matchAll(/--[a-z]+/g)) expect(help.stdout).toContain(option);
    }
  });

  test.each(blocksOf("js").map((text, i) => ({ text, i })))(
    "has an example $i that runs",
    (block) => {
      const path = join(examples, `${block.i}.mjs`);
      writeFileSync(path, block.text);
      const run = spawnSync("node", [path], { cwd: ROOT, encoding: "utf8" });
      expect(run.stderr).toBe("");
      expect(run.status).toBe(0);
      // What a comment behind a print says is what it prints.
      for (const [, said] of block.text.matchAll(/console\.log\(.*\); \/\/ (.*)/g)) {
        expect(run.stdout.trim().split("\n")).toContain(said);
      }
      expect(run.stdout).not.toBe("");
    },
  );

  test.each([
    "README.md",
    "docs/embedding.md",
    "docs/format.md",
    "docs/operations.md",
    "docs/wire.md",
    "host/embed/README.md",
    "host/embed/example/README.md",
    "bench/README.md",
  ])("%s links to files that exist", (file) => {
    const text = readFileSync(join(ROOT, file), "utf8");
    const links = [...text.matchAll(/\]\((?!https?:)([^)#]+)\)/g)].map(([, to]) => to!);
    const dead = links.filter((to) => !existsSync(join(ROOT, dirname(file), to)));
    expect(dead).toEqual([]);
  });
});
