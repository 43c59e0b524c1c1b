/** Flipped bits on the disk: found, evicted and counted, or an error; never wrong bytes, never a crash. */
import { spawn } from "node:child_process";
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";
import { digestOf } from "../../host/spool/digest.ts";
import { artefactOf, openIn, removeFolders, temporaryFolder, veilOf } from "./fixture.ts";

afterAll(removeFolders);

const CHILD = fileURLToPath(new URL("damage-child.ts", import.meta.url));

/** A spool of twelve artefacts, closed. */
async function filled(): Promise<string> {
  const folder = temporaryFolder();
  const spool = await openIn(folder);
  for (let i = 1; i <= 12; i++) await spool.add(artefactOf(i, 900 * i));
  await spool.close();
  return folder;
}

/** Flips one bit wherever the bytes stand in the file. */
function flip(folder: string, bytes: Uint8Array): void {
  const path = join(folder, "data.mdb");
  const file = readFileSync(path);
  let found = 0;
  for (let at = file.indexOf(bytes); at >= 0; at = file.indexOf(bytes, at + 1), found++) {
    file[at]! ^= 4;
  }
  expect(found).toBeGreaterThan(0);
  writeFileSync(path, file);
}

test("in sealed bytes: evicted when they are read", async () => {
  const folder = await filled();
  flip(folder, veilOf(9, 8_100).subarray(4_000, 4_100));
  const spool = await openIn(folder);
  expect(await spool.read("artefact-9")).toBeUndefined();
  expect(await spool.read("artefact-8")).toHaveLength(7_200);
  expect(spool.accounts()).toMatchObject({ captured: 12, spooled: 11, evicted: { DAMAGED: 1 } });
  await spool.close();
});

test("in what is known of an artefact: evicted at the start, and it stays so", async () => {
  const folder = await filled();
  flip(folder, digestOf(veilOf(5, 4_500)));
  for (let i = 0; i < 2; i++) {
    const spool = await openIn(folder);
    expect(spool.nextToUpload(99).map(({ serial }) => serial)).not.toContain(5);
    expect(spool.accounts()).toMatchObject({ captured: 12, spooled: 11, evicted: { DAMAGED: 1 } });
    await spool.close();
  }
});

test("anywhere in LMDB's pages: an eviction or an error, in a process that lives on", async () => {
  const folder = await filled();
  const original = readFileSync(join(folder, "data.mdb"));
  const copies = Array.from({ length: 6 }, (_, seed) => {
    const copy = join(temporaryFolder(), "copy");
    cpSync(folder, copy, { recursive: true });
    const bytes = Buffer.from(original);
    // Heads of pages: their number, their kind and where their entries lie.
    for (let page = 2 + (seed % 3); page * 4096 < bytes.length; page += 3) {
      bytes[page * 4096 + 8 + ((seed * 37 + page * 11) % 24)]! ^= 1 << (seed + 1);
    }
    writeFileSync(join(copy, "data.mdb"), bytes);
    return copy;
  });
  const child = spawn(process.execPath, ["--import", "tsx", CHILD, ...copies], { stdio: "pipe" });
  let output = "";
  child.stdout.on("data", (piece) => {
    output += piece;
  });
  const code = await new Promise((resolve) => child.on("close", resolve));
  expect({ code, output }).toMatchObject({ code: 0 });
  const results = output.trim().split("\n");
  expect(results).toHaveLength(copies.length);
  for (const result of results) expect(result).toMatch(/^(good|INTEGRITY|IO)/);
});
