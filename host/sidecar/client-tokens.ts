/** Tokens by which the processes on the robot are told apart: one file for each, made at start. */
import { createHash, timingSafeEqual } from "node:crypto";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { MapveilError } from "../core/errors.ts";
import { ioError } from "../core/io-error.ts";
import { writeFileAtomic } from "../formats/index.ts";
import {
  drawRandom,
  fromBase64url,
  type RandomBytes,
  secretBytes,
  toBase64url,
  wipe,
} from "../keys/index.ts";
import type { SidecarClient } from "./options.ts";
import { preparePrivateFolder } from "./state-folder.ts";

const TOKEN_BYTES = 32;
/** 32 bytes in base64url without padding. */
const TOKEN_CHARS = 43;
const NAME = /^[a-z0-9][a-z0-9_-]{0,62}$/;
/** Bytes of a file that are looked at: a token, and the end of its line. */
const FILE_BYTES_MAX = 128;
const LINE_END = 0x0a;

const hashOf = (token: string | Uint8Array) => createHash("sha256").update(token).digest();

/** The hash of the token in a file; undefined if there is no such file. */
async function readToken(path: string): Promise<Buffer | undefined> {
  const file = await open(path, "r").catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === "ENOENT") return undefined;
    throw ioError(cause, path, "read");
  });
  if (file === undefined) return undefined;
  const buffer = secretBytes(FILE_BYTES_MAX);
  try {
    const { mode } = await file.stat();
    const { bytesRead } = await file.read(buffer, 0, FILE_BYTES_MAX, 0);
    if ((mode & 0o077) !== 0) {
      const message = `${path}: others on this machine may use this token. Run: chmod 600 ${path}`;
      throw new MapveilError("CONFIG", message, { file: path });
    }
    const token = buffer.subarray(0, TOKEN_CHARS);
    const rest = buffer.subarray(TOKEN_CHARS, bytesRead);
    if (bytesRead >= TOKEN_CHARS && isToken(token) && rest.every(isBlank)) return hashOf(token);
    const message = `${path}: this is no token. Remove it, and the next start makes a new one.`;
    throw new MapveilError("CONFIG", message, { file: path });
  } catch (cause) {
    throw ioError(cause, path, "read");
  } finally {
    wipe(buffer);
    await file.close();
  }
}

const isBlank = (byte: number) => byte === 0x20 || (byte >= 0x09 && byte <= 0x0d);

function isToken(letters: Uint8Array): boolean {
  const bytes = fromBase64url(letters);
  wipe(bytes);
  return bytes !== undefined;
}

/** Makes a token; whole or not at all: a start that is killed here must not leave a file that is no token. */
async function makeToken(path: string, random: RandomBytes): Promise<Buffer> {
  const bytes = drawRandom(random, TOKEN_BYTES);
  const token = toBase64url(bytes);
  const line = secretBytes(TOKEN_CHARS + 1);
  line.set(token);
  line[TOKEN_CHARS] = LINE_END;
  try {
    await writeFileAtomic(path, line, { mode: 0o600 });
    return hashOf(token);
  } finally {
    wipe(bytes, token, line);
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
      const hash = (await readToken(path)) ?? (await makeToken(path, random));
      entries.push({ hash, client });
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
