/** The folder of all that a sidecar keeps: nobody but its user gets in. */
import { lstat, mkdir } from "node:fs/promises";
import { MapveilError } from "../core/errors.ts";
import { ioError } from "../core/io-error.ts";

/**
 * Makes a folder with mode 0700, or takes one that is there.
 * @throws MapveilError CONFIG if others may enter it or own it, IO, NO_SPACE
 */
export async function preparePrivateFolder(path: string): Promise<void> {
  const found = await mkdir(path, { recursive: true, mode: 0o700 })
    .then(() => lstat(path))
    .catch((cause) => {
      throw ioError(cause, path, "write");
    });
  const refuse = (what: string, advice: string): never => {
    const message = `${path}: ${what}, so that others on this machine could reach what is in it. ${advice}`;
    throw new MapveilError("CONFIG", message, { file: path });
  };
  const own = process.getuid?.();
  if (!found.isDirectory()) refuse("it is a link, not a folder", "Name the folder itself.");
  if (own !== undefined && found.uid !== own) {
    refuse("it belongs to another user", `Run: chown ${own} ${path}`);
  }
  const mode = found.mode & 0o777;
  if ((mode & 0o077) !== 0) {
    refuse(`it has mode ${mode.toString(8).padStart(4, "0")}`, `Run: chmod 700 ${path}`);
  }
}
