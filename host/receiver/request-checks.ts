/** What a request may say, beside names. */
import type { WriteArtefactRequest } from "../gen/mapveil/v1/ingest_service_pb.ts";
import { DataClass } from "../gen/mapveil/v1/types_pb.ts";
import type { RpcError } from "../rpc/index.ts";
import { isSource, nameOf } from "./names.ts";
import { refusal } from "./reasons.ts";
import { DIGEST_BYTES } from "./running-digest.ts";
import type { ArtefactKey } from "./store.ts";

/** Most bytes of one message. */
const PIECE_BYTES_MAX = 2 ** 20;

/** Bytes of the hash of a key that deletes: BLAKE2b-256. */
export const DELETION_HASH_BYTES = 32;

/** INVALID_ARGUMENT for one field. */
export function fieldInvalid(field: string, what: string): RpcError {
  return refusal("FIELD_INVALID", { field, message: `${field}: ${what}`, metadata: { field } });
}

/** Throws FIELD_INVALID unless source and class of a robot's data are what they should be. */
export function checkOrigin(request: { source: string; dataClass: DataClass }): void {
  if (!isSource(request.source)) {
    throw fieldInvalid("source", "must be 32 hexadecimal digits in lower case.");
  }
  if (request.dataClass === DataClass.UNSPECIFIED || DataClass[request.dataClass] === undefined) {
    throw fieldInvalid("data_class", "must be one of the classes of data.");
  }
}

/** The hash of the key that deletes, as hexadecimal digits; empty if there is none. Throws FIELD_INVALID. */
export function deletionHashIn({ deletionHash }: WriteArtefactRequest): string {
  if (deletionHash.length === 0 || deletionHash.length === DELETION_HASH_BYTES) {
    return Buffer.from(deletionHash).toString("hex");
  }
  throw fieldInvalid("deletion_hash", `must have ${DELETION_HASH_BYTES} bytes, or none.`);
}

/** Throws FIELD_INVALID or ARTEFACT_TOO_LARGE for what is wrong with a piece by itself. */
export function checkMessage(
  message: WriteArtefactRequest,
  key: ArtefactKey,
  artefactBytesMax: number,
): void {
  const { name, data, writeOffset, finishWrite, totalSize, digest } = message;
  if (name !== "" && name !== nameOf(key)) {
    throw fieldInvalid("name", "must be that of the first message, or empty.");
  }
  if (data.length > PIECE_BYTES_MAX) {
    throw fieldInvalid("data", `must have at most ${PIECE_BYTES_MAX} bytes.`);
  }
  if (finishWrite && digest.length !== DIGEST_BYTES) {
    throw fieldInvalid("digest", `must have ${DIGEST_BYTES} bytes with finish_write.`);
  }
  const end = writeOffset + BigInt(data.length);
  if (end > BigInt(artefactBytesMax) || totalSize > BigInt(artefactBytesMax)) {
    throw refusal("ARTEFACT_TOO_LARGE", { metadata: { limit: String(artefactBytesMax) } });
  }
}
