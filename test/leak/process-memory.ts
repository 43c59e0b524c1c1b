/** The writable memory of another process, searched for bytes. */
import { closeSync, openSync, readFileSync, readSync } from "node:fs";

/** What must not stand there, and under which name it is told. */
export interface Needle {
  readonly name: string;
  readonly bytes: Uint8Array;
}

const CHUNK_BYTES = 1024 * 1024;
const ZEROS = Buffer.alloc(2 * CHUNK_BYTES);
/** Bytes of a piece: a secret that was half overwritten still stands there in pieces. */
const PIECE_BYTES = 16;

/** Bytes cut into pieces of 16; what is left over at the end overlaps the piece before. */
export function piecesOf({ name, bytes }: Needle): Needle[] {
  const pieces: Needle[] = [];
  for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
    const from = Math.max(0, Math.min(at, bytes.length - PIECE_BYTES));
    pieces.push({ name, bytes: bytes.subarray(from, from + PIECE_BYTES) });
  }
  return pieces;
}

/** Forms in which keys are written: as they are, hexadecimal, base64; also as strings of two bytes a letter. */
export function formsOf({ name, bytes }: Needle): Needle[] {
  const raw = Buffer.from(bytes);
  const texts = [
    ["hex", raw.toString("hex")],
    ["HEX", raw.toString("hex").toUpperCase()],
    ...[0, 1, 2].flatMap((from) => {
      // Whole triples alone: what stands beside them changes the letters at their ends.
      const triples = raw.subarray(from, from + 3 * Math.floor((raw.length - from) / 3));
      return (["base64", "base64url"] as const).map((code) => [code, triples.toString(code)]);
    }),
  ] as [string, string][];
  const forms = texts.flatMap(([form, text]) => [
    { name: `${name}, ${form}`, bytes: Buffer.from(text) },
    { name: `${name}, ${form} in UTF-16`, bytes: Buffer.from(text, "utf16le") },
  ]);
  return [{ name, bytes }, ...forms].flatMap(piecesOf);
}

interface Mapping {
  readonly from: number;
  readonly to: number;
  readonly name: string;
}

function writableMappings(pid: number): Mapping[] {
  const rows = readFileSync(`/proc/${pid}/maps`, "utf8").trim().split("\n");
  return rows.flatMap((row) => {
    const found = /^([0-9a-f]+)-([0-9a-f]+) rw\S+ \S+ \S+ \S+ *(.*)$/.exec(row);
    if (found === null) return [];
    const [, from, to, name] = found;
    return [{ from: Number.parseInt(from!, 16), to: Number.parseInt(to!, 16), name: name! }];
  });
}

/** Finds needles of at least four bytes, all in one pass. */
class Search {
  /** Whether any needle begins with these two bytes. */
  readonly #begins = new Uint8Array(1 << 16);
  readonly #byStart = new Map<number, Needle[]>();
  readonly #hits = new Map<string, number>();
  readonly longest: number;

  constructor(needles: readonly Needle[]) {
    for (const needle of needles) {
      const start = Buffer.from(needle.bytes).readUInt32LE(0);
      this.#begins[start & 0xffff] = 1;
      const others = this.#byStart.get(start);
      if (others) others.push(needle);
      else this.#byStart.set(start, [needle]);
    }
    this.longest = Math.max(...needles.map(({ bytes }) => bytes.length));
  }

  /** Searches what begins before `end`; there is more behind it. */
  take(bytes: Buffer, end: number, where: string): void {
    const begins = this.#begins;
    for (let at = 0; at < end - 3; at++) {
      if (begins[bytes[at]! | (bytes[at + 1]! << 8)] === 0) continue;
      for (const { name, bytes: wanted } of this.#byStart.get(bytes.readUInt32LE(at)) ?? []) {
        if (!bytes.subarray(at, at + wanted.length).equals(wanted)) continue;
        const key = `${name} (${where})`;
        this.#hits.set(key, (this.#hits.get(key) ?? 0) + 1);
      }
    }
  }

  get hits(): ReadonlyMap<string, number> {
    return this.#hits;
  }
}

/** Why the memory of a process cannot be read; undefined if it can. */
export function unreadable(pid: number): string | undefined {
  if (process.platform !== "linux")
    return "the memory of a process is read through /proc, on Linux";
  try {
    closeSync(openSync(`/proc/${pid}/mem`, "r"));
    return undefined;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return `the memory of a child process must not be read here (${code})`;
  }
}

const PAGE_BYTES = 4096;
const ENTRY_BYTES = 8;

/** Which pieces of a mapping have any page in memory: the others were never written to. */
function* writtenPieces(pagemap: number, { from, to }: Mapping): Generator<number> {
  const entries = Buffer.alloc((CHUNK_BYTES / PAGE_BYTES) * ENTRY_BYTES);
  for (let at = from; at < to; at += CHUNK_BYTES) {
    const got = readSync(pagemap, entries, 0, entries.length, (at / PAGE_BYTES) * ENTRY_BYTES);
    // Bits 63 and 62: present, or swapped out.
    for (let i = ENTRY_BYTES - 1; i < got; i += ENTRY_BYTES) {
      if ((entries[i]! & 0xc0) === 0) continue;
      yield at;
      break;
    }
  }
}

/** How often each needle stands in the memory of a process, by its name and the kind of mapping. */
export async function searchMemory(
  pid: number,
  needles: readonly Needle[],
): Promise<{ hits: ReadonlyMap<string, number>; readBytes: number }> {
  const search = new Search(needles);
  const buffer = Buffer.alloc(CHUNK_BYTES + search.longest);
  const memory = openSync(`/proc/${pid}/mem`, "r");
  const pagemap = openSync(`/proc/${pid}/pagemap`, "r");
  let readBytes = 0;
  try {
    for (const mapping of writableMappings(pid)) {
      const { to, name } = mapping;
      for (const at of writtenPieces(pagemap, mapping)) {
        // Connections to the process live on meanwhile.
        await new Promise((resolve) => setImmediate(resolve));
        let got: number;
        try {
          got = readSync(memory, buffer, 0, Math.min(buffer.length, to - at), at);
        } catch {
          // What is only reserved cannot be read, by nobody.
          continue;
        }
        readBytes += Math.min(got, CHUNK_BYTES);
        const bytes = buffer.subarray(0, got);
        if (bytes.equals(ZEROS.subarray(0, got))) continue;
        search.take(bytes, Math.min(got, CHUNK_BYTES), name || "anonymous");
      }
    }
  } finally {
    closeSync(memory);
    closeSync(pagemap);
  }
  return { hits: search.hits, readBytes };
}
