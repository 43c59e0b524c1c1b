/**
 * What the robot's uploads are called, and under which pseudonym each of them leaves. Both follow from
 * the robot's secret, an artefact's serial and the time at which it was spooled, and from a short list
 * of the settings that were in force since which serial. So nothing needs to be remembered of an upload:
 * it can be named again after years, and goes on under its old pseudonym after a restart.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import sodium from "libsodium-wrappers";
import { z } from "zod";
import { MapveilError } from "../core/errors.ts";
import { ioError } from "../core/io-error.ts";
import { writeFileAtomic } from "../formats/index.ts";
import { epochStartMs, type NameScope, type RobotKeys } from "../keys/index.ts";
import { PURPOSES } from "../permission/vocabulary.ts";
import type { SpooledArtefact } from "../spool/types.ts";
import type { SourceName } from "./types.ts";

await sodium.ready;

const FILE_NAME = "upload-scopes.json";
/** Changes of the settings that are kept; more are no honest use. */
const SCOPES_MAX = 10_000;

/** What uploads are named by, as the settings say it. */
export interface UploadScope extends NameScope {
  /** Milliseconds for which a pseudonym holds. */
  readonly epochMs: number;
  /** Of the spool that counts the serials, 16 hexadecimal digits. */
  readonly series: string;
}

const scopesSchema = z
  .array(
    z.strictObject({
      /** The first artefact that it holds for. */
      fromSerial: z.int().nonnegative(),
      recipient: z.string().regex(/^[0-9a-f]{16}$/),
      purpose: z.enum(PURPOSES),
      epochMs: z.int().positive(),
      series: z.string().regex(/^[0-9a-f]{16}$/),
    }),
  )
  .max(SCOPES_MAX);

/** BLAKE2b-256 of the key by which the robot can have an upload deleted: all that the receiver keeps. */
export function deletionHashOf(key: Uint8Array): Uint8Array {
  return sodium.crypto_generichash(32, key, null);
}

export class UploadNames {
  readonly #path: string;
  readonly #keys: RobotKeys;
  readonly #scopes: z.infer<typeof scopesSchema>;

  private constructor(path: string, keys: RobotKeys, scopes: z.infer<typeof scopesSchema>) {
    this.#path = path;
    this.#keys = keys;
    this.#scopes = scopes;
  }

  /**
   * Reads the list beside the robot's keys; there is none before the first `use`. Throws IO if it cannot
   * be read, INTEGRITY if it is not as it was written.
   */
  static async open(stateDir: string, keys: RobotKeys): Promise<UploadNames> {
    const path = join(stateDir, FILE_NAME);
    const text = await readFile(path, "utf8").catch((cause: NodeJS.ErrnoException) => {
      if (cause.code === "ENOENT") return "[]";
      throw ioError(cause, path, "read");
    });
    const parsed = scopesSchema.safeParse(jsonOf(text));
    if (parsed.success) return new UploadNames(path, keys, parsed.data);
    const message = `${path}: it is not as the sidecar wrote it. Put it back from a backup, or move it away: uploads from before can then be found under the present settings only.`;
    throw new MapveilError("INTEGRITY", message, { file: path }, parsed.error);
  }

  /** Names artefacts from `fromSerial` on by this scope; on the disk when it resolves. */
  async use(scope: UploadScope, fromSerial: number): Promise<void> {
    const last = this.#scopes.at(-1);
    if (last && isSame(last, scope) && last.fromSerial <= fromSerial) return;
    // What nothing was named by yet gives way.
    while (this.#scopes.at(-1)?.series === scope.series) {
      if (this.#scopes.at(-1)!.fromSerial < fromSerial) break;
      this.#scopes.pop();
    }
    const { recipient, epochMs, series } = scope;
    const purpose = z.enum(PURPOSES).parse(scope.purpose);
    this.#scopes.push({ fromSerial, recipient, purpose, epochMs, series });
    await writeFileAtomic(this.#path, Buffer.from(`${JSON.stringify(this.#scopes, null, 1)}\n`), {
      mode: 0o600,
    });
  }

  /** Id of an artefact of a series, the present one without, at the receiver. USAGE before the first `use`. */
  idOf(serial: number, series?: string): string {
    const scope = this.scopeOf(serial, series);
    return this.#keys.artefactId(scope, serial, scope.series);
  }

  /** The series of all spools that there were, the present one last. */
  get series(): readonly string[] {
    return [...new Set(this.#scopes.map(({ series }) => series))];
  }

  /** What has the upload of this id deleted, 32 bytes. */
  deletionKey(id: string): Uint8Array {
    return this.#keys.deletionKey(id);
  }

  /** What the receiver gets to know of that key with the upload. */
  deletionHash(id: string): Uint8Array {
    return deletionHashOf(this.deletionKey(id));
  }

  /**
   * The pseudonym that an artefact leaves under, whenever it leaves: that of the epoch in which it was
   * spooled, of its recipient and its purpose. A write that is gone on with later, and by another
   * process, does so under the name it was begun under.
   */
  sourceOf({ serial, spooledAtMs, recipient }: SpooledArtefact): SourceName {
    return this.#source({ ...this.scopeOf(serial), recipient }, spooledAtMs);
  }

  /** The pseudonym of the present scope at a time. */
  sourceAt(wallMs: number): SourceName {
    return this.#source(this.scopeOf(Number.POSITIVE_INFINITY), wallMs);
  }

  /**
   * The scope that an artefact was named by, of the present series if no other is said. What is older
   * than the list counts to its first.
   */
  scopeOf(serial: number, series = this.#scopes.at(-1)?.series): UploadScope {
    const scopes = this.#scopes.filter((scope) => scope.series === series);
    const found = scopes.findLast(({ fromSerial }) => fromSerial <= serial) ?? scopes[0];
    if (found !== undefined) return found;
    throw new MapveilError("USAGE", "This robot has named nothing yet: it has no scope in use.");
  }

  #source(scope: UploadScope, wallMs: number): SourceName {
    // A clock that is not set yet must not keep anything from leaving.
    const atMs = Math.max(0, wallMs);
    const source = this.#keys.sourcePseudonym(scope, scope.epochMs, atMs);
    return { source, recipient: scope.recipient, sinceMs: epochStartMs(scope.epochMs, atMs) };
  }
}

const isSame = (a: UploadScope, b: UploadScope) =>
  a.recipient === b.recipient &&
  a.purpose === b.purpose &&
  a.epochMs === b.epochMs &&
  a.series === b.series;

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
