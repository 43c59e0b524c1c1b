/**
 * Files of a set that is not complete yet: each is whole, but a command that ends early takes them
 * back. (One file alone needs no such care, for it appears whole or not at all.)
 */
import { rmSync } from "node:fs";
import { removeTemporaryFiles } from "../formats/index.ts";

const paths = new Set<string>();

/** Remembers a file of an unfinished set, or a folder for the time of a command. */
export function addUnfinished(path: string): void {
  paths.add(path);
}

/** The set is complete: its files stay. */
export function keepFinished(): void {
  paths.clear();
}

/** Removes what an interrupted command has written. Synchronous, for signal handlers; never throws. */
export function removeUnfinished(): void {
  removeTemporaryFiles();
  for (const path of paths) {
    try {
      rmSync(path, { recursive: true, force: true });
    } catch {
      // It is not in the way of the rest.
    }
  }
  paths.clear();
}
