/** Records that stand in the core, sealed for one recipient: the header of an artefact and its messages. */
import {
  MESSAGE_BYTES,
  MESSAGE_OVERHEAD,
  type TAG_FINAL,
  TAG_MESSAGE,
  type TAG_PUSH,
} from "../../assembly/abi.ts";
import type { Core } from "../core/core.ts";
import { type RandomBytes, recipientKeyId, sealDataKey, wipe, withDataKey } from "../keys/index.ts";
import { LENGTH_BYTES, putMessage } from "./messages.ts";

/** What the header of an artefact says beside its keys. */
export interface ArtefactTerms {
  /** abi.KIND_* */
  readonly kind: number;
  readonly policyDigest: Uint8Array;
  readonly epoch: bigint;
}

const NOTHING = new Uint8Array(0);

/** Seals what stands in one core for one recipient. */
export class RecordSealer {
  readonly #core: Core;
  readonly #recipient: Uint8Array;
  readonly #keyId: Uint8Array;
  readonly #random: RandomBytes;

  constructor(core: Core, recipient: Uint8Array, random: RandomBytes) {
    this.#core = core;
    this.#recipient = recipient;
    this.#keyId = recipientKeyId(recipient);
    this.#random = random;
  }

  /** Starts an artefact under a fresh data key; the header is valid until the next one is started. */
  borrowHeader(terms: ArtefactTerms): Uint8Array {
    return withDataKey(
      (dataKey) =>
        this.#core.borrowSealedHeader({
          ...terms,
          dataKey,
          streamHeader: this.#random(24),
          keyId: this.#keyId,
          sealedKey: sealDataKey(dataKey, this.#recipient, this.#random),
        }),
      this.#random,
    );
  }

  /** Seals the record that the core holds, message by message, behind `prefix`. */
  seal(
    recordBytes: number,
    lastTag: typeof TAG_FINAL | typeof TAG_PUSH,
    prefix: Uint8Array = NOTHING,
  ): Uint8Array {
    const messages = Math.max(1, Math.ceil(recordBytes / MESSAGE_BYTES));
    const out = new Uint8Array(
      prefix.length + recordBytes + messages * (MESSAGE_OVERHEAD + LENGTH_BYTES),
    );
    out.set(prefix);
    let at = prefix.length;
    for (let i = 0; i < messages; i++) {
      const from = i * MESSAGE_BYTES;
      const length = Math.min(MESSAGE_BYTES, recordBytes - from);
      const tag = i === messages - 1 ? lastTag : TAG_MESSAGE;
      at = putMessage(out, at, this.#core.borrowSealedMessage(from, length, tag));
    }
    return out;
  }
}

/** Metres within which the secret offset of a session lies, on each axis. */
const SESSION_OFFSET_M = 1000;

/** Four random bytes as a number within [-1, 1). */
function unit(bytes: Uint8Array, at: number): number {
  const word = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
  return (word >>> 0) / 2 ** 31 - 1;
}

/** Starts a session of the core with a secret offset and direction. */
export function beginSecretSession(core: Core, random: RandomBytes): void {
  const secret = random(20);
  const offset = SESSION_OFFSET_M;
  core.beginSession(
    [offset * unit(secret, 0), offset * unit(secret, 4), offset * unit(secret, 8)],
    [unit(secret, 12), unit(secret, 16)],
  );
  wipe(secret);
}
