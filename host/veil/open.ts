/**
 * The way in: opens artefacts with the recipient's secret key.
 *
 * An artefact is first verified to its last message and only then decoded, so that nothing of one
 * that was cut, reordered, repeated, spliced or lengthened is ever handed out.
 */
import { open as openFile } from "node:fs/promises";
import { HEADER_BYTES, TAG_FINAL, TAG_MESSAGE } from "../../assembly/abi.ts";
import { Core } from "../core/core.ts";
import { MapveilError } from "../core/errors.ts";
import { ioError } from "../core/io-error.ts";
import type { Tile } from "../core/tile.ts";
import { openDataKey, type RecipientKeyPair, wipe } from "../keys/index.ts";
import { parseHeader, type VeilHeader } from "./header.ts";
import { type ReadExactly, readMessages } from "./messages.ts";

/** Bytes that can be read from the start, more than once. */
interface Source {
  readonly name: string;
  /** A reader at offset 0. */
  start(): ReadExactly;
}

/** One pass: verifies every message; `onRecord` gets the length of each record that is complete. */
async function* openRecords(core: Core, source: Source, keyPair: RecipientKeyPair) {
  const read = source.start();
  const header = parseHeader(await read(HEADER_BYTES), source.name);
  const dataKey = openDataKey(header.sealedKey, keyPair, header.keyId);
  try {
    core.beginOpen(header.bytes, dataKey);
  } finally {
    wipe(dataKey);
  }
  let record = 0;
  let last = TAG_MESSAGE;
  for await (const { message, offset } of readMessages(read, HEADER_BYTES, source.name)) {
    const refuse = (what: string, cause?: unknown): never => {
      const where = { file: source.name, offset };
      throw new MapveilError(
        "INTEGRITY",
        `${source.name}: ${what} (offset ${offset}).`,
        where,
        cause,
      );
    };
    if (last === TAG_FINAL) refuse("something follows its last message");
    let opened = { bytes: 0, tag: TAG_MESSAGE };
    try {
      opened = core.openMessage(message, record);
    } catch (cause) {
      refuse("a message does not belong here: the file was changed, or put together", cause);
    }
    record += opened.bytes;
    last = opened.tag;
    if (last !== TAG_MESSAGE) {
      if (record > 0) yield record;
      record = 0;
    }
  }
  if (last !== TAG_FINAL) {
    throw new MapveilError(
      "INTEGRITY",
      `${source.name}: its last message is missing: the file was cut, or is still being written.`,
      { file: source.name },
    );
  }
}

/** Verifies all, then decodes tile by tile. */
async function* openTiles(source: Source, keyPair: RecipientKeyPair): AsyncGenerator<Tile> {
  // What is no artefact at all should not cost the loading of a core.
  parseHeader(await source.start()(HEADER_BYTES), source.name);
  const core = new Core();
  try {
    for await (const _ of openRecords(core, source, keyPair));
    for await (const record of openRecords(core, source, keyPair)) yield core.decodeTile(record);
  } finally {
    core.wipe();
  }
}

/**
 * Opens an artefact in memory.
 * @returns its tiles, one a frame
 * @throws MapveilError INTEGRITY: changed, cut, or for another key; nothing is handed out then
 */
export async function openVeil(veil: Uint8Array, keyPair: RecipientKeyPair): Promise<Tile[]> {
  const start = (): ReadExactly => {
    let at = 0;
    return async (count) => {
      at += count;
      return veil.subarray(at - count, at);
    };
  };
  const tiles: Tile[] = [];
  for await (const tile of openTiles({ name: "artefact", start }, keyPair)) tiles.push(tile);
  return tiles;
}

/**
 * The header of an artefact file, which needs no key; it is authentic only where the file opens too.
 * @throws MapveilError IO, INTEGRITY
 */
export async function readVeilHeader(path: string): Promise<VeilHeader> {
  const file = await openFile(path).catch((cause) => {
    throw ioError(cause, path, "read");
  });
  try {
    const { buffer, bytesRead } = await file
      .read(new Uint8Array(HEADER_BYTES), 0, HEADER_BYTES, 0)
      .catch((cause) => {
        throw ioError(cause, path, "read");
      });
    return parseHeader(buffer.subarray(0, bytesRead), path);
  } finally {
    await file.close();
  }
}

/**
 * Opens an artefact file tile by tile; memory does not grow with its length. The first tile comes
 * when the whole file was verified.
 * @throws MapveilError IO, INTEGRITY
 */
export async function* openVeilFile(path: string, keyPair: RecipientKeyPair): AsyncGenerator<Tile> {
  const file = await openFile(path).catch((cause) => {
    throw ioError(cause, path, "read");
  });
  const start = (): ReadExactly => {
    let at = 0;
    return async (count) => {
      const buffer = new Uint8Array(count);
      let got = 0;
      while (got < count) {
        const { bytesRead } = await file.read(buffer, got, count - got, at).catch((cause) => {
          throw ioError(cause, path, "read");
        });
        if (bytesRead === 0) break;
        got += bytesRead;
        at += bytesRead;
      }
      return buffer.subarray(0, got);
    };
  };
  try {
    yield* openTiles({ name: path, start }, keyPair);
  } finally {
    await file.close();
  }
}
