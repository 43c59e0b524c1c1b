/**
 * The part of IngestService in which a robot asks for its own uploads. It shows for each a key of which
 * the receiver has a hash since the write: the id alone, or all that is in the index, is not enough.
 */
import type { MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import sodium from "libsodium-wrappers";
import {
  type IngestService,
  Upload_State as State,
  type UploadClaim,
  type UploadSchema,
} from "../gen/mapveil/v1/ingest_service_pb.ts";
import type { CallContext, ServiceHandlers } from "../rpc/index.ts";
import { isArtefactKey, parseName, parseParent } from "./names.ts";
import type { ReceiverParts } from "./parts.ts";
import { refusal } from "./reasons.ts";
import { DELETION_HASH_BYTES, fieldInvalid } from "./request-checks.ts";
import type { ArtefactState } from "./store.ts";

await sodium.ready;

const CLAIMS_MAX = 200;
const KEY_BYTES = 32;
/** Wrong keys that are answered without delay, for each client and second. */
const WRONG_KEYS_PER_S = 1;

type Handlers = Pick<ServiceHandlers<typeof IngestService>, "lookUpUploads" | "deleteUpload">;

function checkKey(field: string, key: Uint8Array): void {
  if (key.length !== KEY_BYTES) throw fieldInvalid(field, `must have ${KEY_BYTES} bytes.`);
}

/** Whether the key is the one whose hash came with the write; in the same time for every key. */
function isKeyOf(found: ArtefactState, key: Uint8Array): boolean {
  const shown = sodium.crypto_generichash(DELETION_HASH_BYTES, key, null);
  const known = new Uint8Array(DELETION_HASH_BYTES);
  const text = hashOf(found);
  if (text !== "") known.set(Buffer.from(text, "hex"));
  return sodium.memcmp(shown, known) && text !== "";
}

function hashOf(found: ArtefactState): string {
  if (found.state === "stored") return found.artefact.deletionHash;
  return found.state === "unfinished" ? found.deletionHash : "";
}

function uploadOf(found: ArtefactState, key: Uint8Array): MessageInitShape<typeof UploadSchema> {
  const isOwn = isKeyOf(found, key);
  if (found.state === "deleted") return { state: State.DELETED };
  if (found.state === "absent" || !isOwn) return { state: State.ABSENT };
  if (found.state === "unfinished") {
    const { dataClass, committedBytes } = found;
    return { state: State.UNFINISHED, dataClass, size: BigInt(committedBytes) };
  }
  const { dataClass, sizeBytes, storedAtMs } = found.artefact;
  const createTime = timestampFromMs(storedAtMs);
  return { state: State.STORED, dataClass, size: BigInt(sizeBytes), createTime };
}

function checkClaims(recipient: string, claims: readonly UploadClaim[]): void {
  if (claims.length === 0 || claims.length > CLAIMS_MAX) {
    throw fieldInvalid("uploads", `must be 1 to ${CLAIMS_MAX}.`);
  }
  for (const { artefact, deletionKey } of claims) {
    checkKey("uploads.deletion_key", deletionKey);
    if (isArtefactKey({ recipient, artefact })) continue;
    throw fieldInvalid("uploads.artefact", "must have 4 to 63 characters of a-z, 0-9 and -.");
  }
}

/** Handlers of what a robot asks for its own uploads. */
export function ownUploadHandlers(parts: ReceiverParts): Handlers {
  const { store, clients, refusals, wrongKeys, clock } = parts;
  const check = (call: CallContext) => (recipient: string) =>
    clients.check(call.client, call.method, recipient);
  /** Who tries many keys waits longer and longer; who has the right one never does. */
  const wrongKey = async (call: CallContext) => {
    const delayMs = wrongKeys.delayMs(call.client.name, 1, WRONG_KEYS_PER_S);
    if (delayMs > 0) await clock.sleep(delayMs, call.signal);
    return refusal("DELETION_KEY_WRONG");
  };
  return {
    lookUpUploads: (request, call) =>
      refusals.watch(async () => {
        const recipient = parseParent(request.parent, check(call));
        checkClaims(recipient, request.uploads);
        const uploads: MessageInitShape<typeof UploadSchema>[] = [];
        for (const { artefact, deletionKey } of request.uploads) {
          const found = await store.look({ recipient, artefact });
          const isThere = found.state === "stored" || found.state === "unfinished";
          if (isThere && !isKeyOf(found, deletionKey)) refusals.count(await wrongKey(call));
          uploads.push(uploadOf(found, deletionKey));
        }
        return { uploads };
      }),

    deleteUpload: (request, call) =>
      refusals.watch(async () => {
        const key = parseName(request.name, check(call));
        checkKey("deletion_key", request.deletionKey);
        const found = await store.look(key);
        const isOwn = isKeyOf(found, request.deletionKey);
        if (found.state === "deleted") return { before: State.DELETED };
        if (found.state === "absent") {
          throw refusal("ARTEFACT_NOT_FOUND", { metadata: { name: request.name } });
        }
        if (!isOwn) throw await wrongKey(call);
        if (found.state === "stored") {
          await store.remove(key);
          return { before: State.STORED, size: BigInt(found.artefact.sizeBytes) };
        }
        await store.cancelWrite(key);
        return { before: State.UNFINISHED, size: BigInt(found.committedBytes) };
      }),
  };
}
