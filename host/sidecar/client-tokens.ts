/** Tokens by which the processes on the robot are told apart: one file for each, made at start. */
import { createHash, timingSafeEqual } from "node:crypto";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { MapveilError } from "../core/errors.ts";
import { ioError } from "../core/io-error.ts";
import { writeFileAtomic } from "../formats/index.ts";
import type { RandomBytes } from "../keys/index.ts";
import type { SidecarClient } from "./options.ts";
import { preparePrivateFolder } from "./state-folder.ts";

const TOKEN_BYTES = 32;
/** 32 bytes in base64url without padding. */
const TOKEN = /^[A-Za-z0-9_-]{43}$/;
const NAME = /^[a-z0-9][a-z0-9_-]{0,62}$/;
/** Bytes of a file that are looked at: a token, and the end of its line. */
const FILE_BYTES_MAX = 128;

const hashOf = (token: string) => createHash("sha256").update(token, "utf8").digest();

/** Reads a token; undefined if there is no such file. */
async function readToken(path: string): Promise<string | undefined> {
  const file = await open(path, "r").catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === "ENOENT") return undefined;
    throw ioError(cause, path, "read");
  });
  if (file === undefined) return undefined;
  try {
    const { mode } = await file.stat();
    const buffer = Buffer.alloc(FILE_BYTES_MAX);
    const { bytesRead } = await file.read(buffer, 0, FILE_BYTES_MAX, 0);
    const token = buffer.toString("utf8", 0, bytesRead).trimEnd();
    if ((mode & 0o077) !== 0) {
      const message = `${path}: others on this machine may use this token. Run: chmod 600 ${path}`;
      throw new MapveilError("CONFIG", message, { file: path });
    }
    if (TOKEN.test(token)) return token;
    const message = `${path}: this is no token. Remove it, and the next start makes a new one.`;
    throw new MapveilError("CONFIG", message, { file: path });
  } catch (cause) {
    throw ioError(cause, path, "read");
  } finally {
    await file.close();
  }
}

interface Entry {
  readonly hash: Buffer;
  readonly client: SidecarClient;
}

/** Clients by their tokens, of which only hashes are kept. */
export class ClientTokens {
  readonly #entries: readonly Entry[];

  private constructor(entries: readonly Entry[]) {
    this.#entries = entries;
  }

  /**
   * Reads the tokens of all clients; makes those that are missing (32 random bytes, mode 0600).
   * @throws MapveilError CONFIG for a name or a token that cannot be one, IO, NO_SPACE
   */
  static async load(
    stateDir: string,
    clients: readonly SidecarClient[],
    random: RandomBytes,
  ): Promise<ClientTokens> {
    const folder = join(stateDir, "clients");
    await preparePrivateFolder(folder);
    const entries: Entry[] = [];
    for (const client of clients) {
      if (!NAME.test(client.name) || entries.some((entry) => entry.client.name === client.name)) {
        const message =
          `clients: ${JSON.stringify(client.name)} cannot be a name. Names are unique, of up to ` +
          "63 characters of a-z, 0-9, _ and -, and begin with a letter or digit.";
        throw new MapveilError("CONFIG", message, { field: "clients" });
      }
      const path = join(folder, `${client.name}.token`);
      let token = await readToken(path);
      if (token === undefined) {
        token = Buffer.from(random(TOKEN_BYTES)).toString("base64url");
        // Whole or not at all: a start that is killed here must not leave a file that is no token.
        await writeFileAtomic(path, Buffer.from(`${token}\n`, "latin1"), { mode: 0o600 });
      }
      entries.push({ hash: hashOf(token), client });
    }
    return new ClientTokens(entries);
  }

  /** Whose token this is. Takes the same time whichever it is, and whether it is one. */
  clientOf(token: string): SidecarClient | undefined {
    const hash = hashOf(token);
    let found: SidecarClient | undefined;
    for (const entry of this.#entries) if (timingSafeEqual(entry.hash, hash)) found = entry.client;
    return found;
  }
}
