/** The handlers of IngestService. */
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import type { IngestService } from "../gen/mapveil/v1/ingest_service_pb.ts";
import type { CallContext, ServiceHandlers } from "../rpc/index.ts";
import { parseName, parseParent } from "./names.ts";
import { ownUploadHandlers } from "./own-uploads.ts";
import type { ReceiverParts } from "./parts.ts";
import { refusal } from "./reasons.ts";
import { checkOrigin } from "./request-checks.ts";
import { WriteCall } from "./write-call.ts";

/** Handlers that write through the parts' store. */
export function ingestHandlers(parts: ReceiverParts): ServiceHandlers<typeof IngestService> {
  const { store, clients, refusals } = parts;
  const check = (call: CallContext) => (recipient: string) =>
    clients.check(call.client, call.method, recipient);
  return {
    ...ownUploadHandlers(parts),

    writeArtefact: (requests, call) =>
      refusals.watch(() => new WriteCall(parts, call, requests).run()),

    queryWriteStatus: (request, call) =>
      refusals.watch(async () => {
        const found = await store.look(parseName(request.name, check(call)));
        if (found.state === "stored") {
          return { committedSize: BigInt(found.artefact.sizeBytes), complete: true };
        }
        if (found.state === "unfinished" && found.committedBytes > 0) {
          return { committedSize: BigInt(found.committedBytes), complete: false };
        }
        throw refusal("WRITE_NOT_FOUND", { metadata: { name: request.name } });
      }),

    cancelWrite: (request, call) =>
      refusals.watch(async () => {
        await store.cancelWrite(parseName(request.name, check(call)));
        return {};
      }),

    raiseEpochFloor: (request, call) =>
      refusals.watch(async () => {
        const recipient = parseParent(request.parent, check(call));
        checkOrigin(request);
        const { source, dataClass, epochFloor } = request;
        const floor = await store.raiseFloor({ recipient, source, dataClass }, epochFloor);
        return { epochFloor: floor.epoch, updateTime: timestampFromMs(floor.raisedAtMs) };
      }),
  };
}
