/**
 * Keeps a second receiver off a folder. A unix socket in it is the lock: it dies with its process,
 * however that ends, and is seen from other containers on the machine too.
 */
import { open, unlink } from "node:fs/promises";
import { createServer, type Server } from "node:net";
import { join } from "node:path";
import { MapveilError } from "../core/errors.ts";
import { isListening } from "../rpc/index.ts";

const NAME = "receiver.lock";

/** Takes the lock; the answer gives it back. Throws UNAVAILABLE if another process has it. */
export async function lockFolder(folder: string): Promise<() => Promise<void>> {
  const handle = await open(folder, "r");
  // Paths of sockets have at most 107 bytes; by way of the open folder every path is short.
  const short = process.platform === "linux" ? `/proc/self/fd/${handle.fd}` : folder;
  const path = join(short, NAME);
  const release = async (server: Server) => {
    await new Promise<void>((resolve) => server.close(() => resolve()));
    await handle.close();
  };
  try {
    let server = await listen(path);
    if (server === undefined && !(await isListening(path))) {
      await unlink(path).catch(() => {});
      server = await listen(path);
    }
    if (server !== undefined) return () => release(server);
  } catch (error) {
    await handle.close();
    throw error;
  }
  await handle.close();
  const message = `${folder}: another receiver uses this folder; stop it first, or choose another folder.`;
  throw new MapveilError("UNAVAILABLE", message, { file: folder });
}

/** Undefined if there is a socket already. */
function listen(path: string): Promise<Server | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy());
    server.once("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EADDRINUSE") resolve(undefined);
      else reject(error);
    });
    // The lock alone does not keep a process alive.
    server.listen(path, () => resolve(server.unref()));
  });
}
