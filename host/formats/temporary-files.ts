/** Which temporary files stand on the disk, so that an interrupted command leaves none behind. */
import { rmSync } from "node:fs";

const paths = new Set<string>();

/** Remembers a file, or a folder with what is in it, until it is renamed or removed. */
export function registerTemporary(path: string): void {
  paths.add(path);
}

/** Forgets a file that is no longer there. */
export function forgetTemporary(path: string): void {
  paths.delete(path);
}

/**
 * Removes every temporary file at once. Synchronous, for signal handlers: call it on SIGINT and
 * SIGTERM before exiting. Never throws; returns how many were removed.
 */
export function removeTemporaryFiles(): number {
  let removed = 0;
  for (const path of paths) {
    try {
      rmSync(path, { recursive: true });
      removed++;
    } catch {
      // Already gone, or the folder is: nothing is left to remove.
    }
    paths.delete(path);
  }
  return removed;
}
