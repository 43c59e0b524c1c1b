/** One sidecar at a time for one robot: two would spool and withdraw behind each other's back. */
import { createServer, type Server } from "node:net";
import sodium from "libsodium-wrappers";
import { MapveilError } from "../core/errors.ts";

await sodium.ready;

/**
 * Takes the lock of the robot that this key belongs to. It is a name in the kernel, which lets go of
 * it when the process ends, however it ends; on systems without such names nothing is locked.
 * @returns a function that lets go
 * @throws MapveilError UNAVAILABLE if another sidecar has it
 */
export async function lockInstance(
  robotPublicKey: Uint8Array,
  stateDir: string,
): Promise<() => Promise<void>> {
  if (process.platform !== "linux") return async () => {};
  const id = Buffer.from(sodium.crypto_generichash(32, robotPublicKey, null)).toString("hex");
  const server = createServer((socket) => socket.destroy());
  await listen(server, `\0mapveil-sidecar-${id}`, stateDir);
  server.unref();
  return () => new Promise((resolve) => server.close(() => resolve()));
}

function listen(server: Server, name: string, stateDir: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (cause) => {
      const message =
        `${stateDir}: another sidecar of this robot is running. ` +
        "Stop it first, or give this one a state_dir of its own.";
      reject(new MapveilError("UNAVAILABLE", message, { file: stateDir }, cause));
    });
    server.listen(name, resolve);
  });
}
