/** Key files: written once and never over another, read only if nobody else could have. */
import { type FileHandle, open, unlink } from "node:fs/promises";
import { dirname } from "node:path";
import { MapveilError } from "../core/errors.ts";
import { ioError } from "../core/io-error.ts";
import { keyLineOf, looksLikeKey, parseKey, parseKeyPair } from "./key-text.ts";
import { type RandomBytes, systemRandom } from "./random.ts";
import {
  generateRecipientKey,
  keyIdText,
  type RecipientKeyPair,
  recipientKeyId,
} from "./recipient-key.ts";
import { secretBytes } from "./secret-bytes.ts";
import { wipe } from "./wipe.ts";

/** Largest key file in bytes; the rest of it may be comments. */
const FILE_BYTES_MAX = 16 * 1024;
const SECRET_MODE = 0o600;
const PUBLIC_MODE = 0o644;
const LINE_END = 0x0a;

export interface WrittenKeyPair {
  readonly secretPath: string;
  readonly publicPath: string;
  readonly publicKey: Uint8Array;
  readonly keyId: Uint8Array;
}

/** Opens a file that must not exist yet; a symbolic link counts as existing. */
async function create(path: string, mode: number): Promise<FileHandle> {
  try {
    return await open(path, "wx", mode);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "EEXIST") throw ioError(cause, path, "write");
    const message = `${path} exists already. Keys are never overwritten; move it or name another.`;
    throw new MapveilError("IO", message, { file: path }, cause);
  }
}

async function fill(file: FileHandle, bytes: Uint8Array, mode: number): Promise<void> {
  // The mode of open() is narrowed by the umask, and here it has to be exact.
  await file.chmod(mode);
  await file.writeFile(bytes);
  await file.sync();
}

/** Makes what was created or renamed at `path` durable. */
export async function syncFolder(path: string): Promise<void> {
  // Windows cannot open a folder, and needs no such call.
  if (process.platform === "win32") return;
  const folder = await open(dirname(path), "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

interface NewFile {
  readonly path: string;
  readonly bytes: Uint8Array;
  readonly mode: number;
}

/** Writes all files durably, or leaves none of them behind. */
async function writeAll(files: readonly NewFile[]): Promise<void> {
  const created: { file: NewFile; handle: FileHandle }[] = [];
  try {
    for (const file of files) created.push({ file, handle: await create(file.path, file.mode) });
    for (const { file, handle } of created) {
      await fill(handle, file.bytes, file.mode).catch((cause) => {
        throw ioError(cause, file.path, "write");
      });
      await syncFolder(file.path);
    }
  } catch (error) {
    // Only what this call created; a file that was there before is not in the list.
    for (const { file } of created) await unlink(file.path).catch(() => {});
    throw error;
  } finally {
    for (const { handle } of created) await handle.close();
  }
}

/** The bytes of a key file: comments, and a line, which is wiped. */
export function keyFileOf(comment: string, line: Uint8Array): Uint8Array {
  const before = new TextEncoder().encode(comment);
  const bytes = secretBytes(before.length + line.length + 1);
  bytes.set(before);
  bytes.set(line, before.length);
  bytes[bytes.length - 1] = LINE_END;
  wipe(line);
  return bytes;
}

/**
 * Makes a recipient's key pair: the secret key at `path` (mode 0600), the public one at
 * `path`.pub (0644). Both or neither are written, and on disk when this returns. Throws IO if
 * either file exists or cannot be written. Give robots the .pub file only.
 */
export async function writeKeyPair(
  path: string,
  random: RandomBytes = systemRandom,
): Promise<WrittenKeyPair> {
  const publicPath = `${path}.pub`;
  const { publicKey, secretKey } = generateRecipientKey(random);
  const keyId = recipientKeyId(publicKey);
  const id = keyIdText(keyId);
  const secretComment =
    `# Mapveil secret key ${id}. Whoever has this file can open what was sealed for it.\n` +
    "# Keep it off every robot. Without it nothing that was sealed can be opened again.\n";
  const secretFile = keyFileOf(secretComment, keyLineOf("secret", secretKey));
  wipe(secretKey);
  const publicFile = keyFileOf(`# Mapveil public key ${id}\n`, keyLineOf("public", publicKey));
  try {
    await writeAll([
      { path, bytes: secretFile, mode: SECRET_MODE },
      { path: publicPath, bytes: publicFile, mode: PUBLIC_MODE },
    ]);
  } finally {
    wipe(secretFile);
  }
  return { secretPath: path, publicPath, publicKey, keyId };
}

/** Throws CONFIG if others than the owner may read, write or run the file. */
export async function assertPrivate(file: FileHandle, path: string): Promise<void> {
  if (process.platform === "win32") return;
  const mode = (await file.stat()).mode & 0o777;
  if ((mode & 0o077) === 0) return;
  const octal = mode.toString(8).padStart(4, "0");
  const message =
    `The secret key ${path} has mode ${octal}, others on this machine may use it. ` +
    `Run: chmod 600 ${path}`;
  throw new MapveilError("CONFIG", message, { file: path });
}

/** What `parse` makes of the bytes of a key file of at most 16 KiB, which are wiped, and of the open file. */
export async function readKeyFile<T>(
  path: string,
  parse: (text: Uint8Array, file: FileHandle) => T | Promise<T>,
): Promise<T> {
  const buffer = Buffer.alloc(FILE_BYTES_MAX + 1);
  let file: FileHandle | undefined;
  try {
    file = await open(path, "r");
    let length = 0;
    for (let last = -1; last !== 0 && length < buffer.length; length += last) {
      last = (await file.read(buffer, length, buffer.length - length, null)).bytesRead;
    }
    if (length <= FILE_BYTES_MAX) return await parse(buffer.subarray(0, length), file);
  } catch (cause) {
    throw ioError(cause, path, "read");
  } finally {
    wipe(buffer);
    await file?.close();
  }
  const message = `${path} is not a key file: it is longer than 16 KiB.`;
  throw new MapveilError("CONFIG", message, { file: path });
}

/**
 * The 32 bytes of a public key, from its line of text or from a file. Throws IO if the file
 * cannot be read, CONFIG if it holds anything but one sound public key.
 */
export async function readPublicKey(pathOrText: string): Promise<Uint8Array> {
  if (looksLikeKey(pathOrText)) return parseKey("public", pathOrText, "The given text");
  return readKeyFile(pathOrText, (text) => parseKey("public", text, pathOrText));
}

/**
 * The pair of the secret key in a file. Throws IO if it cannot be read, CONFIG if it is not one
 * sound secret key, or if others than its owner may use the file. The caller wipes the key.
 */
export async function readSecretKey(path: string): Promise<RecipientKeyPair> {
  return readKeyFile(path, async (text, file) => {
    // The kind first: who gave the public key by mistake needs no advice about its mode.
    const pair = parseKeyPair(text, path);
    try {
      await assertPrivate(file, path);
    } catch (refusal) {
      wipe(pair.secretKey);
      throw refusal;
    }
    return pair;
  });
}
