/**
 * The local store's files: the bytes of each artefact lie at one path from the first byte on, below
 * one of 256 folders, so that nothing is ever renamed. Whether they count, the index says.
 */
import { createHash } from "node:crypto";
import { constants } from "node:fs";
import { type FileHandle, mkdir, open, readdir, stat, statfs, unlink } from "node:fs/promises";
import { join } from "node:path";
import { keyOf } from "./local-records.ts";
import { isArtefactKey } from "./names.ts";
import { refusal } from "./reasons.ts";

/** Artefacts leave this much of the disk free, so that the index can always note a deletion. */
const RESERVED_BYTES = 2 ** 20;

const FOLDER = /^[0-9a-f]{2}$/;

const isMissing = (error: unknown) => (error as NodeJS.ErrnoException).code === "ENOENT";

export class LocalFiles {
  readonly #root: string;
  /** Folders that are there for certain, kept open: each new artefact syncs one. */
  readonly #folders = new Map<string, Promise<FileHandle>>();

  private constructor(root: string) {
    this.#root = root;
  }

  /** Opens `folder`/data, or makes it. */
  static async open(folder: string): Promise<LocalFiles> {
    const root = join(folder, "data");
    await mkdir(root, { recursive: true, mode: 0o700 });
    await syncFolder(root);
    await syncFolder(folder);
    return new LocalFiles(root);
  }

  /** Opens the file of a write, made if need be; `fresh` throws away what lies there. */
  async openForWriting(id: string, fresh: boolean): Promise<FileHandle> {
    const path = this.#path(id);
    await this.#folderOf(id);
    const flags = constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW;
    return open(path, fresh ? flags | constants.O_TRUNC : flags, 0o600);
  }

  /** Undefined if there is none. */
  async openForReading(id: string): Promise<FileHandle | undefined> {
    try {
      return await open(this.#path(id), constants.O_RDONLY | constants.O_NOFOLLOW);
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  }

  /** Bytes of a file, made durable first. Undefined if there is none. */
  async syncedSize(id: string): Promise<number | undefined> {
    const handle = await this.openForReading(id);
    if (handle === undefined) return undefined;
    try {
      await handle.datasync();
      return (await handle.stat()).size;
    } finally {
      await handle.close();
    }
  }

  /** Makes it durable that the file is there, or gone. */
  async syncFolderOf(id: string): Promise<void> {
    const folder = await this.#folderOf(id);
    await folder.sync();
  }

  /** Closes the folders; nothing may be under way. */
  async close(): Promise<void> {
    const all = [...this.#folders.values()];
    this.#folders.clear();
    await Promise.all(all.map(async (folder) => (await folder).close()));
  }

  /**
   * Removes a file durably; nothing if there is none. Its blocks are freed even while somebody still
   * reads it.
   */
  async remove(id: string): Promise<void> {
    const path = this.#path(id);
    try {
      const handle = await open(path, constants.O_RDWR | constants.O_NOFOLLOW);
      try {
        await handle.truncate(0);
      } finally {
        await handle.close();
      }
      await unlink(path);
    } catch (error) {
      if (!isMissing(error)) throw error;
    }
    await this.syncFolderOf(id);
  }

  /** Whether there is a regular file of an artefact. */
  async has(id: string): Promise<boolean> {
    try {
      return (await stat(this.#path(id))).isFile();
    } catch (error) {
      if (isMissing(error)) return false;
      throw error;
    }
  }

  /** Ids of all artefacts with a file, and how many things lie there that are none. */
  async list(): Promise<{ ids: string[]; foreign: number }> {
    const ids: string[] = [];
    let foreign = 0;
    for (const folder of await readdir(this.#root)) {
      if (!FOLDER.test(folder)) continue;
      for (const entry of await readdir(join(this.#root, folder), { withFileTypes: true })) {
        const id = entry.name.replace(".", "/");
        const ours = entry.isFile() && isArtefactKey(keyOf(id)) && folderOf(id) === folder;
        if (ours && fileNameOf(id) === entry.name) ids.push(id);
        else foreign++;
      }
    }
    return { ids, foreign };
  }

  /** Throws DISK_FULL unless so many bytes can be written with the reserve left over. */
  async assertRoom(bytes: number): Promise<void> {
    const { bavail, bsize } = await statfs(this.#root);
    if (bavail * bsize < bytes + RESERVED_BYTES) throw refusal("DISK_FULL");
  }

  /** The folder of an artefact, made durably if need be. */
  #folderOf(id: string): Promise<FileHandle> {
    const name = folderOf(id);
    const known = this.#folders.get(name);
    if (known !== undefined) return known;
    const opened = this.#openFolder(join(this.#root, name));
    this.#folders.set(name, opened);
    // The next one that needs it tries again.
    opened.catch(() => this.#folders.delete(name));
    return opened;
  }

  async #openFolder(path: string): Promise<FileHandle> {
    await mkdir(path, 0o700).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "EEXIST") throw error;
    });
    // Also if it was there: an earlier try may have made it and then failed.
    await syncFolder(this.#root);
    return await open(path, "r");
  }

  #path(id: string): string {
    // Checked once more where it matters: whatever comes here stays inside of the folder.
    if (!isArtefactKey(keyOf(id)) || id.split("/").length !== 2) throw refusal("NAME_INVALID");
    return join(this.#root, folderOf(id), fileNameOf(id));
  }
}

const fileNameOf = (id: string) => id.replace("/", ".");

/** Spreads artefacts evenly, whatever their names are. */
const folderOf = (id: string) => createHash("sha256").update(id).digest("hex").slice(0, 2);

async function syncFolder(path: string): Promise<void> {
  const handle = await open(path, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
