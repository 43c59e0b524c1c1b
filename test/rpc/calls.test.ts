/** All four kinds of calls, and what bounds them. */
import { afterEach, describe, expect, test } from "vitest";
import type { ServiceHandlers } from "../../host/rpc/index.ts";
import {
  createClient,
  permissionDenied,
  type RpcError,
  unauthenticated,
} from "../../host/rpc/index.ts";
import {
  ArtefactService,
  artefacts,
  IngestService,
  ingest,
  SensorService,
  sensor,
} from "./fake-services.ts";
import { collect, errorOf, LIMITS, memoryLog, serve, type TestServer, until } from "./harness.ts";
import { connectRaw, frame, openStream, statusOf } from "./raw-client.ts";

const MIB = 1024 * 1024;

let running: TestServer | undefined;
const start = async (...args: Parameters<typeof serve>) => {
  running = await serve(...args);
  return running;
};
afterEach(async () => await running?.stop());

describe("an echo", () => {
  test("with one message each way", async () => {
    const { channel } = await start((server) => server.add(IngestService, ingest));
    const client = createClient(IngestService, channel);
    const { committedSize } = await client.queryWriteStatus({ name: "four" });
    expect(committedSize).toBe(4n);
  });

  test("whose handler gets plain bytes, as it would from a file", async () => {
    const buffers: boolean[] = [];
    const { channel } = await start((server) =>
      server.add(IngestService, {
        ...ingest,
        async writeArtefact(requests) {
          for await (const { data } of requests) buffers.push(Buffer.isBuffer(data));
          return {};
        },
      }),
    );
    const call = createClient(IngestService, channel).writeArtefact();
    await call.write({ data: new Uint8Array(10) });
    call.end();
    await call.response;
    expect(buffers).toEqual([false]);
  });

  test("of a stream of requests", async () => {
    const { channel } = await start((server) => server.add(IngestService, ingest));
    const call = createClient(IngestService, channel).writeArtefact();
    for (let i = 0; i < 20; i++) await call.write({ data: new Uint8Array(MIB) });
    call.end();
    expect((await call.response).committedSize).toBe(BigInt(20 * MIB));
  });

  test("of a stream of responses", async () => {
    const { channel } = await start((server) => server.add(ArtefactService, artefacts));
    const client = createClient(ArtefactService, channel);
    const pieces = await collect(client.downloadArtefact({ readLimit: 40n }));
    expect(pieces.map(({ data }) => data.length)).toEqual(new Array(40).fill(MIB / 4));
  });

  test("of streams both ways", async () => {
    const { channel } = await start((server) => server.add(SensorService, sensor));
    const call = createClient(SensorService, channel).streamFrames();
    const receipts = collect(call.responses);
    await call.write({ message: { case: "open", value: {} } });
    for (let i = 0n; i < 50n; i++) {
      await call.write({ message: { case: "frame", value: { sequence: i } } });
    }
    call.end();
    const cases = (await receipts).map(({ message }) =>
      message.case === "receipt" ? message.value.sequence : message.case,
    );
    expect(cases).toEqual(["opened", ...Array.from({ length: 50 }, (_, i) => BigInt(i))]);
  });
});

describe("a handler that throws", () => {
  test("ends the call with its error, after what it sent", async () => {
    const { channel } = await start((server) =>
      server.add(ArtefactService, {
        ...artefacts,
        async *downloadArtefact() {
          yield { data: new Uint8Array(10) };
          throw permissionDenied("NOT_YOURS", "Not yours.", { metadata: { name: "x" } });
        },
      }),
    );
    const pieces: number[] = [];
    const read = async () => {
      for await (const { data } of createClient(ArtefactService, channel).downloadArtefact({})) {
        pieces.push(data.length);
      }
    };
    const error = await errorOf(read());
    expect(error).toMatchObject({ code: "PERMISSION_DENIED", reason: "NOT_YOURS" });
    expect(error.metadata).toEqual({ name: "x" });
  });

  test("without foresight tells nothing of its inside, but the log", async () => {
    const { log, lines } = memoryLog();
    const handlers: ServiceHandlers<typeof IngestService> = {
      ...ingest,
      queryWriteStatus: async () => {
        throw new TypeError("secret of 192.168.1.4");
      },
      cancelWrite: () => {
        throw new RangeError("secret, thrown before the promise");
      },
    };
    const { channel } = await start((server) => server.add(IngestService, handlers), { log });
    const client = createClient(IngestService, channel);
    for (const call of [client.queryWriteStatus({}), client.cancelWrite({})]) {
      const error = await errorOf(call);
      expect(error).toMatchObject({ code: "INTERNAL", reason: "INTERNAL" });
      expect(error.message).not.toContain("secret");
    }
    expect(lines).toEqual([
      "call_failed method=mapveil.v1.IngestService/QueryWriteStatus code=INTERNAL reason=TypeError",
      "call_failed method=mapveil.v1.IngestService/CancelWrite code=INTERNAL reason=RangeError",
    ]);
  });
});

