/** A place for a unix socket that only this user reaches. */
import { lstat, mkdir, stat, unlink } from "node:fs/promises";
import { connect } from "node:net";
import { dirname, resolve } from "node:path";
import { MapveilError } from "../core/errors.ts";

/** Longest path that the kernel takes, in bytes. */
const PATH_BYTES_MAX = 107;

/** Milliseconds for a process that may still listen to take a connection. */
const PROBE_TIMEOUT_MS = 2000;

async function prepareFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const { mode, uid } = await stat(folder);
  const own = process.getuid?.();
  if ((mode & 0o077) === 0 && (own === undefined || own === uid)) return;
  throw new MapveilError(
    "CONFIG",
    `${folder}: others may enter the folder of the socket; give it to this user with mode 0700, or choose another.`,
    { file: folder },
  );
}

/** Whether somebody takes connections at a unix socket. What cannot be found out counts as yes. */
export function isListening(path: string): Promise<boolean> {
  return new Promise((done) => {
    const socket = connect(path);
    const finish = (answer: boolean) => {
      socket.destroy();
      done(answer);
    };
    socket.setTimeout(PROBE_TIMEOUT_MS, () => finish(true));
    socket.once("connect", () => finish(true));
    socket.once("error", ({ code }: NodeJS.ErrnoException) =>
      finish(code !== "ECONNREFUSED" && code !== "ENOENT"),
    );
  });
}

/**
 * Makes way for a socket: its folder has mode 0700, and a socket that a killed process left is
 * removed. Returns the absolute path. Throws MapveilError CONFIG for a path that is too long, a folder
 * that is open to others or something that is no socket; UNAVAILABLE if another process listens.
 */
export async function prepareUnixSocket(path: string): Promise<string> {
  const absolute = resolve(path);
  if (Buffer.byteLength(absolute) > PATH_BYTES_MAX) {
    const text = `${absolute}: a socket's path has at most ${PATH_BYTES_MAX} bytes; choose a shorter one.`;
    throw new MapveilError("CONFIG", text, { file: absolute });
  }
  await prepareFolder(dirname(absolute));
  const found = await lstat(absolute).catch(() => undefined);
  if (!found) return absolute;
  if (!found.isSocket()) {
    const text = `${absolute}: is there and is no socket; remove it or choose another path.`;
    throw new MapveilError("CONFIG", text, { file: absolute });
  }
  if (await isListening(absolute)) {
    const text = `${absolute}: another process listens there; stop it or choose another path.`;
    throw new MapveilError("UNAVAILABLE", text, { file: absolute });
  }
  await unlink(absolute);
  return absolute;
}
