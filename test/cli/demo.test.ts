/** The demo leaves nothing in the system's folder for temporary files, however it ends. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { prepareDemo } from "../../host/cli/demo/files.ts";
import { openParties } from "../../host/cli/demo/parties.ts";
import { removeUnfinished } from "../../host/cli/unfinished.ts";
import { keyIdText } from "../../host/keys/index.ts";
import { names, temporaryFolder, write } from "./support.ts";

const folder = temporaryFolder();
const temporary = join(folder, "t");
mkdirSync(temporary);
beforeEach(() => {
  vi.stubEnv("TMPDIR", temporary);
});
afterEach(() => vi.unstubAllEnvs());

const open = async () => {
  const { keyId } = await prepareDemo(join(folder, "demo"));
  return openParties(join(folder, "demo"), keyIdText(keyId));
};

test("a start that fails half-way", async () => {
  mkdirSync(join(folder, "demo"), { recursive: true });
  const emptied = "level: map\nmap: {people: slice}\ncrop: {height_m: [0, 1]}";
  write(join(folder, "demo"), "policy.yaml", `version: 1\n${emptied}\n`);
  await expect(open()).rejects.toMatchObject({ code: "CONFIG" });
  expect(names(temporary)).toEqual([]);
});

test("an interruption, and an end", async () => {
  write(join(folder, "demo"), "policy.yaml", "version: 1\n");
  const interrupted = await open();
  expect(names(temporary)).toHaveLength(1);
  removeUnfinished();
  expect(names(temporary)).toEqual([]);
  await interrupted.close();
  await (await open()).close();
  expect(names(temporary)).toEqual([]);
});
