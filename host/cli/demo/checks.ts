/** What the demo checks of what it tells. */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Identifier } from "../../canary/identifier.ts";
import { type Haystack, needlesOf, searchLeaks } from "../../canary/search.ts";
import { MapveilError } from "../../core/errors.ts";
import type { Frame } from "../../core/frame.ts";
import type { Tile } from "../../core/tile.ts";
import { generateRecipientKey, type RecipientKeyPair, readSecretKey } from "../../keys/index.ts";
import type { Policy } from "../../policy/index.ts";
import { openVeil } from "../../veil/open.ts";
import { Sanitizer } from "../../veil/sanitizer.ts";
import type { DemoData } from "./data.ts";
import { DEMO_FILES } from "./files.ts";

/** Opens an artefact with the recipient's key. */
export async function openDemo(folder: string, veil: Uint8Array): Promise<Tile> {
  const keyPair = await readSecretKey(join(folder, DEMO_FILES.key));
  const tile = (await openVeil(veil, keyPair))[0];
  if (tile !== undefined) return tile;
  throw new MapveilError("INTERNAL", "The artefact holds no frame.");
}

/**
 * Whether a tile has the cells that the frame gives under the policy, as another core counts them.
 * A session's map is turned by a secret amount, which nobody can follow: null then.
 */
export async function hasCellsOf(
  frame: Frame,
  policy: Policy,
  tile: Tile,
): Promise<boolean | null> {
  if (policy.pose === "session") return null;
  const recipient = generateRecipientKey().publicKey;
  const sanitizer = await Sanitizer.create({ policy, recipient });
  const cells = sanitizer.copyVoxels(sanitizer.sanitize(frame).report);
  sanitizer.wipe();
  return sameCells(tile, cells);
}

/** Whether `voxels` (metres) is `tile` moved as a whole: a tile may have its own origin. */
function sameCells(tile: Tile, voxels: Float32Array): boolean {
  if (tile.cells.length !== voxels.length) return false;
  const expected = cellKeys(Array.from(voxels, (value) => Math.floor(value / tile.leafM)));
  const found = cellKeys(tile.cells);
  return found.size === expected.size && [...found].every((key) => expected.has(key));
}

/** The cells, counted from the lowest of them, as text that can be compared. */
function cellKeys(cells: ArrayLike<number>): Set<string> {
  const low = [Infinity, Infinity, Infinity];
  for (let i = 0; i < cells.length; i++) low[i % 3] = Math.min(low[i % 3]!, cells[i]!);
  const keys = new Set<string>();
  for (let i = 0; i < cells.length; i += 3) {
    keys.add(`${cells[i]! - low[0]!} ${cells[i + 1]! - low[1]!} ${cells[i + 2]! - low[2]!}`);
  }
  return keys;
}

/** Why a stranger's key and a changed artefact are refused: the two sentences that a user would see. */
export async function refusals(folder: string, veil: Uint8Array): Promise<[string, string]> {
  const keyPair = await readSecretKey(join(folder, DEMO_FILES.key));
  const changed = veil.slice();
  changed[changed.length >> 1]! ^= 1;
  return [await refusal(veil, generateRecipientKey()), await refusal(changed, keyPair)];
}

async function refusal(veil: Uint8Array, keyPair: RecipientKeyPair): Promise<string> {
  try {
    await openVeil(veil, keyPair);
  } catch (error) {
    if (error instanceof MapveilError && error.code === "INTEGRITY") return error.message;
    throw error;
  }
  throw new MapveilError("INTERNAL", "What had to be refused was opened.");
}

/** What the search for the input's identifiers did. */
export interface DemoSearch {
  readonly identifiers: number;
  readonly forms: number;
  readonly files: number;
  readonly hits: number;
  /** Identifiers that the same search finds in the recording and its metadata: it does search. */
  readonly inInput: number;
}

/** Every file below a folder. */
async function filesBelow(folder: string): Promise<Haystack[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries.filter((e) => e.isFile()).map((e) => join(e.parentPath, e.name));
  return Promise.all(
    // Sealed bytes, hashes and signatures: most of what is in them looks random.
    paths.map(async (path) => ({ name: path, bytes: await readFile(path), isCiphertext: true })),
  );
}

/** Searches all that robot and receiver stored, what was logged, printed, and what the map opens to. */
export async function searchDemo(
  folder: string,
  data: DemoData,
  secrets: readonly Identifier[],
  tile: Tile,
  said: { readonly printed: string; readonly logged: string },
): Promise<DemoSearch> {
  const searched = secrets.filter(({ value }) => needlesOf(value).length > 0);
  const stored = [
    ...(await filesBelow(join(folder, DEMO_FILES.robot))),
    ...(await filesBelow(join(folder, DEMO_FILES.receiver))),
  ];
  const hits = searchLeaks(searched, [
    ...stored,
    { name: "cloud", bytes: await readFile(join(folder, DEMO_FILES.cloud)) },
    { name: "cells", bytes: new Uint8Array(tile.cells.buffer) },
    { name: "strings", bytes: Buffer.from(JSON.stringify(tile.strings)) },
    { name: "printed text", bytes: Buffer.from(said.printed) },
    { name: "logs", bytes: Buffer.from(said.logged) },
  ]);
  const inInput = searchLeaks(searched, [
    { name: "recording", bytes: await readFile(data.recording) },
    { name: "metadata", bytes: await readFile(data.metadata) },
    { name: "poses", bytes: await readFile(data.poses) },
  ]);
  return {
    identifiers: searched.length,
    forms: searched.reduce((sum, { value }) => sum + needlesOf(value).length, 0),
    files: stored.length,
    hits: hits.length,
    inInput: new Set(inInput.map(({ value }) => value)).size,
  };
}
