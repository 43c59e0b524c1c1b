/** Artefacts as the receiver sees them: a true header, and bytes that only look sealed. */
import { createHash, randomBytes } from "node:crypto";
import sodium from "libsodium-wrappers";
import * as abi from "../../assembly/abi.ts";

await sodium.ready;

export const RECIPIENT = "00112233445566aa";
export const OTHER_RECIPIENT = "ffeeddccbbaa9988";
export const SOURCE = "0123456789abcdef0123456789abcdef";

/** `bytes` long, which must hold the header. */
export function veil(bytes: number, options: { epoch?: bigint; recipient?: string } = {}): Buffer {
  return headed(randomBytes(bytes), options.epoch, options.recipient);
}

/** The same bytes for the same index; a few thousand of them. Made under epoch 5 or 7. */
export function seededVeil(index: number): Buffer {
  const seed = createHash("sha512").update(`artefact ${index}`).digest();
  return headed(Buffer.alloc(900 + index * 311, seed), index % 2 === 0 ? 5n : 7n);
}

function headed(artefact: Buffer, epoch = 7n, recipient = RECIPIENT): Buffer {
  artefact.write("MVEIL\x01", abi.HEADER_MAGIC, "latin1");
  artefact.writeUInt8(abi.SUITE_1, abi.HEADER_SUITE);
  artefact.writeUInt8(abi.KIND_FRAME, abi.HEADER_KIND);
  artefact.writeUInt16LE(abi.HEADER_BYTES, abi.HEADER_LENGTH);
  artefact.write(recipient, abi.HEADER_KEY_ID, "hex");
  artefact.writeBigUInt64LE(epoch, abi.HEADER_EPOCH);
  return artefact;
}

export const digestOf = (bytes: Uint8Array): Uint8Array =>
  sodium.crypto_generichash(32, bytes, null);

/** A short text for comparing large bytes without printing them. */
export const sha = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

export const nameOf = (artefact: string, recipient = RECIPIENT): string =>
  `recipients/${recipient}/artefacts/${artefact}`;
