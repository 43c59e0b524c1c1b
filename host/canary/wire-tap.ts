/**
 * Stands between the robot and the receiver and keeps every byte: as they are on the wire, and as the
 * receiver gets them. In front a plain relay of TCP, which sees what a network sees (SNI, certificates,
 * ciphertext); behind it an end of TLS that has the receiver's certificate, and calls the receiver with
 * the robot's: what passes there are the headers and messages of gRPC.
 */
import { readFile } from "node:fs/promises";
import {
  type ClientHttp2Session,
  connect as connectHttp2,
  createSecureServer,
  type Http2SecureServer,
  type IncomingHttpHeaders,
  type ServerHttp2Stream,
} from "node:http2";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import type { Haystack } from "./search.ts";

export interface TapTerms {
  /** Port of the receiver on this machine. */
  readonly port: number;
  /** PEM files of the receiver, and of the robot's fleet. */
  readonly receiver: { readonly certificate: string; readonly key: string };
  readonly fleet: { readonly certificate: string; readonly key: string };
  readonly authority: string;
}

const HOST = "127.0.0.1";

const listening = (server: Server | Http2SecureServer): Promise<number> =>
  new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, HOST, () => resolve((server.address() as AddressInfo).port));
  });

/** Headers without those that belong to one connection. */
function passed(headers: IncomingHttpHeaders): Record<string, string | string[] | undefined> {
  const { ":status": _, ...rest } = headers as Record<string, string | string[] | undefined>;
  return rest;
}

export class WireTap {
  /** The port that the robot calls instead of the receiver's. */
  readonly port: number;
  readonly #relay: Server;
  readonly #end: Http2SecureServer;
  readonly #upstream: ClientHttp2Session;
  readonly #sockets: Set<Socket>;
  readonly #wire: Buffer[];
  readonly #calls: Buffer[] = [];

  /** Listens on two free ports of this machine; nothing else can see what passes. */
  static async start(terms: TapTerms): Promise<WireTap> {
    const [ca, certificate, key, fleet, fleetKey] = await Promise.all(
      [
        terms.authority,
        terms.receiver.certificate,
        terms.receiver.key,
        terms.fleet.certificate,
        terms.fleet.key,
      ].map((path) => readFile(path)),
    );
    const upstream = connectHttp2(`https://localhost:${terms.port}`, {
      ca: ca!,
      cert: fleet!,
      key: fleetKey!,
    });
    upstream.on("error", () => {});
    const end = createSecureServer({
      ca: ca!,
      cert: certificate!,
      key: key!,
      requestCert: true,
      minVersion: "TLSv1.3",
    });
    const inner = await listening(end);
    const wire: Buffer[] = [];
    const sockets = new Set<Socket>();
    const relay = createServer((socket) => relayTo(inner, socket, wire, sockets));
    return new WireTap(await listening(relay), { relay, end, upstream, sockets, wire });
  }

  private constructor(
    port: number,
    parts: {
      relay: Server;
      end: Http2SecureServer;
      upstream: ClientHttp2Session;
      sockets: Set<Socket>;
      wire: Buffer[];
    },
  ) {
    this.port = port;
    this.#relay = parts.relay;
    this.#end = parts.end;
    this.#upstream = parts.upstream;
    this.#sockets = parts.sockets;
    this.#wire = parts.wire;
    this.#end.on("stream", (stream, headers) => this.#pass(stream, headers));
    this.#end.on("sessionError", () => {});
  }

  /** Hands a call on, message by message, and its answer back. */
  #pass(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): void {
    this.#keep(headers);
    const call = this.#upstream.request(passed(headers), { endStream: false });
    const give = (chunk: Buffer) => this.#calls.push(chunk);
    stream.on("data", give);
    call.on("data", give);
    stream.pipe(call);
    let trailers: IncomingHttpHeaders = {};
    stream.on("wantTrailers", () => stream.sendTrailers(passed(trailers)));
    call.on("trailers", (last: IncomingHttpHeaders) => {
      this.#keep(last);
      trailers = last;
    });
    call.on("response", (first, flags) => {
      this.#keep(first);
      const endStream = (flags & 1) !== 0;
      if (stream.destroyed) return;
      stream.respond(first, { endStream, waitForTrailers: !endStream });
      if (!endStream) call.pipe(stream);
    });
    for (const [one, other] of [
      [stream, call],
      [call, stream],
    ] as const) {
      one.on("error", () => other.close());
      one.on("aborted", () => other.close());
    }
  }

  #keep(headers: IncomingHttpHeaders): void {
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${String(value)}`);
    this.#calls.push(Buffer.from(`${lines.join("\n")}\n`));
  }

  /** What a network saw, and what the receiver got and answered. */
  haystacks(): { readonly wire: Haystack; readonly calls: Haystack } {
    return {
      wire: {
        name: "bytes between robot and receiver",
        bytes: Buffer.concat(this.#wire),
        isCiphertext: true,
      },
      // Most of it is sealed artefacts.
      calls: {
        name: "headers and messages",
        bytes: Buffer.concat(this.#calls),
        isCiphertext: true,
      },
    };
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#upstream.destroy();
    this.#end.close();
    await new Promise((resolve) => this.#relay.close(resolve));
  }
}

function relayTo(port: number, from: Socket, wire: Buffer[], sockets: Set<Socket>): void {
  const to = connect(port, HOST);
  for (const [one, other] of [
    [from, to],
    [to, from],
  ] as const) {
    sockets.add(one);
    one.on("data", (chunk: Buffer) => wire.push(chunk));
    one.on("error", () => other.destroy());
    one.on("close", () => {
      sockets.delete(one);
      other.destroy();
    });
    one.pipe(other);
  }
}
