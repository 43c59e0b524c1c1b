/** Large messages take a short way past grpc-js: the same bytes, in order, in memory that is used again. */
import { Metadata } from "@grpc/grpc-js";
import fc from "fast-check";
import { afterEach, expect, test } from "vitest";
import { directStreamOf } from "../../host/rpc/grpc-js-internals.ts";
import { createClient } from "../../host/rpc/index.ts";
import { MessageDecoder } from "../../host/rpc/message-decoder.ts";
import { SensorService, sensor } from "./fake-services.ts";
import { collect, LIMITS, serve, type TestServer, until } from "./harness.ts";
import { frame } from "./raw-client.ts";

const LARGE = 300_000;

let running: TestServer | undefined;
afterEach(async () => {
  await running?.stop();
  running = undefined;
});

test("messages are the same wherever the stream is cut", () => {
  const message = fc.uint8Array({ maxLength: 60 });
  fc.assert(
    fc.property(fc.array(message), fc.array(fc.nat(20), { minLength: 1 }), (messages, cuts) => {
      const stream = Buffer.concat(messages.map((bytes) => frame(bytes)));
      const decoder = new MessageDecoder(100);
      const found: Buffer[] = [];
      for (let at = 0, i = 0; at < stream.length; i++) {
        const end = at + 1 + cuts[i % cuts.length]!;
        found.push(...decoder.write(stream.subarray(at, end)));
        at = end;
      }
      expect(found.map((bytes) => [...bytes])).toEqual(messages.map((bytes) => [...frame(bytes)]));
    }),
  );
});

test("a message may have as many bytes as are allowed, and not one more", () => {
  const decoder = new MessageDecoder(10);
  expect(decoder.write(frame(new Uint8Array(10)))).toHaveLength(1);
  expect(() => decoder.write(frame(new Uint8Array(11)).subarray(0, 5))).toThrow(
    "Received message larger than max (11 vs 10)",
  );
});

test("memory that is given back takes a later message of about its size", () => {
  const decoder = new MessageDecoder(1 << 20);
  const read = (bytes: number, value: number) =>
    decoder.write(frame(new Uint8Array(bytes).fill(value)))[0]!;
  const first = read(LARGE, 1);
  expect(read(LARGE, 2).buffer).not.toBe(first.buffer);
  decoder.giveBack(first.buffer as ArrayBuffer);
  expect(read(LARGE / 4, 3).buffer).not.toBe(first.buffer);
  expect(read(LARGE + 1, 3).buffer).not.toBe(first.buffer);
  const second = read(LARGE - 1000, 4);
  expect(second.buffer).toBe(first.buffer);
  expect([...second]).toEqual([...frame(new Uint8Array(LARGE - 1000).fill(4))]);
  expect(read(LARGE - 1000, 5).buffer).not.toBe(first.buffer);
});

test("the short way is open once the server has answered, and never overtakes", async () => {
  running = await serve((server) => server.add(SensorService, sensor));
  const path = `/${SensorService.typeName}/StreamFrames`;
  const { client } = running.channel;
  const call = client.getChannel().createCall(path, Number.POSITIVE_INFINITY, null, null, null);
  let answers = 0;
  call.start(new Metadata(), {
    onReceiveMetadata: () => {},
    onReceiveMessage: () => {
      answers++;
      call.startRead();
    },
    onReceiveStatus: () => {},
  });
  call.startRead();
  expect(directStreamOf(call)).toBeUndefined();
  const open = Buffer.of(0x0a, 0); // StreamFramesRequest with an empty `open`
  call.sendMessageWithContext({}, open);
  expect(directStreamOf(call)).toBeUndefined();
  await until(() => answers === 1);
  expect(directStreamOf(call)?.writable).toBe(true);
  call.sendMessageWithContext({}, open);
  expect(directStreamOf(call)).toBeUndefined();
  await until(() => answers === 2);
  call.cancelWithStatus(1, "done");
  expect(directStreamOf(call)).toBeUndefined();
});

test("frames of any size arrive whole and in order, with memory that is given back", async () => {
  const sizes = [LARGE, 10, 65_536, 65_535, LARGE + 7, 0, 2_000_000, LARGE];
  const found: { size: number; whole: boolean; buffer: ArrayBufferLike }[] = [];
  running = await serve((server) =>
    server.add(SensorService, {
      async *streamFrames(requests, { giveBack }) {
        for await (const { message } of requests) {
          const sequence = message.case === "frame" ? message.value.sequence : 0n;
          if (message.case === "frame") {
            const { data } = message.value;
            const whole = data.every((byte, i) => byte === ((i * 7 + Number(sequence)) & 255));
            found.push({ size: data.length, whole, buffer: data.buffer });
            giveBack(data.buffer as ArrayBuffer);
          }
          yield { message: { case: "receipt", value: { sequence } } };
        }
      },
    }),
  );
  const call = createClient(SensorService, running.channel).streamFrames();
  const receipts = collect(call.responses);
  await call.write({ message: { case: "open", value: {} } });
  await new Promise((resolve) => setTimeout(resolve, 50));
  const writes = sizes.map((size, sequence) => {
    const data = Uint8Array.from({ length: size }, (_, i) => i * 7 + sequence);
    return call.write({ message: { case: "frame", value: { sequence: BigInt(sequence), data } } });
  });
  await Promise.all(writes);
  call.end();
  expect((await receipts).length).toBe(1 + sizes.length);
  expect(found.map(({ size, whole }) => [size, whole])).toEqual(sizes.map((size) => [size, true]));
  expect(new Set(found.map(({ buffer }) => buffer)).size).toBeLessThan(sizes.length);
});

test("a message that is too large is refused as any other", async () => {
  running = await serve((server) => server.add(SensorService, sensor));
  const call = createClient(SensorService, running.channel).streamFrames();
  const responses = call.responses[Symbol.asyncIterator]();
  await call.write({ message: { case: "open", value: {} } });
  await responses.next();
  const data = new Uint8Array(LIMITS.maxMessageBytes);
  await call.write({ message: { case: "frame", value: { data } } }).catch(() => {});
  await expect(responses.next()).rejects.toMatchObject({ code: "RESOURCE_EXHAUSTED" });
});
