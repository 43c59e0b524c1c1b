/** A client that speaks bare HTTP/2, to do what a client of gRPC would not. */
import http2, { type ClientHttp2Session, type ClientHttp2Stream } from "node:http2";
import { connect as connectSocket } from "node:net";
import { fromBinary } from "@bufbuild/protobuf";
import { anyUnpack } from "@bufbuild/protobuf/wkt";
import { type ErrorInfo, ErrorInfoSchema } from "../../host/gen/google/rpc/error_details_pb.ts";
import { StatusSchema } from "../../host/gen/google/rpc/status_pb.ts";

/** A message as gRPC frames it; `compressed` sets the flag only. */
export function frame(bytes: Uint8Array, compressed = false): Buffer {
  const head = Buffer.alloc(5);
  head[0] = compressed ? 1 : 0;
  head.writeUInt32BE(bytes.length, 1);
  return Buffer.concat([head, bytes]);
}

export function connectRaw(socketPath: string): ClientHttp2Session {
  return http2.connect("http://localhost", { createConnection: () => connectSocket(socketPath) });
}

export function openStream(
  session: ClientHttp2Session,
  path: string,
  headers: Record<string, string> = {},
): ClientHttp2Stream {
  const all = {
    ":method": "POST",
    ":path": path,
    "content-type": "application/grpc",
    te: "trailers",
    ...headers,
  };
  const stream = session.request(all, { endStream: false });
  stream.on("error", () => {});
  return stream;
}

/** The number of the status that a stream ends with, and every ErrorInfo beside it. */
export function statusOf(
  stream: ClientHttp2Stream,
): Promise<{ code: number; infos: ErrorInfo[]; message: string }> {
  return new Promise((resolve) => {
    const look = (headers: Record<string, unknown>) => {
      if (headers["grpc-status"] === undefined) return;
      const details = headers["grpc-status-details-bin"];
      const status = fromBinary(StatusSchema, Buffer.from(String(details ?? ""), "base64"));
      const infos = status.details.flatMap((any) => anyUnpack(any, ErrorInfoSchema) ?? []);
      resolve({ code: Number(headers["grpc-status"]), infos, message: status.message });
    };
    stream.on("response", look);
    stream.on("trailers", look);
    stream.resume();
  });
}
