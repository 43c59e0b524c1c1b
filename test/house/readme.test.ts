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
    const block = blocksOf("sh").find((text) => text.includes("mapveil keygen"))!;
    const env = { ...process.env, PATH: `${join(folder, "bin")}:${process.env.PATH}` };
    const run = spawnSync("sh", ["-e", "-c", block], { cwd: folder, env, encoding: "utf8" });
    expect(run.stderr).not.toContain("mapveil:");
    expect(run.status).toBe(0);
    for (const file of ["home.key", "policy.yaml", "room.veil", "room.pcd", "room.png"]) {
      expect(existsSync(join(folder, file)), file).toBe(true);
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

  test.each(["README.md", "docs/format.md", "bench/README.md"])(
    "%s links to files that exist",
    (file) => {
      const text = readFileSync(join(ROOT, file), "utf8");
      const links = [...text.matchAll(/\]\((?!https?:)([^)#]+)\)/g)].map(([, to]) => to!);
      const dead = links.filter((to) => !existsSync(join(ROOT, dirname(file), to)));
      expect(dead).toEqual([]);
    },
  );
});
