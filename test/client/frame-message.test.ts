/** What a client writes is what the sidecar reads, through the bytes of the wire. */
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import fc from "fast-check";
import { expect, test } from "vitest";
import { toFrame, toLayout } from "../../host/client/frame-message.ts";
import type { FieldType, Frame, MetadataName } from "../../host/core/frame.ts";
import { METADATA_IDS } from "../../host/core/metadata-ids.ts";
import { FrameSchema, PointLayoutSchema } from "../../host/gen/mapveil/v1/sensor_service_pb.ts";
import { readFrame, readLayout } from "../../host/sidecar/frame-message.ts";

const BYTES: Readonly<Record<FieldType, number>> = {
  f32: 4,
  f64: 8,
  i16: 2,
  i32: 4,
  u8: 1,
  u16: 2,
  u32: 4,
};

const field = fc.record(
  {
    offset: fc.integer({ min: 0, max: 24 }),
    type: fc.constantFrom(...(Object.keys(BYTES) as FieldType[])),
    scale: fc.float({ noNaN: true, noDefaultInfinity: true }),
    bias: fc.float({ noNaN: true, noDefaultInfinity: true }),
  },
  { requiredKeys: ["offset", "type"], noNullPrototype: true },
);

const layout = fc.record(
  {
    pointStep: fc.constantFrom(32, 33, 100, 4096),
    x: field,
    y: field,
    z: field,
    intensity: field,
    ring: field,
    time: field,
    otherFields: fc.array(fc.string({ maxLength: 20 }), { maxLength: 5 }),
  },
  { requiredKeys: ["pointStep", "x", "y", "z", "otherFields"], noNullPrototype: true },
);

const metre = fc.double({ min: -1e9, max: 1e9, noNaN: true });
const frame = fc.record(
  {
    stampNs: fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }),
    pose: fc.record(
      {
        translation: fc.tuple(metre, metre, metre),
        quaternion: fc.constantFrom<[number, number, number, number]>(
          [0, 0, 0, 1],
          [0.6, 0, -0.8, 0],
        ),
      },
      { noNullPrototype: true },
    ),
    metadata: fc.array(
      fc.record(
        {
          name: fc.constantFrom(...(Object.keys(METADATA_IDS) as MetadataName[])),
          value: fc.string({ maxLength: 200, unit: "grapheme" }),
        },
        { noNullPrototype: true },
      ),
      { maxLength: 10 },
    ),
  },
  { requiredKeys: ["metadata"], noNullPrototype: true },
);

test("any layout and any frame come over as they were", () => {
  fc.assert(
    fc.property(layout, frame, fc.integer({ min: 0, max: 3 }), (anyLayout, rest, count) => {
      const bytes = toBinary(PointLayoutSchema, create(PointLayoutSchema, toLayout(anyLayout)));
      const read = readLayout(fromBinary(PointLayoutSchema, bytes));
      expect(read).toEqual(anyLayout);
      const data = new Uint8Array(count * anyLayout.pointStep).map((_, i) => i);
      const sent: Frame = { count, layout: anyLayout, data, ...rest };
      const message = fromBinary(
        FrameSchema,
        toBinary(FrameSchema, create(FrameSchema, toFrame(sent, 5n))),
      );
      expect(message.sequence).toBe(5n);
      const { frame: got, unknown } = readFrame(message, read, 1e6);
      expect(Buffer.compare(got.data, data)).toBe(0);
      expect({ ...got, data }).toEqual(sent);
      expect(unknown).toEqual([]);
    }),
  );
});
