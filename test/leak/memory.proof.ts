/**
 * After everything is closed, no key and no plaintext stands anywhere in the process: all of its
 * writable memory is read from outside, and searched. The same search finds them before.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import sodium from "libsodium-wrappers";
import { afterAll, beforeAll, expect, test } from "vitest";
import { HEADER_SEALED_KEY, HEADER_STREAM, TILE_LENGTH } from "../../assembly/abi.ts";
import { recordsOf } from "../../host/canary/records.ts";
import { readSecretKey } from "../../host/keys/index.ts";
import { hchacha20 } from "../seal/reference.ts";
import { canaryFrame, canaryLabel, canaryRandom } from "./memory-canaries.ts";
import { formsOf, type Needle, searchMemory, unreadable } from "./process-memory.ts";

const PROCESS = fileURLToPath(new URL("memory-process.ts", import.meta.url));
/** Draws of this length are stream headers, which are public, and seeds of a table of cells. */
const NO_SECRETS = [24, 8];
const WINDOW = 24;
/** Behind the header and the label of how well it can be linked, which all tiles share. */
const TREE_FROM = 150;

const folder = mkdtempSync(join(tmpdir(), "mv-memory-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The next line of a process, or its end. */
function lineOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    child.stdout!.once("data", (data: Buffer) => resolve(data.toString().trim()));
    child.once("exit", (code) => reject(new Error(`the process ended with ${code}`)));
  });
}

/** All that was drawn, by the lengths that the process tells. */
function drawnSecrets(): Needle[] {
  const draws = JSON.parse(readFileSync(join(folder, "draws.json"), "utf8")) as number[];
  const random = canaryRandom();
  return draws.flatMap((count, i) => {
    const bytes = random(count);
    return NO_SECRETS.includes(count) ? [] : [{ name: `draw ${i} of ${count}`, bytes }];
  });
}

/** Pieces of bytes that do not stand elsewhere by chance. */
function pieces(name: string, bytes: Uint8Array, every = 997): Needle[] {
  const found: Needle[] = [];
  for (let at = 0; at + WINDOW <= bytes.length; at += every) {
    const window = bytes.subarray(at, at + WINDOW);
    if (new Set(window).size > 8) found.push({ name: `${name} at ${at}`, bytes: window });
  }
  return found;
}

/** What the robot derives of its secret: the keys that name its uploads. */
function derivedSecrets(): Needle[] {
  const secret = canaryRandom()(64).subarray(32);
  return ["mvsource", "mvartefa", "mvdelete"].map((context) => ({
    name: `key of ${context}`,
    bytes: sodium.crypto_kdf_derive_from_key(32, 1, context, secret),
  }));
}

async function sealedSecrets(): Promise<Needle[]> {
  const pair = await readSecretKey(join(folder, "key"));
  const found: Needle[] = [];
  for (const name of ["frame-0", "frame-2", "map", "plan"]) {
    const veil = Uint8Array.from(readFileSync(join(folder, `${name}.veil`)));
    const sealed = veil.slice(HEADER_SEALED_KEY, HEADER_STREAM);
    const key = sodium.crypto_box_seal_open(sealed, pair.publicKey, pair.secretKey);
    const streamKey = hchacha20(key, veil.slice(HEADER_STREAM, HEADER_STREAM + 16));
    found.push(...formsOf({ name: `stream key of ${name}`, bytes: streamKey }));
    const [record] = recordsOf(veil, pair);
    const tile = record!.subarray(
      TREE_FROM,
      new DataView(record!.buffer).getUint32(TILE_LENGTH, true),
    );
    found.push(...pieces(`tile of ${name}`, tile, 200));
  }
  return found;
}

const points = () =>
  [0, 2, 29].flatMap((i) => pieces(`points of frame ${i}`, canaryFrame(i).data, 7001));

/** What the driver of a sensor tells as strings and numbers of JavaScript. */
function valuesTold(): Needle[] {
  const label = canaryLabel();
  const places = [0, 2, 29].map((i) => {
    const [x, y] = canaryFrame(i).pose!.translation;
    return { name: `place of frame ${i}`, bytes: new Uint8Array(Float64Array.of(x, y).buffer) };
  });
  return [
    ...places,
    { name: "label", bytes: Buffer.from(label) },
    { name: "label in UTF-16", bytes: Buffer.from(label, "utf16le") },
  ];
}

beforeAll(() => sodium.ready);

/** Names without the kind of mapping, each once. */
const namesOf = (hits: ReadonlyMap<string, number>) =>
  new Set([...hits.keys()].map((key) => key.replace(/ (?:at \d+ )?\([^(]*\)$/, "")));

test("nothing of keys and of frames stands in the memory of a process that closed all", async (context) => {
  const argv = ["--expose-gc", "--import", "tsx", PROCESS, folder];
  const child = spawn(process.execPath, argv, { stdio: ["pipe", "pipe", "inherit"] });
  /** Lets the process go on to where it stops next. */
  const goOnTo = async (at: string) => {
    const line = lineOf(child);
    child.stdin!.write("x");
    expect(await line).toBe(at);
  };
  try {
    expect(await lineOf(child)).toBe("open");
    const whyNot = unreadable(child.pid!);
    if (whyNot !== undefined && process.env.CI !== "true") return context.skip(whyNot);
    const keys = [...drawnSecrets(), ...derivedSecrets()].flatMap(formsOf);
    const secrets = [...keys, ...(await sealedSecrets()), ...points()];
    const told = valuesTold();

    const open = await searchMemory(child.pid!, [...secrets, ...told]);
    const found = namesOf(open.hits);
    // The robot's two secrets, the recipient's, frames, tiles: what is in use is found.
    for (const name of [
      "draw 0 of 64",
      "draw 1 of 32",
      "key of mvsource",
      "points of frame 29",
      "tile of map",
    ]) {
      expect(found).toContain(name);
    }
    expect(found).toContain("label");

    await goOnTo("closed");
    const closed = await searchMemory(child.pid!, secrets);
    expect([...closed.hits]).toEqual([]);
    expect(closed.readBytes).toBeGreaterThan(30_000_000);

    // Told, not proved: strings and numbers are V8's, who writes over them when it needs the room.
    const left = await searchMemory(child.pid!, told);
    const count = [...left.hits.values()].reduce((sum, hits) => sum + hits, 0);
    console.log(`${count} copies of strings and poses until V8 uses its memory again`);
  } finally {
    child.kill("SIGKILL");
  }
});
