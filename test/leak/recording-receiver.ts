/** A receiver that takes everything and writes down all that it is told, behind a proxy that records the wire. */
import { readFileSync } from "node:fs";
import { createSecureServer, type ServerHttp2Session, type ServerHttp2Stream } from "node:http2";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { fromBinary, toBinary } from "@bufbuild/protobuf";
import {
  type WriteArtefactRequest,
  WriteArtefactRequestSchema,
  WriteArtefactResponseSchema,
} from "../../host/gen/mapveil/v1/ingest_service_pb.ts";
import { helloIn } from "./client-hello.ts";

/** A call as the receiver saw it. */
export interface SeenCall {
  /** Names and values in their order, pseudo-headers among them. */
  readonly headers: readonly string[];
  readonly messages: readonly WriteArtefactRequest[];
}

export interface SeenConnection {
  readonly settings: object;
  readonly calls: SeenCall[];
}

interface Files {
  readonly certificatePath: string;
  readonly keyPath: string;
  readonly caPath: string;
}

function* messagesIn(bytes: Buffer): Generator<Buffer> {
  for (let at = 0; at + 5 <= bytes.length; ) {
    const end = at + 5 + bytes.readUInt32BE(at + 1);
    yield bytes.subarray(at + 5, end);
    at = end;
  }
}

/** Listens with TLS and client certificates; `connections` is what was seen. */
export async function recordingReceiver({ certificatePath, keyPath, caPath }: Files) {
  const connections: SeenConnection[] = [];
  const sessions = new Set<ServerHttp2Session>();
  const server = createSecureServer({
    cert: readFileSync(certificatePath),
    key: readFileSync(keyPath),
    ca: readFileSync(caPath),
    requestCert: true,
    minVersion: "TLSv1.3",
  });
  server.on("session", (session) => {
    sessions.add(session);
    session.once("close", () => sessions.delete(session));
    const calls: SeenCall[] = [];
    session.once("remoteSettings", (settings) => connections.push({ settings, calls }));
    session.on("error", () => {});
    const onStream = (stream: ServerHttp2Stream, _: object, __: number, headers: unknown) => {
      const pieces: Buffer[] = [];
      stream.on("error", () => {});
      stream.on("data", (piece: Buffer) => pieces.push(piece));
      stream.on("end", () => {
        const all = Buffer.concat(pieces);
        const messages = [...messagesIn(all)].map((one) =>
          fromBinary(WriteArtefactRequestSchema, one),
        );
        calls.push({ headers: (headers as unknown[]).map(String), messages });
        const { totalSize = 0n } = messages.at(-1) ?? {};
        const answer = { $typeName: WriteArtefactResponseSchema.typeName, complete: true };
        const bytes = toBinary(WriteArtefactResponseSchema, {
          ...answer,
          committedSize: totalSize,
        });
        const head = Buffer.alloc(5);
        head.writeUInt32BE(bytes.length, 1);
        stream.respond(
          { ":status": 200, "content-type": "application/grpc" },
          { waitForTrailers: true },
        );
        stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
        stream.end(Buffer.concat([head, bytes]));
      });
    };
    // The types leave out the last argument: the headers as they came.
    session.on("stream", onStream as Parameters<typeof session.on>[1] as () => void);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const close = () => {
    for (const session of sessions) session.destroy();
    server.close();
  };
  return { port: (server.address() as AddressInfo).port, connections, close };
}

/** Passes bytes on to a port that can be changed, and keeps the hello of each connection. */
export async function recordingProxy() {
  const hellos: Buffer[] = [];
  const sockets = new Set<Socket>();
  const to = { port: 0 };
  const server = createServer((client) => {
    const upstream = connect(to.port, "127.0.0.1");
    let begin = Buffer.alloc(0);
    let isSeen = false;
    client.on("data", (bytes) => {
      if (isSeen) return;
      begin = Buffer.concat([begin, bytes]);
      const hello = helloIn(begin);
      if (hello === undefined) return;
      hellos.push(hello);
      isSeen = true;
    });
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(socket);
      socket.on("error", () => other.destroy());
      socket.on("close", () => {
        sockets.delete(socket);
        other.destroy();
      });
      socket.pipe(other);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };
  const close = () => {
    cut();
    server.close();
  };
  return { port: (server.address() as AddressInfo).port, to, hellos, cut, close };
}
