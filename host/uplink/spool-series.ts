/**
 * Which spool the serials of a robot's artefacts are from. A spool that was moved away because it was
 * damaged is begun anew, and so are its serials: without a series their names would come again, and
 * the receiver would refuse other contents under them.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { ioError } from "../core/io-error.ts";
import { writeFileAtomic } from "../formats/index.ts";
import { drawRandom, type RandomBytes } from "../keys/index.ts";

const FILE_NAME = "series";
const SERIES_BYTES = 8;

/**
 * The series of the spool in a folder, 16 hexadecimal digits: drawn once, and moved with the folder. On
 * the disk when it resolves. Throws IO, NO_SPACE.
 */
export async function spoolSeries(folder: string, random: RandomBytes): Promise<string> {
  const path = join(folder, FILE_NAME);
  const text = await readFile(path, "latin1").catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === "ENOENT") return "";
    throw ioError(cause, path, "read");
  });
  const known = text.trim();
  // One that is not whole names nothing that can be found again.
  if (/^[0-9a-f]{16}$/.test(known)) return known;
  const series = Buffer.from(drawRandom(random, SERIES_BYTES)).toString("hex");
  await writeFileAtomic(path, Buffer.from(`${series}\n`), { mode: 0o600 });
  return series;
}
