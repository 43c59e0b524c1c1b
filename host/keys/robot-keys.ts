/**
 * The robot's own secrets, in one file that is made at the first start: a pair that signs, and a
 * secret from which its pseudonyms and the names of its uploads come. Neither opens anything that
 * was sealed.
 */
import { randomBytes } from "node:crypto";
import { link, open, unlink } from "node:fs/promises";
import { join } from "node:path";
import { MapveilError } from "../core/errors.ts";
import { ioError } from "../core/io-error.ts";
import { fromBase64url, toBase64url } from "./base64url.ts";
import { assertPrivate, keyFileOf, readKeyFile, syncFolder } from "./key-file.ts";
import { beginsWith, keyLines } from "./key-line.ts";
import { drawRandom, type RandomBytes } from "./random.ts";
import { KEY_BYTES } from "./recipient-key.ts";
import { secretBytes, secretCopy, secretTaken } from "./secret-bytes.ts";
import sodium from "./sodium.ts";
import { wipe } from "./wipe.ts";

const FILE_NAME = "robot.key";
const PREFIX = "mapveil-robot-1:";
const SEEDS_BYTES = 32;
const SECRET_BYTES = 32;
const CHECKSUM_BYTES = 4;
const BYTES = SEEDS_BYTES + SECRET_BYTES;
/** Characters of base64url without padding for both secrets and the checksum, 68 bytes. */
const BODY_CHARS = 91;
/** Bytes of a pseudonym and of an artefact's id: the fewest that libsodium's BLAKE2b gives. */
const NAME_BYTES = 16;
const DELETION_KEY_BYTES = 32;

/**
 * What the secret names things with: a key of its own for each kind of name, by libsodium's crypto_kdf
 * (BLAKE2b with the context as its personalisation), so that no name of one kind is ever one of another.
 * The 8 characters of a context never change; a new meaning takes a new context.
 */
const CONTEXTS = { source: "mvsource", artefact: "mvartefa", deletion: "mvdelete" } as const;
type NameKind = keyof typeof CONTEXTS;

const encoder = new TextEncoder();

/** Whom something is for, and what for: nobody without the secret can tell two scopes to be one robot's. */
export interface NameScope {
  /** Id of the recipient's key, 16 hexadecimal digits. */
  readonly recipient: string;
  /** One of the purposes that the owner can permit. */
  readonly purpose: string;
}

/** The first 4 bytes of BLAKE2b-256 of the prefix and the secrets. */
function checksum(secrets: Uint8Array): Uint8Array {
  const hashed = joined(encoder.encode(PREFIX), secrets);
  const sum = sodium.crypto_generichash(32, hashed, null).slice(0, CHECKSUM_BYTES);
  wipe(hashed);
  return sum;
}

function joined(one: Uint8Array, other: Uint8Array): Uint8Array {
  const both = secretBytes(one.length + other.length);
  both.set(one);
  both.set(other, one.length);
  return both;
}

function fileBytes(secrets: Uint8Array): Uint8Array {
  const comment =
    "# Mapveil: the secrets of this robot. It signs its permission ledger with them, and they name\n" +
    "# its uploads. They open nothing. Without this file the ledger cannot be verified any more, and\n" +
    "# nobody can find or delete what the robot has uploaded.\n";
  const bytes = joined(secrets, checksum(secrets));
  const body = toBase64url(bytes);
  const file = keyFileOf(comment, joined(encoder.encode(PREFIX), body));
  wipe(bytes, body);
  return file;
}

