/** The messages with a short way to their bytes say the same as those of protobuf-es. */
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import fc from "fast-check";
import { expect, test } from "vitest";
import { WriteArtefactRequestSchema } from "../../host/gen/mapveil/v1/ingest_service_pb.ts";
import { StreamFramesRequestSchema } from "../../host/gen/mapveil/v1/sensor_service_pb.ts";
import { encode } from "../../host/rpc/message-bytes.ts";

const bytes = fc.uint8Array({ maxLength: 400 });
const u64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
const number = fc.double({ noNaN: true });

test("of a frame", () => {
  const frame = fc.record(
    {
      sequence: u64,
      count: fc.nat(),
      data: bytes,
      stampNs: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
      pose: fc.record({ x: number, qw: number }, { requiredKeys: [] }),
      metadata: fc.array(fc.record({ name: fc.string(), value: fc.string() }), { maxLength: 3 }),
    },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(frame, (value) => {
      const message = create(StreamFramesRequestSchema, { message: { case: "frame", value } });
      const plain = toBinary(StreamFramesRequestSchema, message);
      const short = encode(StreamFramesRequestSchema, message);
      expect(short.length).toBe(plain.length);
      expect(fromBinary(StreamFramesRequestSchema, new Uint8Array(short))).toEqual(
        fromBinary(StreamFramesRequestSchema, plain),
      );
    }),
  );
});

test("of the opening of a stream", () => {
  const init = { message: { case: "open", value: { inMapFrame: true } } } as const;
  const message = create(StreamFramesRequestSchema, init);
  expect(encode(StreamFramesRequestSchema, init)).toEqual(
    Buffer.from(toBinary(StreamFramesRequestSchema, message)),
  );
});

test("of a piece of an artefact", () => {
  const piece = fc.record(
    {
      name: fc.string(),
      source: fc.string(),
      dataClass: fc.constantFrom(0, 1, 2),
      writeOffset: u64,
      data: bytes,
      finishWrite: fc.boolean(),
      totalSize: u64,
      digest: bytes,
    },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(piece, (value) => {
      const message = create(WriteArtefactRequestSchema, value);
      const plain = toBinary(WriteArtefactRequestSchema, message);
      const short = encode(WriteArtefactRequestSchema, value);
      expect(short.length).toBe(plain.length);
      expect(fromBinary(WriteArtefactRequestSchema, new Uint8Array(short))).toEqual(
        fromBinary(WriteArtefactRequestSchema, plain),
      );
    }),
  );
});

test("large data are read back as a view, not as a copy", () => {
  const data = new Uint8Array(1 << 20).fill(5);
  const short = encode(StreamFramesRequestSchema, { message: { case: "frame", value: { data } } });
  const { message } = fromBinary(StreamFramesRequestSchema, short);
  expect(message.case === "frame" && message.value.data.buffer).toBe(short.buffer);
});
