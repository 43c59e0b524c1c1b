/** The steps of `mapveil start`: a real recording the whole way, each step checked as it is told. */
import { mkdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { MapveilError } from "../core/errors.ts";
import type { Frame } from "../core/frame.ts";
import type { Tile } from "../core/tile.ts";
import { openFrames, writeCloud, writeFileAtomic } from "../formats/index.ts";
import {
  generateRecipientKey,
  type RecipientKeyPair,
  readSecretKey,
  type WrittenKeyPair,
  writeKeyPair,
} from "../keys/index.ts";
import type { Policy } from "../policy/index.ts";
import { openVeil } from "../veil/open.ts";
import { Sanitizer, type SealedFrameReport } from "../veil/sanitizer.ts";
import { type DemoData, identifiersOf } from "./demo-data.ts";
import { FrameTally, type Totals } from "./frame-tally.ts";
import { type Identifier, needlesOf, searchLeaks } from "./leak-search.ts";
import { previewFrame } from "./preview-frame.ts";
import { tileCloud } from "./tile-cloud.ts";

/** Files of the demo, below its folder. */
export const DEMO_FILES = {
  key: "recipient.key",
  artefact: "frame.veil",
  cloud: "opened.pcd",
  picture: "preview.png",
} as const;

/** Makes the folder and a fresh key pair; removes what an earlier demo left. */
export async function prepareDemo(folder: string): Promise<WrittenKeyPair> {
  await mkdir(folder, { recursive: true });
  const names = [...Object.values(DEMO_FILES), `${DEMO_FILES.key}.pub`];
  for (const name of names) await rm(join(folder, name), { force: true });
  return writeKeyPair(join(folder, DEMO_FILES.key));
}

export interface DemoSeal {
  readonly totals: Totals;
  readonly identifiers: readonly Identifier[];
  /** The frame that demo/frame.veil holds, with the voxels that were sealed. */
  readonly frame: Frame;
  readonly veil: Uint8Array;
  readonly sent: Float32Array;
}

/** Sanitises and seals every frame as an artefact of its own, and keeps the first as a file. */
export async function sealDemo(
  data: DemoData,
  recipient: Uint8Array,
  policy: Policy,
  folder: string,
): Promise<DemoSeal> {
  const sanitizer = await Sanitizer.create({ policy, recipient });
  const source = await openFrames(data.recording, {
    metadataPath: data.metadata,
    posesPath: data.poses,
  });
  const tally = new FrameTally();
  const identifiers: Identifier[] = [];
  let first: Omit<DemoSeal, "totals" | "identifiers"> | undefined;
  let bytesOut = 0;
  for await (const frame of source.frames()) {
    const start = performance.now();
    const { veil, report } = sanitizer.sanitize(frame);
    tally.add(frame, report, performance.now() - start);
    bytesOut += veil.length;
    identifiers.push(...identifiersOf(frame));
    first ??= {
      frame: { ...frame, data: frame.data.slice() },
      veil,
      sent: sanitizer.copyVoxels(report),
    };
  }
  await source.close();
  sanitizer.wipe();
  if (first === undefined) throw new MapveilError("BAD_INPUT", "The recording holds no frame.");
  await writeFileAtomic(join(folder, DEMO_FILES.artefact), first.veil);
  const totals = tally.totals(bytesOut, source.periodSeconds);
  return { ...first, totals, identifiers: secretOnes(identifiers, totals.passed) };
}

/** Each once, without the values of the fields that the policy lets pass. */
function secretOnes(identifiers: readonly Identifier[], passed: readonly string[]): Identifier[] {
  const open = new Set(
    identifiers.filter(({ name }) => passed.includes(name)).map(({ value }) => value),
  );
  const secret = identifiers.filter(({ value }) => !open.has(value));
  return [...new Map(secret.map((one) => [`${one.name} ${one.value}`, one])).values()];
}

/** Opens the artefact and checks that it holds the voxels that were sealed, cell by cell. */
export async function openDemo(folder: string, seal: DemoSeal): Promise<Tile> {
  const veil = await readFile(join(folder, DEMO_FILES.artefact));
  const keyPair = await readSecretKey(join(folder, DEMO_FILES.key));
  const tile = (await openVeil(veil, keyPair))[0];
  if (tile === undefined || !sameCells(tile, seal.sent)) {
    throw new MapveilError("INTERNAL", "The opened voxels are not those that were sealed.");
  }
  // A map of a home: for its owner's eyes.
  await writeCloud(join(folder, DEMO_FILES.cloud), tileCloud(tile), { mode: 0o600 });
  return tile;
}

/** Whether `sent` (voxels, metres) is `tile` moved as a whole: a tile may have its own origin. */
export function sameCells(tile: Tile, sent: Float32Array): boolean {
  if (tile.cells.length !== sent.length) return false;
  const expected = cellKeys(Array.from(sent, (value) => Math.floor(value / tile.leafM)));
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

/** Draws the first frame; returns what became of its points. */
export async function drawDemo(
  folder: string,
  frame: Frame,
  policy: Policy,
): Promise<SealedFrameReport> {
  const { png, report } = await previewFrame(frame, policy, false);
  await writeFileAtomic(join(folder, DEMO_FILES.picture), png, { mode: 0o600 });
  return report;
}

/** What the search for the input's identifiers did. */
export interface DemoSearch {
  readonly identifiers: number;
  readonly forms: number;
  readonly hits: number;
  /** Identifiers that the same search finds in the recording and its metadata: it does search. */
  readonly inInput: number;
}

/** Searches what leaves, what it opens to, and what was printed. */
export async function searchDemo(
  folder: string,
  data: DemoData,
  seal: DemoSeal,
  tile: Tile,
  printed: string,
): Promise<DemoSearch> {
  const file = (name: string) => readFile(join(folder, name));
  const searched = seal.identifiers.filter(({ value }) => needlesOf(value).length > 0);
  const hits = searchLeaks(searched, [
    { name: "artefact", bytes: await file(DEMO_FILES.artefact), isCiphertext: true },
    { name: "cloud", bytes: await file(DEMO_FILES.cloud) },
    { name: "cells", bytes: new Uint8Array(tile.cells.buffer) },
    { name: "strings", bytes: Buffer.from(JSON.stringify(tile.strings)) },
    { name: "printed text", bytes: Buffer.from(printed) },
  ]);
  const inInput = searchLeaks(searched, [
    { name: "recording", bytes: await readFile(data.recording) },
    { name: "metadata", bytes: await readFile(data.metadata) },
    { name: "poses", bytes: await readFile(data.poses) },
  ]);
  const forms = searched.reduce((sum, { value }) => sum + needlesOf(value).length, 0);
  return {
    identifiers: searched.length,
    forms,
    hits: hits.length,
    inInput: new Set(inInput.map(({ value }) => value)).size,
  };
}
