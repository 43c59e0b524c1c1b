/** Messages to bytes, as grpc-js wants them. */
import {
  create,
  type DescMessage,
  isMessage,
  type Message,
  type MessageInitShape,
  type MessageShape,
  toBinary,
} from "@bufbuild/protobuf";
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { WriteArtefactRequestSchema } from "../gen/mapveil/v1/ingest_service_pb.ts";
import { FrameSchema, StreamFramesRequestSchema } from "../gen/mapveil/v1/sensor_service_pb.ts";

const NOTHING = new Uint8Array(0);

/** Tag and length of a field that is given by its length. */
const prefix = (field: number, length: number) =>
  new BinaryWriter().tag(field, WireType.LengthDelimited).uint32(length).finish();

/**
 * Parts of a message with its bytes `data` put last, so that they are copied once. The encoder of
 * protobuf-es grows its buffer on the way, which takes five times as long for a frame of 2 MiB.
 */
function dataLast(
  schema: DescMessage & { readonly field: { readonly data: { readonly number: number } } },
  message: Message & { readonly data: Uint8Array },
): Uint8Array[] {
  const { data } = message;
  const rest = toBinary(schema, { ...message, data: NOTHING } as Message);
  return data.length === 0 ? [rest] : [rest, prefix(schema.field.data.number, data.length), data];
}

/** The bytes of a message, or of what makes one, in parts; the last may be the caller's own `data`. */
export function encodeParts<D extends DescMessage>(schema: D, init: unknown): Uint8Array[] {
  const message: Message = create(schema, init as MessageInitShape<D>);
  if (isMessage(message, WriteArtefactRequestSchema)) {
    return dataLast(WriteArtefactRequestSchema, message);
  }
  if (isMessage(message, StreamFramesRequestSchema) && message.message.case === "frame") {
    const parts = dataLast(FrameSchema, message.message.value);
    return [prefix(StreamFramesRequestSchema.field.frame.number, bytesOf(parts)), ...parts];
  }
  return [toBinary(schema, message as MessageShape<D>)];
}

export const bytesOf = (parts: readonly Uint8Array[]) =>
  parts.reduce((sum, { length }) => sum + length, 0);

/** The parts as one. */
export function joined(parts: readonly Uint8Array[]): Buffer {
  const [only, more] = parts;
  if (more) return Buffer.concat(parts);
  return Buffer.from(only!.buffer, only!.byteOffset, only!.byteLength);
}

/** Bytes of a message, or of what makes one. */
export const encode = (schema: DescMessage, init: unknown) => joined(encodeParts(schema, init));
