/** Every error that leaves a server says why, once, and comes back as it was. */
import { fromBinary, toBinary } from "@bufbuild/protobuf";
import { anyUnpack } from "@bufbuild/protobuf/wkt";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type ErrorCode, EXIT_CODES, MapveilError } from "../../host/core/errors.ts";
import {
  ErrorInfoSchema,
  LocalizedMessageSchema,
} from "../../host/gen/google/rpc/error_details_pb.ts";
import { StatusSchema } from "../../host/gen/google/rpc/status_pb.ts";
import { fromServiceError, toStatusObject } from "../../host/rpc/error-trailers.ts";
import {
  createClient,
  fromStatus,
  invalidField,
  type RpcCode,
  RpcError,
  toMapveilError,
  toRpcError,
  toStatus,
} from "../../host/rpc/index.ts";
import { preferredLanguage } from "../../host/rpc/language.ts";
import { RPC_CODES } from "../../host/rpc/rpc-error.ts";
import { IngestService, ingest } from "./fake-services.ts";
import { serve, type TestServer } from "./harness.ts";
import { connectRaw, frame, openStream, statusOf } from "./raw-client.ts";

const text = fc.string({ unit: "grapheme", maxLength: 60 });
const someError = fc
  .record({
    code: fc.constantFrom(...(Object.keys(RPC_CODES) as RpcCode[])),
    reason: fc.stringMatching(/^[A-Z][A-Z_]{1,20}$/),
    message: text,
    metadata: fc.dictionary(fc.stringMatching(/^[a-z_]{1,10}$/), text, { maxKeys: 5 }),
    fieldViolations: fc.array(fc.record({ field: text, description: text }), {
      minLength: 1,
      maxLength: 3,
    }),
    retryDelayMs: fc.option(fc.nat(1e7), { nil: undefined }),
    zh: text,
    preconditions: fc.array(fc.record({ type: text, subject: text, description: text }), {
      maxLength: 2,
    }),
  })
  .map(
    ({ code, reason, message, zh, ...rest }) =>
      new RpcError(code, reason, message, { ...rest, localized: { zh } }),
  );

const fields = (error: RpcError) => ({ ...error, message: error.message, cause: undefined });