describe("authorisation", () => {
  const refuse = () => {
    throw unauthenticated("No token.");
  };

  test("comes before a single byte of a message is looked at", async () => {
    const { log, lines } = memoryLog();
    const { socketPath } = await start((server) => server.add(IngestService, ingest), {
      authorise: refuse,
      log,
    });
    const session = connectRaw(socketPath);
    // Bytes that are no message, and the start of one that is too large: neither is what is told.
    for (const bytes of [
      frame(Buffer.from([0xff, 0xff])),
      Buffer.from([0, 0xff, 0xff, 0xff, 0xff]),
    ]) {
      const stream = openStream(session, "/mapveil.v1.IngestService/QueryWriteStatus");
      const status = statusOf(stream);
      stream.write(bytes);
      expect(await status).toMatchObject({ code: 16, infos: [{ reason: "CREDENTIALS_INVALID" }] });
    }
    session.destroy();
    expect(lines[0]).toBe(
      "call_refused method=mapveil.v1.IngestService/QueryWriteStatus code=UNAUTHENTICATED reason=CREDENTIALS_INVALID",
    );
  });

  test("sees metadata and method, and its client reaches the handler", async () => {
    const seen: unknown[] = [];
    const { channel } = await start(
      (server) =>
        server.add(IngestService, {
          ...ingest,
          async cancelWrite(_, { client, language, method }) {
            seen.push(client, language, method);
            return {};
          },
        }),
      {
        authorise: ({ header, method, certificateNames }) => {
          seen.push(header("authorization"), header("absent"), method, certificateNames);
          return { name: "owner", roles: ["owner"], recipients: [] };
        },
      },
    );
    const headers = { authorization: "Bearer abc", "accept-language": "zh-CN" };
    await createClient(IngestService, channel, { headers }).cancelWrite({});
    const method = "mapveil.v1.IngestService/CancelWrite";
    const client = { name: "owner", roles: ["owner"], recipients: [] };
    expect(seen).toEqual(["Bearer abc", undefined, method, [], client, "zh", method]);
  });

  test("is not asked for open services, and for those only", async () => {
    const { channel } = await start(
      (server) => server.add(IngestService, ingest).add(SensorService, sensor),
      { authorise: refuse, open: ["mapveil.v1.IngestService"] },
    );
    await createClient(IngestService, channel).cancelWrite({});
    const stream = createClient(SensorService, channel).streamFrames().responses;
    expect((await errorOf(collect(stream))).code).toBe("UNAUTHENTICATED");
  });
});

