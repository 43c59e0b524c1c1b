/** What monitors and tools ask of a server: grpc.health.v1 and grpc.reflection.v1. */
import { spawn } from "node:child_process";
import { connect as connectSocket, createServer, type Server } from "node:net";
import { fileURLToPath } from "node:url";
import { create, createFileRegistry, fromBinary } from "@bufbuild/protobuf";
import { FileDescriptorProtoSchema, FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Health } from "../../host/gen/grpc/health/v1/health_pb.ts";
import { ServerReflection } from "../../host/gen/grpc/reflection/v1/reflection_pb.ts";
import { createClient, unauthenticated } from "../../host/rpc/index.ts";
import { ArtefactService, artefacts, IngestService, ingest } from "./fake-services.ts";
import { collect, errorOf, serve, type TestServer, until } from "./harness.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const SERVICES = [
  "grpc.health.v1.Health",
  "grpc.reflection.v1.ServerReflection",
  "mapveil.v1.ArtefactService",
  "mapveil.v1.IngestService",
];

let running: TestServer;

beforeAll(async () => {
  const authorise = () => {
    throw unauthenticated("Nobody.");
  };
  const open = ["grpc.health.v1.Health", "grpc.reflection.v1.ServerReflection"];
  running = await serve(
    (server) => server.add(IngestService, ingest).add(ArtefactService, artefacts),
    { authorise, open },
  );
});

afterAll(() => running.stop());

describe("health", () => {
  const client = () => createClient(Health, running.channel);

  test("is told for the server and each service", async () => {
    expect((await client().check({})).status).toBe(1);
    expect((await client().check({ service: "mapveil.v1.IngestService" })).status).toBe(1);
    const unknown = await errorOf(client().check({ service: "mapveil.v1.Nothing" }));
    expect(unknown).toMatchObject({ code: "NOT_FOUND", reason: "SERVICE_UNKNOWN" });
    const { statuses } = await client().list({});
    expect(Object.keys(statuses).sort()).toEqual(["", SERVICES[2], SERVICES[3]]);
  });

  test("is watched: the state now, then each other one", async () => {
    const seen: number[] = [];
    const abort = new AbortController();
    const read = async () => {
      const watch = client().watch({ service: "later" }, { signal: abort.signal });
      for await (const { status } of watch) seen.push(status);
    };
    const ended = errorOf(read());
    await until(() => seen.length === 1);
    for (const [serving, changes] of [
      [true, 2],
      [true, 2],
      [false, 3],
      [true, 4],
    ] as const) {
      running.server.health.set("later", serving);
      await until(() => seen.length >= changes);
    }
    abort.abort();
    expect((await ended).code).toBe("CANCELLED");
    expect(seen).toEqual([3, 1, 2, 1]);
  });
});

describe("reflection", () => {
  const ask = async (...requests: object[]) => {
    const call = createClient(ServerReflection, running.channel).serverReflectionInfo();
    const answers = collect(call.responses);
    for (const request of requests) await call.write({ messageRequest: request as never });
    call.end();
    return (await answers).map(({ messageResponse }) => messageResponse);
  };

  test("gives files from which the services can be made again", async () => {
    const [answer] = await ask({ case: "fileContainingSymbol", value: SERVICES[3] });
    if (answer?.case !== "fileDescriptorResponse") throw new Error("no file");
    const load = (bytes: Uint8Array) => fromBinary(FileDescriptorProtoSchema, bytes);
    const files = [load(answer.value.fileDescriptorProto[0]!)];
    for (const file of files) {
      for (const value of file.dependency) {
        if (files.some(({ name }) => name === value)) continue;
        const [next] = await ask({ case: "fileByFilename", value });
        if (next?.case !== "fileDescriptorResponse") throw new Error(value);
        files.push(load(next.value.fileDescriptorProto[0]!));
      }
    }
    const set = create(FileDescriptorSetSchema, { file: files.reverse() });
    const registry = createFileRegistry(set);
    expect(
      registry.getService("mapveil.v1.IngestService")?.methods.map(({ name }) => name),
    ).toEqual(IngestService.methods.map(({ name }) => name));
  });

  test("finds messages, methods and fields, and says what it does not know", async () => {
    const symbols = ["mapveil.v1.WriteArtefactRequest", "mapveil.v1.IngestService.CancelWrite"];
    const found = await ask(
      ...symbols.map((value) => ({ case: "fileContainingSymbol", value })),
      { case: "fileContainingSymbol", value: "mapveil.v1.Nothing" },
      { case: "fileByFilename", value: "nothing.proto" },
      { case: "allExtensionNumbersOfType", value: "x" },
    );
    expect(found.map((answer) => answer.case)).toEqual([
      "fileDescriptorResponse",
      "fileDescriptorResponse",
      "errorResponse",
      "errorResponse",
      "errorResponse",
    ]);
    const codes = found.map((answer) => answer.case === "errorResponse" && answer.value.errorCode);
    expect(codes.slice(2)).toEqual([5, 5, 12]);
  });

  test("is understood by buf curl", async () => {
    // buf curl speaks no unix sockets: a way from a port to ours.
    const proxy: Server = createServer((socket) => {
      const other = connectSocket(running.socketPath);
      socket.on("error", () => {}).pipe(other);
      other.on("error", () => {}).pipe(socket);
    });
    await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
    const { port } = proxy.address() as { port: number };
    const curl = (list: string) =>
      new Promise<string>((resolve) => {
        const url = `http://127.0.0.1:${port}`;
        const options = ["--protocol", "grpc", "--http2-prior-knowledge", list, url];
        const child = spawn(`${ROOT}node_modules/.bin/buf`, ["curl", ...options]);
        let text = "";
        child.stdout.on("data", (bytes) => {
          text += bytes;
        });
        child.stderr.on("data", (bytes) => {
          text += bytes;
        });
        child.on("close", () => resolve(text));
      });
    const [services, methods] = await Promise.all([
      curl("--list-services"),
      curl("--list-methods"),
    ]);
    proxy.close();
    expect(services.trim().split("\n").sort()).toEqual(SERVICES);
    expect(methods).toContain("mapveil.v1.IngestService/WriteArtefact");
  });
});
