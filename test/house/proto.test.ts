/** The wire contract is well-formed, breaks nobody, and the code was generated from it. */
import { spawnSync } from "node:child_process";
import {
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const IMAGE = join(ROOT, "proto/mapveil.image.binpb");

/** Runs buf in a folder: its status and everything it said. */
function buf(cwd: string, ...args: string[]) {
  const env = { ...process.env, PATH: `${join(ROOT, "node_modules/.bin")}:${process.env.PATH}` };
  const run = spawnSync("buf", args, { cwd, env, encoding: "utf8" });
  return { status: run.status, said: run.stdout + run.stderr };
}

/**
 * Compares the contract in a folder with the last release. Both as images: buf does not compare several
 * modules with one.
 */
function breaking(cwd: string) {
  const scratch = mkdtempSync(join(tmpdir(), "mvimage-"));
  const image = join(scratch, "now.binpb");
  const built = buf(cwd, "build", "-o", image);
  const compared = built.status === 0 ? buf(cwd, "breaking", image, "--against", IMAGE) : built;
  rmSync(scratch, { recursive: true });
  return compared;
}

const CLEAN = { status: 0, said: "" };

describe("the contract", () => {
  test("follows the rules of style", () => {
    expect(buf(ROOT, "lint")).toEqual(CLEAN);
  });

  test("is formatted", () => {
    expect(buf(ROOT, "format", "--diff", "--exit-code", "--path", "proto/mapveil")).toEqual(CLEAN);
  });

  test("breaks nobody who uses the last release", () => {
    expect(breaking(ROOT)).toEqual(CLEAN);
  });
});

describe("a copy of the contract", () => {
  const folder = mkdtempSync(join(tmpdir(), "mvproto-"));

  beforeAll(() => {
    for (const name of ["proto", "buf.yaml", "buf.gen.yaml"]) {
      cpSync(join(ROOT, name), join(folder, name), { recursive: true });
    }
    symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"));
  });

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test("generates the code that is in the tree", () => {
    expect(buf(folder, "generate")).toEqual(CLEAN);
    const filesOf = (root: string) =>
      readdirSync(join(root, "host/gen"), { recursive: true })
        .map(String)
        .filter((name) => name.endsWith(".ts"))
        .sort();
    expect(filesOf(folder)).toEqual(filesOf(ROOT));
    for (const name of filesOf(ROOT)) {
      const text = (root: string) => readFileSync(join(root, "host/gen", name), "utf8");
      expect(text(folder), name).toBe(text(ROOT));
    }
  });

  test.each([
    ["a field with another number", "uint64 write_offset = 4;", "uint64 write_offset = 14;"],
    ["a field of another type", "uint64 write_offset = 4;", "int64 write_offset = 4;"],
    ["a method that is gone", /rpc CancelWrite\([^;]*;/, ""],
  ])("is caught breaking somebody by %s", (_, from, to) => {
    const path = join(folder, "proto/mapveil/v1/ingest_service.proto");
    const text = readFileSync(path, "utf8");
    writeFileSync(path, text.replace(from, to));
    const { status, said } = breaking(folder);
    writeFileSync(path, text);
    expect(status).toBe(100);
    expect(said).toContain("ingest_service.proto");
  });
});