describe("bounds", () => {
  test("a client has no more calls than it may have, and gets its place back", async () => {
    const limits = { ...LIMITS, maxCallsPerClient: 2 };
    let begun = 0;
    const handlers: ServiceHandlers<typeof IngestService> = {
      ...ingest,
      writeArtefact: (requests, call) => {
        begun++;
        return ingest.writeArtefact(requests, call);
      },
    };
    const { channel } = await start((server) => server.add(IngestService, handlers), { limits });
    const client = createClient(IngestService, channel);
    const open = [client.writeArtefact(), client.writeArtefact()];
    await until(() => begun === 2);
    const error = await errorOf(client.cancelWrite({}));
    expect(error).toMatchObject({ code: "RESOURCE_EXHAUSTED", reason: "TOO_MANY_CALLS" });
    expect(error.retryDelayMs).toBeGreaterThan(0);
    for (const { end } of open) end();
    await Promise.all(open.map(({ response }) => response));
    await client.cancelWrite({});
  });

  test("a slow handler stops a client that is fast", async () => {
    let release = () => {};
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    let read = 0;
    const handlers: ServiceHandlers<typeof IngestService> = {
      ...ingest,
      async writeArtefact(requests) {
        for await (const _ of requests) {
          read++;
          await gate;
        }
        return {};
      },
    };
    const limits = { ...LIMITS, windowBytes: 2 * MIB };
    const { channel } = await start((server) => server.add(IngestService, handlers), { limits });
    const call = createClient(IngestService, channel).writeArtefact();
    let written = 0;
    const writing = (async () => {
      for (let i = 0; i < 40; i++) {
        await call.write({ data: new Uint8Array(MIB) });
        written++;
      }
    })();
    await until(() => read === 1 && written > 0);
    let before = -1;
    while (before !== written) {
      before = written;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    // One in the handler, one read ahead, a window of two, and what the socket holds.
    expect(written).toBeLessThan(10);
    expect(read).toBe(1);
    release();
    await writing;
    call.end();
    await call.response;
    expect(read).toBe(40);
  });

  test("a slow reader stops a handler that is fast", async () => {
    let sent = 0;
    const { channel } = await start((server) =>
      server.add(ArtefactService, {
        ...artefacts,
        async *downloadArtefact() {
          for (; sent < 200; sent++) yield { data: new Uint8Array(MIB / 4) };
        },
      }),
    );
    const stream = createClient(ArtefactService, channel).downloadArtefact({});
    const reader = stream[Symbol.asyncIterator]();
    await reader.next();
    let before = -1;
    while (before !== sent) {
      before = sent;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    // The client's window is 4 MiB, sixteen messages; some more are in the socket.
    expect(sent).toBeLessThan(60);
    let rest = 1;
    while (!(await reader.next()).done) rest++;
    expect(rest).toBe(200);
  });

  test("a client that does not read holds a handler to its deadline, not longer", async () => {
    let ended: unknown;
    const { socketPath } = await start((server) =>
      server.add(ArtefactService, {
        ...artefacts,
        async *downloadArtefact(_, { signal }) {
          try {
            for (;;) yield { data: new Uint8Array(MIB) };
          } finally {
            ended = signal.reason;
          }
        },
      }),
    );
    const session = connectRaw(socketPath);
    const headers = { "grpc-timeout": "200m" };
    const stream = openStream(session, "/mapveil.v1.ArtefactService/DownloadArtefact", headers);
    stream.end(frame(new Uint8Array(0)));
    await until(() => ended !== undefined);
    expect(ended).toMatchObject({ code: "DEADLINE_EXCEEDED" });
    session.destroy();
  });

  test("a message beyond the limit ends the call, in and out", async () => {
    const { channel } = await start((server) =>
      server.add(IngestService, ingest).add(ArtefactService, {
        ...artefacts,
        async *downloadArtefact() {
          yield { data: new Uint8Array(5 * MIB) };
        },
      }),
    );
    const call = createClient(IngestService, channel).writeArtefact();
    await call.write({ data: new Uint8Array(5 * MIB) }).catch(() => {});
    expect((await errorOf(call.response)).code).toBe("RESOURCE_EXHAUSTED");
    const stream = createClient(ArtefactService, channel).downloadArtefact({});
    const error = await errorOf(collect(stream));
    expect(error).toMatchObject({ code: "RESOURCE_EXHAUSTED", reason: "MESSAGE_TOO_LARGE" });
  });
});

describe("a client", () => {
  const never: ServiceHandlers<typeof IngestService> = {
    ...ingest,
    queryWriteStatus: (_, { signal }) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener("abort", () => reject(signal.reason));
      }),
  };

  test("ends a call after its time", async () => {
    const { channel } = await start((server) => server.add(IngestService, never));
    const call = createClient(IngestService, channel).queryWriteStatus({}, { timeoutMs: 50 });
    expect((await errorOf(call)).code).toBe("DEADLINE_EXCEEDED");
  });

  test("ends a call when told to, before and after it began", async () => {
    const { channel } = await start((server) => server.add(IngestService, never));
    const client = createClient(IngestService, channel);
    const early = client.queryWriteStatus({}, { signal: AbortSignal.abort() });
    expect((await errorOf(early)).code).toBe("CANCELLED");
    const late = client.queryWriteStatus({}, { signal: AbortSignal.timeout(50) });
    expect((await errorOf(late)).code).toBe("CANCELLED");
  });

  test("that leaves a loop ends the call, and the handler learns of it", async () => {
    let left: RpcError | undefined;
    const { channel } = await start((server) =>
      server.add(ArtefactService, {
        ...artefacts,
        async *downloadArtefact(_, { signal }) {
          try {
            for (;;) yield { data: new Uint8Array(1000) };
          } finally {
            left = signal.reason as RpcError;
          }
        },
      }),
    );
    for await (const _ of createClient(ArtefactService, channel).downloadArtefact({})) break;
    await until(() => left !== undefined);
    expect(left?.code).toBe("CANCELLED");
  });

  test("learns of a server that is not there", async () => {
    const { channel, server } = await start((to) => to.add(IngestService, ingest));
    await server.stop(0);
    const error = await errorOf(createClient(IngestService, channel).cancelWrite({}));
    expect(error.code).toBe("UNAVAILABLE");
  });

  test("whose server answers early stops writing", async () => {
    const { channel } = await start((server) =>
      server.add(IngestService, { ...ingest, writeArtefact: async () => ({ complete: true }) }),
    );
    const call = createClient(IngestService, channel).writeArtefact();
    const write = async () => {
      for (;;) await call.write({ data: new Uint8Array(MIB) });
    };
    expect(await errorOf(write())).toMatchObject({ code: "CANCELLED", reason: "CALL_ENDED" });
    expect((await call.response).complete).toBe(true);
  });
});
