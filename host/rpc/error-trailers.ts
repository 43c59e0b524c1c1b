/** Where a google.rpc.Status travels beside the status of gRPC: trailer "grpc-status-details-bin". */
import { fromBinary, toBinary } from "@bufbuild/protobuf";
import { Metadata, type ServiceError, type StatusObject } from "@grpc/grpc-js";
import { type Status, StatusSchema } from "../gen/google/rpc/status_pb.ts";
import { type Language, RPC_CODES, RpcError } from "./rpc-error.ts";
import { codeOf, fromStatus, toStatus } from "./status.ts";

const TRAILER = "grpc-status-details-bin";

/** What grpc-js sends for an error. */
export function toStatusObject(error: RpcError, language: Language): StatusObject {
  const status = toStatus(error, language);
  const metadata = new Metadata();
  metadata.set(TRAILER, Buffer.from(toBinary(StatusSchema, status)));
  return { code: RPC_CODES[error.code], details: status.message, metadata };
}

function statusOf(metadata: Metadata | undefined): Status | undefined {
  const [bytes] = metadata?.get(TRAILER) ?? [];
  if (!(bytes instanceof Buffer)) return undefined;
  try {
    return fromBinary(StatusSchema, bytes);
  } catch {
    // Whatever a server sends there: the plain status stands without it.
    return undefined;
  }
}

/** The error that a call of grpc-js ended with. Without details the reason is the code's name. */
export function fromServiceError(
  error: Pick<ServiceError, "code" | "details" | "metadata">,
): RpcError {
  const status = statusOf(error.metadata);
  // The code of the call itself counts, should the two differ.
  if (status && status.code === error.code) return fromStatus(status);
  const code = codeOf(error.code);
  return new RpcError(code, code, error.details);
}