describe("an error", () => {
  test("comes back from the trailers as it was", () => {
    fc.assert(
      fc.property(someError, (error) => {
        const status = toStatusObject(error, "zh");
        expect(fields(fromServiceError(status))).toEqual(fields(error));
      }),
    );
  });

  test("has ErrorInfo exactly once, with the domain, and no detail twice", () => {
    fc.assert(
      fc.property(someError, fc.constantFrom("en", "zh"), (error, language) => {
        const { details } = toStatus(error, language);
        const infos = details.flatMap((any) => anyUnpack(any, ErrorInfoSchema) ?? []);
        expect(infos).toMatchObject([{ domain: "mapveil", reason: error.reason }]);
        const urls = details.map(({ typeUrl }) => typeUrl);
        expect(new Set(urls).size).toBe(urls.length);
      }),
    );
  });

  test("fits into a trailer, however much it says", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100_000 }), (length) => {
        const long = "长".repeat(length);
        const metadata = Object.fromEntries(
          Array.from({ length: 40 }, (_, i) => [`key_${i}`, long]),
        );
        const violations = new Array(40).fill({ field: long, description: long });
        const error = new RpcError("INVALID_ARGUMENT", "LONG", long, {
          metadata,
          fieldViolations: violations,
          preconditions: new Array(40).fill({ type: long, subject: long, description: long }),
          localized: { en: long },
        });
        expect(toBinary(StatusSchema, toStatus(error, "en")).length).toBeLessThan(8 * 1024);
      }),
      { numRuns: 20 },
    );
  });

  test("with half a character in it is still sent", () => {
    const error = new RpcError("ABORTED", "ODD", "half \ud83d", { metadata: { half: "\udc00" } });
    const { details, metadata } = toStatusObject(error, "en");
    expect(() => encodeURI(details)).not.toThrow();
    expect(fromServiceError({ code: 10, details, metadata }).metadata).toEqual({ half: "\ufffd" });
  });

  test("tells the user in the language that the call prefers", () => {
    const localized = { en: "Off.", zh: "已关闭。" };
    const error = new RpcError("PERMISSION_DENIED", "OFF", "Off.", { localized });
    const told = (language: "en" | "zh", from = error) =>
      toStatus(from, language).details.flatMap(
        (any) => anyUnpack(any, LocalizedMessageSchema) ?? [],
      );
    expect(told("zh")).toMatchObject([{ locale: "zh-CN", message: "已关闭。" }]);
    expect(told("en")).toMatchObject([{ locale: "en-US", message: "Off." }]);
    const english = new RpcError("ABORTED", "A", "a", { localized: { en: "Only." } });
    expect(told("zh", english)).toMatchObject([{ locale: "en-US", message: "Only." }]);
    expect(fromStatus(toStatus(error, "zh")).localized).toEqual({ zh: "已关闭。" });
    expect(toMapveilError(fromStatus(toStatus(error, "zh"))).message).toBe("已关闭。");
  });

  test("about an argument names the field, or the request as a whole", () => {
    const { fieldViolations } = fromStatus(toStatus(invalidField("layout.x", "Missing."), "en"));
    expect(fieldViolations).toEqual([{ field: "layout.x", description: "Missing." }]);
    const whole = new RpcError("INVALID_ARGUMENT", "ODD", "Odd.");
    expect(fromStatus(toStatus(whole, "en")).fieldViolations).toEqual([
      { field: "", description: "Odd." },
    ]);
  });

  test("of another server is understood as far as it goes", () => {
    const { metadata } = toStatusObject(new RpcError("ABORTED", "A", "a"), "en");
    const plain = fromServiceError({ code: 14, details: "No connection.", metadata });
    expect(plain).toMatchObject({ code: "UNAVAILABLE", reason: "UNAVAILABLE" });
    metadata.set("grpc-status-details-bin", Buffer.from([0xff, 0xff]));
    expect(fromServiceError({ code: 10, details: "x", metadata }).reason).toBe("ABORTED");
    expect(fromServiceError({ code: 99 as never, details: "x", metadata }).code).toBe("UNKNOWN");
  });
});

describe("errors of the floors below", () => {
  test.each<[ErrorCode, RpcCode]>([
    ["BAD_INPUT", "INVALID_ARGUMENT"],
    ["CONFIG", "INVALID_ARGUMENT"],
    ["USAGE", "INVALID_ARGUMENT"],
    ["TOO_LARGE", "RESOURCE_EXHAUSTED"],
    ["NO_SPACE", "RESOURCE_EXHAUSTED"],
    ["REFUSED", "PERMISSION_DENIED"],
    ["INTEGRITY", "DATA_LOSS"],
    ["NOT_FOUND", "NOT_FOUND"],
    ["UNAVAILABLE", "UNAVAILABLE"],
  ])("%s is sent as %s, and comes back", (code, rpcCode) => {
    const error = toRpcError(new MapveilError(code, "A sentence.", { field: "count" }));
    expect(error).toMatchObject({ code: rpcCode, reason: code, message: "A sentence." });
    expect(error.fieldViolations).toEqual([{ field: "count", description: "A sentence." }]);
    const back = toMapveilError(error);
    const same = !["BAD_INPUT", "CONFIG"].includes(code);
    expect(back.code).toBe(same ? code : "USAGE");
  });

  test("say when to try again if that helps", () => {
    const delayOf = (code: ErrorCode) => toRpcError(new MapveilError(code, "x")).retryDelayMs;
    expect(delayOf("NO_SPACE")).toBeGreaterThan(0);
    expect(delayOf("UNAVAILABLE")).toBeGreaterThan(0);
    expect(delayOf("TOO_LARGE")).toBeUndefined();
  });

  test("do not tell paths of this machine or faults of its inside", () => {
    const reported: unknown[] = [];
    const report = (cause: unknown) => reported.push(cause);
    for (const code of Object.keys(EXIT_CODES) as ErrorCode[]) {
      const details = { file: "/var/lib/x" };
      const error = toRpcError(new MapveilError(code, "/var/lib/x: broken.", details), report);
      expect(error.message).not.toContain("/var");
    }
    for (const thrown of [new Error("/var"), "/var", undefined, { code: 5, details: "/var" }]) {
      const error = toRpcError(thrown, report);
      expect(error).toMatchObject({ code: "INTERNAL", reason: "INTERNAL" });
      expect(error.message).not.toContain("/var");
    }
    expect(reported.length).toBe(3 + 4); // INTERNAL, IO, PARTIAL and what is no MapveilError.
  });
});

