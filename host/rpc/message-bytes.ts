/** Messages to bytes, as grpc-js wants them. */
import { create, type DescMessage, type MessageInitShape, toBinary } from "@bufbuild/protobuf";

/** Bytes of a message, or of what makes one. */
export function encode<D extends DescMessage>(schema: D, message: unknown): Buffer {
  const bytes = toBinary(schema, create(schema, message as MessageInitShape<D>));
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
