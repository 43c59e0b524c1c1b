/**
 * grpc-js as its documentation has it: Server and Client with default options, protobuf-es between
 * them and the messages. Its Server makes no layout and no frame of what arrives, so it does less.
 */
import { create, type DescMessage, fromBinary, type Message, toBinary } from "@bufbuild/protobuf";
import * as grpc from "@grpc/grpc-js";
import type { Frame } from "../../host/core/frame.ts";
import {
  type StreamFramesRequest,
  StreamFramesRequestSchema,
  type StreamFramesResponse,
  StreamFramesResponseSchema,
} from "../../host/gen/mapveil/v1/sensor_service_pb.ts";
import { type HopWay, LAYOUT, receiptMessage } from "./hop-way.ts";

const encode = (schema: DescMessage) => (message: Message) => {
  const { buffer, byteOffset, byteLength } = toBinary(schema, message);
  return Buffer.from(buffer, byteOffset, byteLength);
};
const decode = (schema: DescMessage) => (data: Buffer) => fromBinary(schema, data);

const method = (path: string, streaming: boolean) => ({
  path,
  requestStream: streaming,
  responseStream: streaming,
  requestSerialize: encode(StreamFramesRequestSchema),
  requestDeserialize: decode(StreamFramesRequestSchema),
  responseSerialize: encode(StreamFramesResponseSchema),
  responseDeserialize: decode(StreamFramesResponseSchema),
});

const SERVICE = {
  stream: method("/bench.v1.HopService/Stream", true),
  push: method("/bench.v1.HopService/Push", false),
};

const requestOf = ({ count, data, stampNs, metadata }: Frame, sequence: bigint) =>
  create(StreamFramesRequestSchema, {
    message: {
      case: "frame",
      value: {
        sequence,
        count,
        data,
        stampNs: stampNs!,
        metadata: metadata.map((m) => ({ ...m })),
      },
    },
  });

function takeMessage(request: StreamFramesRequest, take: (frame: Frame) => void) {
  if (request.message.case !== "frame") throw new Error("a message that is no frame");
  const { count, data, stampNs, metadata, sequence } = request.message.value;
  take({ count, data, layout: LAYOUT, stampNs: stampNs!, metadata } as unknown as Frame);
  return receiptMessage(sequence);
}

type Streaming = grpc.ServerDuplexStream<StreamFramesRequest, StreamFramesResponse>;
type Unary = grpc.ServerUnaryCall<StreamFramesRequest, StreamFramesResponse>;

function serve(path: string, take: (frame: Frame) => void): Promise<unknown> {
  const server = new grpc.Server();
  server.addService(SERVICE as unknown as grpc.ServiceDefinition, {
    stream: (call: Streaming) => {
      call.on("data", (request) => call.write(takeMessage(request, take)));
      call.on("end", () => call.end());
    },
    push: (call: Unary, callback: grpc.sendUnaryData<StreamFramesResponse>) =>
      callback(null, takeMessage(call.request, take)),
  });
  return new Promise((resolve, reject) => {
    server.bindAsync(`unix:${path}`, grpc.ServerCredentials.createInsecure(), (error) =>
      error ? reject(error) : resolve(server),
    );
  });
}

const clientOf = (path: string) =>
  new grpc.Client(`unix:${path}`, grpc.credentials.createInsecure());

/** One bidirectional stream, as ours. */
export const grpcJsStream: HopWay = {
  serve,
  async connect(path) {
    const { path: name, requestSerialize, responseDeserialize } = SERVICE.stream;
    const call = clientOf(path).makeBidiStreamRequest(
      name,
      requestSerialize as never,
      responseDeserialize,
    ) as grpc.ClientDuplexStream<StreamFramesRequest, StreamFramesResponse>;
    const waiting: (() => void)[] = [];
    call.on("data", () => waiting.shift()!());
    let sequence = 0n;
    return (frame) =>
      new Promise((resolve) => {
        waiting.push(resolve);
        call.write(requestOf(frame, ++sequence));
      });
  },
};

/** A call a frame. */
export const grpcJsUnary: HopWay = {
  serve,
  async connect(path) {
    const { path: name, requestSerialize, responseDeserialize } = SERVICE.push;
    const client = clientOf(path);
    let sequence = 0n;
    return (frame) =>
      new Promise((resolve, reject) => {
        const request = requestOf(frame, ++sequence);
        client.makeUnaryRequest(
          name,
          requestSerialize as never,
          responseDeserialize,
          request,
          (error) => (error ? reject(error) : resolve()),
        );
      });
  },
};
