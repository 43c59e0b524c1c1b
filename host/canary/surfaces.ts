/** Everything that left, was stored, said or written, by the surface on which it can be seen. */
import { readdir, readFile } from "node:fs/promises";
import { join, relative } from "node:path";
import type { Haystack } from "./search.ts";

/** Where an identifier may turn up, with what stands there. */
export const SURFACES = {
  wire: "bytes on the network",
  calls: "headers and messages at the receiver",
  robot: "files of the robot, and their names",
  receiver: "files of the receiver, and their names",
  tiles: "what the recipient opens",
  answers: "receipts, refusals and errors to clients",
  log: "logs of sidecar and receiver",
  figures: "metrics, status and health",
  printed: "what commands print",
  written: "files that commands write",
  crash: "what a crash prints",
  doctor: "what doctor prints",
  bundle: "the support bundle",
} as const;

export type Surface = keyof typeof SURFACES;
export const SURFACE_NAMES = Object.keys(SURFACES) as Surface[];

export interface SurfaceHaystack extends Haystack {
  readonly surface: Surface;
}

export class Surfaces {
  readonly #haystacks: SurfaceHaystack[] = [];

  get haystacks(): readonly SurfaceHaystack[] {
    return this.#haystacks;
  }

  add(surface: Surface, haystack: Haystack): void {
    this.#haystacks.push({ ...haystack, surface });
  }

  text(surface: Surface, name: string, text: string): void {
    this.add(surface, { name, bytes: Buffer.from(text, "utf8") });
  }

  /** What a program would print of a value: its names and its values, bytes as hexadecimal. */
  value(surface: Surface, name: string, value: unknown): void {
    this.text(surface, name, jsonOf(value));
  }

  /**
   * Every file below a folder, and the names of all files and folders there.
   * @param isSealed whether a file is of sealed bytes, hashes and signatures, most of which look random
   */
  async folder(
    surface: Surface,
    folder: string,
    isSealed: (name: string) => boolean,
  ): Promise<void> {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    const names: string[] = [];
    for (const entry of entries) {
      const path = join(entry.parentPath, entry.name);
      const name = relative(folder, path);
      names.push(name);
      if (!entry.isFile()) continue;
      // A service that runs may remove one meanwhile.
      const bytes = await readFile(path).catch(() => undefined);
      if (bytes !== undefined) this.add(surface, { name, bytes, isCiphertext: isSealed(name) });
    }
    this.text(surface, "names of files", names.join("\n"));
  }
}

/** JSON with what JSON lacks; errors with all that they carry. */
function jsonOf(value: unknown): string {
  return JSON.stringify(value, (_key, one: unknown) => {
    if (typeof one === "bigint") return one.toString();
    if (one instanceof Uint8Array) return Buffer.from(one).toString("hex");
    // The cause is not enumerable, and never sent or printed.
    if (one instanceof Error) return { ...one, name: one.name, message: one.message };
    return one;
  });
}
