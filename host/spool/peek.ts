/** A look into the spool's file from another process, while its sidecar runs or not; changes nothing. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { open } from "lmdb";
import { MapveilError } from "../core/errors.ts";
import { decodeBooks } from "./books.ts";
import { decodeEntry, serialOf } from "./entry-record.ts";
import { BOOKS_KEY, damagedFile, FILE_NAME, TABLES } from "./store.ts";
import type { SpooledArtefact } from "./types.ts";

/** What there is, as of one moment. */
export interface SpoolView {
  /** The serial of the next artefact; the first has 1. */
  readonly nextSerial: number;
  /** What waits, in the order of the serials. */
  readonly waiting: readonly SpooledArtefact[];
}

/** What is in the spool of a folder; an empty one if there is none. INTEGRITY if it cannot be read. */
export async function peekSpool(folder: string): Promise<SpoolView> {
  const file = join(folder, FILE_NAME);
  if (!existsSync(file)) return { nextSerial: 1, waiting: [] };
  try {
    const root = open<Buffer, Buffer>({
      path: folder,
      noSubdir: false,
      readOnly: true,
      encoding: "binary",
      maxDbs: TABLES.length,
    });
    try {
      const table = (name: (typeof TABLES)[number]) =>
        root.openDB<Buffer, Buffer>({ name, encoding: "binary", keyEncoding: "binary" });
      const record = table("books").get(BOOKS_KEY);
      if (record === undefined) return { nextSerial: 1, waiting: [] };
      const books = decodeBooks(record);
      if (books === undefined) throw damagedFile(file);
      const waiting = [...table("entries").getRange()].flatMap(({ key, value }) => {
        const serial = serialOf(key);
        const entry = serial === undefined ? undefined : decodeEntry(serial, value);
        return entry === undefined ? [] : [entry.artefact];
      });
      return { nextSerial: books.nextSerial, waiting };
    } finally {
      await root.close();
    }
  } catch (error) {
    throw error instanceof MapveilError ? error : damagedFile(file, error);
  }
}
