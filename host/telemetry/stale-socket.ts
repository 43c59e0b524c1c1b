/** Listening on a unix socket whose file an earlier process may have left behind. */
import { lstat, unlink } from "node:fs/promises";
import { connect, type Server } from "node:net";

/** Whether there is a socket on which nobody listens. */
async function isDead(path: string): Promise<boolean> {
  if (!(await lstat(path)).isSocket()) return false;
  return new Promise((resolve) => {
    const socket = connect(path);
    const done = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once("connect", () => done(false));
    socket.once("error", (error: NodeJS.ErrnoException) => done(error.code === "ECONNREFUSED"));
  });
}

function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(path, () => {
      server.off("error", reject);
      resolve();
    });
  });
}

/** Listens on `path`; takes the place of a socket on which nobody listens any more. */
export async function listenOnPath(server: Server, path: string): Promise<void> {
  try {
    await listen(server, path);
  } catch (error) {
    const isTaken = (error as NodeJS.ErrnoException).code === "EADDRINUSE";
    if (!isTaken || !(await isDead(path))) throw error;
    await unlink(path);
    await listen(server, path);
  }
}