/** The 64 bytes of the secrets. Throws CONFIG for any other text; never repeats any of it. */
function parse(text: Uint8Array, path: string): Uint8Array {
  const damaged = (why: string): never => {
    const message =
      `${path} is not this robot's key file: ${why}. Put it back from a backup. Without one, move ` +
      "it and the ledger beside it away: the robot starts anew, with every permission off.";
    throw new MapveilError("CONFIG", message, { file: path });
  };
  const [found, ...more] = keyLines(text);
  if (found === undefined || more.length > 0) {
    return damaged("it must hold one line beside comments");
  }
  const { line } = found;
  if (!beginsWith(line, encoder.encode(PREFIX))) {
    return damaged(`the line does not begin with ${PREFIX}`);
  }
  const body = line.subarray(PREFIX.length);
  const bytes = body.length === BODY_CHARS ? fromBase64url(body) : undefined;
  if (bytes === undefined) {
    return damaged("91 base64url characters must stand behind the colon");
  }
  const secrets = secretCopy(bytes.subarray(0, BYTES));
  // The last character has two bits that mean nothing; only one spelling is taken.
  const spelled = toBase64url(bytes);
  const isCanonical = sodium.memcmp(spelled, body);
  const isIntact = isCanonical && sodium.memcmp(checksum(secrets), bytes.subarray(BYTES));
  wipe(bytes, spelled);
  if (isIntact) return secrets;
  wipe(secrets);
  return damaged("the checksum does not fit, the line was cut or changed");
}

/** Puts the file in place whole and on the disk; leaves a file alone that is there already. */
async function writeOnce(path: string, bytes: Uint8Array): Promise<void> {
  const temporary = `${path}.${randomBytes(6).toString("hex")}.tmp`;
  try {
    const file = await open(temporary, "wx", 0o600);
    try {
      await file.chmod(0o600);
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    // Unlike a rename, a link never replaces anything.
    await link(temporary, path);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "EEXIST") throw ioError(cause, path, "write");
  } finally {
    wipe(bytes);
    await unlink(temporary).catch(() => {});
  }
  await syncFolder(path);
}

async function read(path: string): Promise<Uint8Array | undefined> {
  try {
    return await readKeyFile(path, async (text, file) => {
      await assertPrivate(file, path);
      return parse(text, path);
    });
  } catch (error) {
    const cause = (error as MapveilError).cause as NodeJS.ErrnoException | undefined;
    if (cause?.code === "ENOENT") return undefined;
    throw error;
  }
}

/** A whole number of 0 to 2^53 - 1 as 8 bytes, little-endian. */
function numberBytes(value: number, what: string): Uint8Array {
  if (!Number.isSafeInteger(value) || value < 0) {
    throw new MapveilError("USAGE", `${what} must be a whole number from 0 on, not ${value}.`);
  }
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(value), true);
  return bytes;
}

/** A text with its length before it, so that no two lists of texts have the same bytes. */
function textBytes(text: string): Uint8Array {
  const bytes = encoder.encode(text);
  if (bytes.length > 255) {
    throw new MapveilError("USAGE", "A recipient or purpose has at most 255 bytes.");
  }
  return Uint8Array.of(bytes.length, ...bytes);
}

const scopeBytes = ({ recipient, purpose }: NameScope) => [
  textBytes(recipient),
  textBytes(purpose),
];

/** When the epoch that a time lies in began. Epochs begin at the same moments for every robot. */
export function epochStartMs(epochMs: number, wallMs: number): number {
  return Math.floor(wallMs / epochMs) * epochMs;
}

export class RobotKeys {
  /** Ed25519, 32 bytes; verifies what `sign` signed. */
  readonly signingPublicKey: Uint8Array;
  readonly #signingKey: Uint8Array;
  readonly #nameKeys: Readonly<Record<NameKind, Uint8Array>>;
  #wiped = false;

