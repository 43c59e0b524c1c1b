/** The lines of a text file, gzipped or not, in the memory of one line. */
import { pipeline, Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { MapveilError } from "../core/errors.ts";
import type { ByteFile } from "./byte-file.ts";
import { badInput } from "./input-errors.ts";

const BLOCK_BYTES = 1 << 16;
/** A scan of 65,536 readings of 12 characters. */
const LINE_BYTES_MAX = 1 << 20;

export interface TextLine {
  /** From 1. */
  readonly line: number;
  readonly text: string;
}

/**
 * Lines without their ends, as Latin-1: a byte is a character. BAD_INPUT for a line of more than a
 * megabyte, and for gzip data that is damaged or cut.
 */
export async function* textLines(file: ByteFile): AsyncGenerator<TextLine> {
  let line = 0;
  let rest: Uint8Array[] = [];
  let restBytes = 0;
  const finish = (end: Uint8Array): TextLine => {
    const text = Buffer.concat([...rest, end]).toString("latin1");
    rest = [];
    restBytes = 0;
    line++;
    return { line, text: text.endsWith("\r") ? text.slice(0, -1) : text };
  };
  for await (const block of unpacked(file, () => line)) {
    let at = 0;
    for (let end = block.indexOf(10); end >= 0; end = block.indexOf(10, at)) {
      yield finish(block.subarray(at, end));
      at = end + 1;
    }
    rest.push(block.subarray(at));
    restBytes += block.length - at;
    if (restBytes > LINE_BYTES_MAX) {
      const text = `line ${line + 1} is longer than ${LINE_BYTES_MAX} bytes: this is no text file of this kind.`;
      throw badInput(file.path, text, { line: line + 1 });
    }
  }
  if (restBytes > 0) yield finish(new Uint8Array(0));
}

async function* blocks(file: ByteFile): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < file.size; at += BLOCK_BYTES) {
    yield await file.read(at, Math.min(BLOCK_BYTES, file.size - at));
  }
}

async function* unpacked(file: ByteFile, line: () => number): AsyncGenerator<Uint8Array> {
  const head = await file.read(0, Math.min(2, file.size));
  if (head[0] !== 0x1f || head[1] !== 0x8b) {
    yield* blocks(file);
    return;
  }
  const gunzip = createGunzip();
  // The faults of the pipeline reach the loop below through `gunzip`.
  pipeline(Readable.from(blocks(file)), gunzip, () => {});
  try {
    for await (const block of gunzip) yield block as Uint8Array;
  } catch (error) {
    if (error instanceof MapveilError) throw error;
    const text = `the gzip data is damaged or cut short behind line ${line()}; copy the file again.`;
    throw badInput(file.path, text, { line: line() + 1 }, error);
  }
}
