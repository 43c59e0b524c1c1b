/** The messages that write an artefact. */
import type { WriteArtefactRequest } from "../../host/gen/mapveil/v1/ingest_service_pb.ts";
import { DataClass } from "../../host/gen/mapveil/v1/types_pb.ts";
import { digestOf, nameOf, SOURCE } from "./artefacts.ts";

export type Piece = Omit<WriteArtefactRequest, "$typeName" | "$unknown">;

/** From an offset on, in messages of so many bytes; all in one by default. */
export function* piecesOf(
  artefact: string,
  bytes: Uint8Array,
  options: { from?: number; pieceBytes?: number; recipient?: string } = {},
): Iterable<Piece> {
  const { from = 0, pieceBytes = bytes.length, recipient } = options;
  const deletionHash = new Uint8Array();
  const none = { name: "", source: "", dataClass: DataClass.UNSPECIFIED, deletionHash };
  const named = {
    name: nameOf(artefact, recipient),
    source: SOURCE,
    dataClass: DataClass.LIDAR,
    deletionHash,
  };
  let at = from;
  do {
    const data = bytes.subarray(at, at + pieceBytes);
    const writeOffset = BigInt(at);
    const first = at === from ? named : none;
    at += data.length;
    const end =
      at >= bytes.length
        ? { finishWrite: true, totalSize: BigInt(bytes.length), digest: digestOf(bytes) }
        : { finishWrite: false, totalSize: 0n, digest: new Uint8Array() };
    yield { ...first, writeOffset, data, ...end };
  } while (at < bytes.length);
}