test.each([
  [undefined, "en"],
  ["", "en"],
  ["zh-CN,zh;q=0.9,en;q=0.8", "zh"],
  ["en;q=0.2, zh-TW;q=0.3", "zh"],
  ["de, fr", "en"],
  ["zhx", "en"],
  ["zh;q=0", "en"],
  ["zh;q=abc, en;q=0.1", "en"],
])("the language of %j is %s", (header, language) => {
  expect(preferredLanguage(header)).toBe(language);
});

test("a header of languages is read to a point only", () => {
  expect(preferredLanguage(`${"de,".repeat(10_000)}zh`)).toBe("en");
});

describe("a server", () => {
  let running: TestServer;
  beforeAll(async () => {
    running = await serve((server) => server.add(IngestService, ingest));
  });
  afterAll(() => running.stop());

  const METHOD = "/mapveil.v1.IngestService/QueryWriteStatus";

  /** What a stream of these bytes is answered with. */
  async function answer(bytes: Uint8Array, path = METHOD, headers: Record<string, string> = {}) {
    const session = connectRaw(running.socketPath);
    const stream = openStream(session, path, headers);
    const status = statusOf(stream);
    stream.end(bytes);
    try {
      return await status;
    } finally {
      session.destroy();
    }
  }

  test.each<[string, Uint8Array, number, string]>([
    ["no message", new Uint8Array(0), 3, "MESSAGE_COUNT"],
    ["two messages", Buffer.concat([frame(Buffer.of()), frame(Buffer.of())]), 3, "MESSAGE_COUNT"],
    ["bytes that are no message", frame(Buffer.from([0xff])), 3, "MALFORMED_MESSAGE"],
    ["a message that is too large", Buffer.from([0, 0x7f, 0, 0, 0]), 8, "MESSAGE_TOO_LARGE"],
  ])("answers %s with ErrorInfo", async (_, bytes, code, reason) => {
    expect(await answer(bytes)).toMatchObject({ code, infos: [{ domain: "mapveil", reason }] });
  });

  test("answers bad compression with ErrorInfo", async () => {
    const bytes = frame(Buffer.from("no gzip"), true);
    const gzip = await answer(bytes, METHOD, { "grpc-encoding": "gzip" });
    expect(gzip).toMatchObject({ code: 13, infos: [{ reason: "TRANSPORT_FAILED" }] });
    const unknown = await answer(bytes, METHOD, { "grpc-encoding": "zstd" });
    expect(unknown).toMatchObject({ code: 12, infos: [{ reason: "ENCODING_UNSUPPORTED" }] });
  });

  test("answers a bad deadline with ErrorInfo", async () => {
    const bad = await answer(frame(Buffer.of()), METHOD, { "grpc-timeout": "soon" });
    expect(bad).toMatchObject({ code: 13, infos: [{ reason: "TRANSPORT_FAILED" }] });
  });

  test.each(["/mapveil.v1.IngestService/Nothing", "/nothing", "/a/b/c", "/%00"])(
    "answers the unknown method %s with ErrorInfo",
    async (path) => {
      const status = await answer(frame(Buffer.of()), path);
      expect(status).toMatchObject({ code: 12, infos: [{ reason: "METHOD_UNKNOWN" }] });
    },
  );

  test("goes on after all of that", async () => {
    await createClient(IngestService, running.channel).cancelWrite({});
  });

  test("sends a status that other languages read", async () => {
    const { metadata } = toStatusObject(new RpcError("ABORTED", "A", "text"), "en");
    const bytes = metadata.get("grpc-status-details-bin")[0] as Buffer;
    expect(fromBinary(StatusSchema, bytes)).toMatchObject({ code: 10, message: "text" });
  });
});
