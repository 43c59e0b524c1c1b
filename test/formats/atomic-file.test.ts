import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ioError } from "../../host/core/io-error.ts";
import {
  createAtomicFile,
  removeTemporaryFiles,
  writeFileAtomic,
} from "../../host/formats/index.ts";
import { temporaryFolder } from "./samples.ts";

const root = temporaryFolder();
const freshFolder = () => mkdtempSync(join(root, "case-"));

describe("createAtomicFile", () => {
  it("shows the file only after commit, and replaces the old one", async () => {
    const folder = freshFolder();
    const path = join(folder, "out.bin");
    writeFileSync(path, "old");
    const file = await createAtomicFile(path);
    await file.write(Buffer.from("new "));
    await file.write(Buffer.from("content"));
    expect(readFileSync(path, "utf8")).toBe("old");
    expect(readdirSync(folder)).toHaveLength(2);
    await file.commit();
    expect(readFileSync(path, "utf8")).toBe("new content");
    expect(file.bytesWritten).toBe(11);
    expect(readdirSync(folder)).toEqual(["out.bin"]);
    expect(removeTemporaryFiles()).toBe(0);
  });

  it("leaves nothing after abort, which may be called twice", async () => {
    const folder = freshFolder();
    const file = await createAtomicFile(join(folder, "out.bin"));
    await file.write(Buffer.from("half"));
    await file.abort();
    await file.abort();
    expect(readdirSync(folder)).toEqual([]);
    await expect(file.write(Buffer.from("more"))).rejects.toMatchObject({ code: "USAGE" });
    await expect(file.commit()).rejects.toMatchObject({ code: "USAGE" });
  });

  it("gives the mode that was asked for", async () => {
    const path = join(freshFolder(), "key");
    await writeFileAtomic(path, Buffer.from("secret"), { mode: 0o600 });
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it("removes its temporary file if the target cannot be replaced", async () => {
    const folder = freshFolder();
    mkdirSync(join(folder, "taken"));
    const failing = writeFileAtomic(join(folder, "taken"), Buffer.from("x"));
    await expect(failing).rejects.toMatchObject({ code: "IO" });
    expect(readdirSync(folder)).toEqual(["taken"]);
  });

  it("names a folder that is missing", async () => {
    const path = join(freshFolder(), "none", "out.bin");
    const failing = createAtomicFile(path);
    await expect(failing).rejects.toMatchObject({ code: "IO", details: { file: path } });
    expect(removeTemporaryFiles()).toBe(0);
  });

  it.skipIf(process.getuid?.() === 0)("names a folder that may not be written", async () => {
    const folder = freshFolder();
    chmodSync(folder, 0o500);
    await expect(createAtomicFile(join(folder, "out.bin"))).rejects.toMatchObject({ code: "IO" });
  });

  it("takes names of the largest length", async () => {
    const path = join(freshFolder(), `${"n".repeat(251)}.pcd`);
    await writeFileAtomic(path, Buffer.from("x"));
    expect(existsSync(path)).toBe(true);
  });
});

describe("removeTemporaryFiles", () => {
  it("removes every file that is being written", async () => {
    const folder = freshFolder();
    const files = await Promise.all(["a", "b"].map((name) => createAtomicFile(join(folder, name))));
    await files[0]!.write(Buffer.from("half"));
    expect(readdirSync(folder)).toHaveLength(2);
    expect(removeTemporaryFiles()).toBe(2);
    expect(readdirSync(folder)).toEqual([]);
    await Promise.all(files.map((file) => file.abort()));
  });
});

describe("ioError", () => {
  it.each([
    ["ENOSPC", "NO_SPACE"],
    ["EDQUOT", "NO_SPACE"],
    ["EACCES", "IO"],
    ["EWHATEVER", "IO"],
  ])("turns %s into %s", (code, expected) => {
    const cause = Object.assign(new Error("low-level"), { code });
    const error = ioError(cause, "/robot/map.veil", "write");
    expect(error).toMatchObject({ code: expected, details: { file: "/robot/map.veil" }, cause });
    expect(error.message).toContain(code);
  });
});
