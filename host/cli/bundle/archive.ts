/** Files as one .tar.gz in which nothing is but their names and bytes: no user, host, time or folder. */
import { gzipSync } from "node:zlib";
import { pack } from "tar-stream";

/** One file of the bundle. */
export interface Entry {
  readonly name: string;
  readonly data: Buffer;
}

/** Name of the entry that lists the others. */
export const CONTENTS = "contents.json";

const EPOCH = new Date(0);

const placeOf = ({ name }: Entry) => (name === CONTENTS ? "" : name);

/** The same entries give the same bytes; the list of contents comes first, the rest by name. */
export async function tarGz(entries: readonly Entry[]): Promise<Buffer> {
  const archive = pack();
  const sorted = [...entries].sort((a, b) => (placeOf(a) < placeOf(b) ? -1 : 1));
  for (const { name, data } of sorted) {
    const owner = { uid: 0, gid: 0, uname: "", gname: "" };
    archive.entry({ name, mode: 0o600, mtime: EPOCH, type: "file", ...owner }, data);
  }
  archive.finalize();
  const pieces: Buffer[] = [];
  for await (const piece of archive) pieces.push(piece as Buffer);
  const packed = gzipSync(Buffer.concat(pieces), { level: 9 });
  // RFC 1952, section 2.3.1: the time, which zlib leaves 0, and the system, which it does not.
  packed.writeUInt32LE(0, 4);
  packed[9] = 0xff;
  return packed;
}
