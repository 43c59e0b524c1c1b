/**
 * LMDB trusts the pages of its file: one flipped bit in them can end the process. So another process
 * looks first, walks through every table and tries a transaction that it gives up again. What kills
 * it is an error here, and not the end of the sidecar at every start.
 */
import { spawn } from "node:child_process";
import { stat } from "node:fs/promises";
import { MapveilError } from "../core/errors.ts";

/** It reads the whole file; no disk is slower than this. */
const TIMEOUT_MS = 60_000;
const BYTES_PER_S = 1_048_576;
const GOOD = "good";

/** Plain JavaScript, so that it runs from the sources and from what was built of them. */
const SCRIPT = `
  const [lmdb, folder] = process.argv.slice(1);
  const { open, ABORT } = await import(lmdb);
  const root = open({ path: folder, encoding: "binary", overlappingSync: false, maxDbs: 3 });
  const tables = ["veils", "entries", "books"].map((name) =>
    root.openDB({ name, encoding: "binary", keyEncoding: "binary" }));
  for (const table of tables) {
    let last;
    for (const { key, value } of table.getRange()) {
      if (last && Buffer.compare(last, key) >= 0) throw new Error("keys out of order");
      last = Buffer.from(key);
    }
  }
  root.transactionSync(() => {
    const key = Buffer.alloc(8, 255);
    for (let i = 0; i < 8; i++) { key[7] = i; tables[0].put(key, Buffer.alloc(65536 << (i % 4))); }
    for (const table of tables) for (const k of table.getKeys({ limit: 64 })) table.remove(k);
    return ABORT;
  });
  process.stdout.write("${GOOD}", () => process.kill(process.pid, "SIGKILL"));
`;

/**
 * Throws INTEGRITY if LMDB cannot work with the file, IO if no process can be started to see; a file
 * that is not there is good.
 */
export async function assertReadable(folder: string, file: string): Promise<void> {
  const bytes = await stat(file).then(
    (stats) => stats.size,
    () => 0,
  );
  if (bytes === 0) return;
  const output = await new Promise<string>((resolve, reject) => {
    const args = ["--input-type=module", "-e", SCRIPT, import.meta.resolve("lmdb"), folder];
    const child = spawn(process.execPath, args, {
      stdio: ["ignore", "pipe", "ignore"],
      // Flags and environment of the host are no business of the child.
      env: {},
      timeout: TIMEOUT_MS + Math.ceil((bytes / BYTES_PER_S) * 1000),
      killSignal: "SIGKILL",
    });
    let text = "";
    child.stdout.setEncoding("utf8").on("data", (piece: string) => {
      text += piece;
    });
    child.on("error", (error) => {
      const why = `${file}: no process can be started to look at the spool (${(error as NodeJS.ErrnoException).code}).`;
      reject(new MapveilError("IO", why, { file }, error));
    });
    child.on("close", () => resolve(text));
  });
  if (output.endsWith(GOOD)) return;
  const text =
    `${file}: the spool is damaged and cannot be read; check the disk, then move the spool's ` +
    "folder away to start with an empty one.";
  throw new MapveilError("INTEGRITY", text, { file });
}