  private constructor(secrets: Uint8Array) {
    const { publicKey, privateKey } = sodium.crypto_sign_seed_keypair(
      secrets.subarray(0, SEEDS_BYTES),
    );
    this.signingPublicKey = publicKey;
    this.#signingKey = secretTaken(privateKey);
    const secret = secrets.subarray(SEEDS_BYTES);
    const keyOf = (kind: NameKind) =>
      secretTaken(sodium.crypto_kdf_derive_from_key(KEY_BYTES, 1, CONTEXTS[kind], secret));
    this.#nameKeys = {
      source: keyOf("source"),
      artefact: keyOf("artefact"),
      deletion: keyOf("deletion"),
    };
  }

  /** The secrets of a robot that was started before; undefined where there are none. Throws as `load`. */
  static async find(stateDir: string): Promise<RobotKeys | undefined> {
    const secrets = await read(join(stateDir, FILE_NAME));
    if (secrets === undefined) return undefined;
    const keys = new RobotKeys(secrets);
    wipe(secrets);
    return keys;
  }

  /**
   * The secrets in `<stateDir>/robot.key`, which is made from `random` at the first start (mode
   * 0600, on the disk when this returns) and never written again. Throws IO if it cannot be read
   * or written, CONFIG if it is damaged or others than its owner may use it.
   */
  static async load(stateDir: string, random: RandomBytes): Promise<RobotKeys> {
    const path = join(stateDir, FILE_NAME);
    const found = await RobotKeys.find(stateDir);
    if (found !== undefined) return found;
    const fresh = drawRandom(random, BYTES);
    await writeOnce(path, fileBytes(fresh));
    wipe(fresh);
    // Read back: another start at the same time may have been first.
    const made = await RobotKeys.find(stateDir);
    if (made !== undefined) return made;
    throw new MapveilError("IO", `${path} went away while it was made.`, { file: path });
  }

  /** Ed25519 signature of `bytes`, 64 bytes. Throws USAGE after wipe(). */
  sign(bytes: Uint8Array): Uint8Array {
    this.#mustBeWhole();
    return sodium.crypto_sign_detached(bytes, this.#signingKey);
  }

  /**
   * The name of this robot in a scope, 32 hexadecimal digits, during the epoch of `epochMs`
   * milliseconds that `wallMs` lies in. Nobody without the secret can link it to that of another
   * epoch, recipient or purpose. Throws USAGE for a time before 1970.
   */
  sourcePseudonym(scope: NameScope, epochMs: number, wallMs: number): string {
    const length = numberBytes(epochMs, "The length of an epoch");
    const start = numberBytes(epochStartMs(epochMs, wallMs), "The time of a pseudonym");
    return this.#name("source", NAME_BYTES, ...scopeBytes(scope), length, start).toString("hex");
  }

  /**
   * The id of this robot's artefact `serial` (whole, from 0 on, counted anew in each `series`) at the
   * receiver: "a" and 32 hexadecimal digits. The robot can name all of its uploads; the ids tell others nothing.
   */
  artefactId(scope: NameScope, serial: number, series = ""): string {
    const number = numberBytes(serial, "The serial of an artefact");
    const parts = [...scopeBytes(scope), textBytes(series), number];
    return `a${this.#name("artefact", NAME_BYTES, ...parts).toString("hex")}`;
  }

  /**
   * What this robot shows to have its own upload of that id deleted, 32 bytes. Before that the
   * receiver knows but a hash of it, so that neither the id nor the receiver's index is enough.
   */
  deletionKey(artefactId: string): Uint8Array {
    return new Uint8Array(this.#name("deletion", DELETION_KEY_BYTES, textBytes(artefactId)));
  }

  /** Wipes the secrets; nothing but the public key can be used afterwards. */
  wipe(): void {
    wipe(this.#signingKey, ...Object.values(this.#nameKeys));
    this.#wiped = true;
  }

  #name(kind: NameKind, bytes: number, ...parts: readonly Uint8Array[]): Buffer {
    this.#mustBeWhole();
    return Buffer.from(
      sodium.crypto_generichash(bytes, Buffer.concat(parts), this.#nameKeys[kind]),
    );
  }

  #mustBeWhole(): void {
    if (!this.#wiped) return;
    throw new MapveilError("USAGE", "The robot's keys were wiped; load them again.");
  }
}
