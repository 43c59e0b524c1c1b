/** The handlers of ArtefactService. */
import type { MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import type {
  ArtefactSchema,
  ArtefactService,
  DownloadArtefactRequest,
  ListArtefactsRequest,
  WatchArtefactsRequest,
} from "../gen/mapveil/v1/artefact_service_pb.ts";
import type { CallContext, ServiceHandlers } from "../rpc/index.ts";
import { nameOf, parseName, parseParent } from "./names.ts";
import type { ReceiverParts } from "./parts.ts";
import { placeOf, placeToken } from "./place-token.ts";
import { refusal } from "./reasons.ts";
import { fieldInvalid } from "./request-checks.ts";
import type { ArtefactKey, StoredArtefact } from "./store.ts";

const PAGE_SIZE_DEFAULT = 100;
const PAGE_SIZE_MAX = 1000;
const PIECE_BYTES = 256 * 1024;
/** Artefacts that a watch holds in memory at once. */
const WATCH_BATCH = 100;

/** Changes if the artefact does: never, while it is there, but another one's is another. */
const etagOf = ({ order, digest }: StoredArtefact) =>
  `${order}-${Buffer.from(digest).toString("hex", 0, 8)}`;

function toMessage(artefact: StoredArtefact): MessageInitShape<typeof ArtefactSchema> {
  return {
    name: nameOf(artefact),
    dataClass: artefact.dataClass,
    source: artefact.source,
    permissionEpoch: artefact.epoch,
    size: BigInt(artefact.sizeBytes),
    digest: artefact.digest,
    createTime: timestampFromMs(artefact.storedAtMs),
    etag: etagOf(artefact),
  };
}

/** Handlers that read and delete through the parts' store. */
export function artefactHandlers(parts: ReceiverParts): ServiceHandlers<typeof ArtefactService> {
  const { store, clients, refusals } = parts;
  const check = (call: CallContext) => (recipient: string) =>
    clients.check(call.client, call.method, recipient);
  const stored = async (key: ArtefactKey) => {
    const found = await store.look(key);
    return found.state === "stored" ? found.artefact : undefined;
  };
  const notFound = (name: string) => refusal("ARTEFACT_NOT_FOUND", { metadata: { name } });
  return {
    listArtefacts: (request, call) =>
      refusals.watch(() => listPage(parts, request, parseParent(request.parent, check(call)))),

    getArtefact: (request, call) =>
      refusals.watch(async () => {
        const artefact = await stored(parseName(request.name, check(call)));
        if (artefact === undefined) throw notFound(request.name);
        return { artefact: toMessage(artefact) };
      }),

    downloadArtefact: (request, call) => refusals.watchStream(() => download(parts, request, call)),

    deleteArtefact: (request, call) =>
      refusals.watch(async () => {
        const key = parseName(request.name, check(call));
        const artefact = await stored(key);
        if (artefact !== undefined && request.etag !== "" && request.etag !== etagOf(artefact)) {
          throw refusal("ETAG_MISMATCH", { metadata: { etag: etagOf(artefact) } });
        }
        if (!(await store.remove(key)) && !request.allowMissing) throw notFound(request.name);
        return {};
      }),

    watchArtefacts: (request, call) => refusals.watchStream(() => watch(parts, request, call)),
  };
}

async function listPage(parts: ReceiverParts, request: ListArtefactsRequest, recipient: string) {
  const { pageSize, pageToken } = request;
  if (pageSize < 0) throw fieldInvalid("page_size", "must not be negative.");
  const place = placeOf("page", recipient, pageToken);
  const size = Math.min(pageSize === 0 ? PAGE_SIZE_DEFAULT : pageSize, PAGE_SIZE_MAX);
  // One more than asked for tells whether this is the last page.
  const found = await parts.store.list(recipient, place, size + 1);
  const page = found.slice(0, size);
  const last = page.at(-1);
  const more = found.length > size && last !== undefined;
  return {
    artefacts: page.map(toMessage),
    nextPageToken: more ? placeToken("page", recipient, last.order) : "",
  };
}

async function* download(
  parts: ReceiverParts,
  request: DownloadArtefactRequest,
  call: CallContext,
) {
  const check = (recipient: string) => parts.clients.check(call.client, call.method, recipient);
  const key = parseName(request.name, check);
  const { readOffset, readLimit } = request;
  const artefact = await parts.store.openRead(key);
  try {
    const size = BigInt(artefact.sizeBytes);
    if (readOffset > size) {
      throw refusal("READ_BEYOND_END", { field: "read_offset", metadata: { size: String(size) } });
    }
    const limit = readLimit === 0n ? size : readLimit;
    const end = Number(readOffset + limit < size ? readOffset + limit : size);
    for (let at = Number(readOffset); at < end; ) {
      call.signal.throwIfAborted();
      check(key.recipient);
      const data = await artefact.read(at, Math.min(PIECE_BYTES, end - at));
      yield { data };
      at += data.length;
    }
  } finally {
    await artefact.close();
  }
}

/**
 * Walks the index rather than a queue: a slow consumer costs one batch of memory, and sees neither gaps
 * nor doubles.
 */
async function* watch(parts: ReceiverParts, request: WatchArtefactsRequest, call: CallContext) {
  const check = (recipient: string) => parts.clients.check(call.client, call.method, recipient);
  const recipient = parseParent(request.parent, check);
  let place = placeOf("watch", recipient, request.resumeToken);
  let wake = () => {};
  // Listening begins before the first look, so that nothing is stored unseen in between.
  let news = true;
  const stopListening = parts.store.onStored(recipient, () => {
    news = true;
    wake();
  });
  const onAbort = () => wake();
  call.signal.addEventListener("abort", onAbort, { once: true });
  try {
    while (true) {
      call.signal.throwIfAborted();
      if (!news) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
        continue;
      }
      news = false;
      const batch = await parts.store.list(recipient, place, WATCH_BATCH);
      for (const artefact of batch) {
        call.signal.throwIfAborted();
        check(recipient);
        place = artefact.order;
        yield {
          artefact: toMessage(artefact),
          resumeToken: placeToken("watch", recipient, place),
        };
      }
      if (batch.length === WATCH_BATCH) news = true;
    }
  } finally {
    call.signal.removeEventListener("abort", onAbort);
    stopListening();
  }
}
