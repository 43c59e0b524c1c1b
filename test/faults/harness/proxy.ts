/** The bad network: a TCP proxy that delays, throttles, stalls and cuts, and counts what passes. */
import { createServer, connect as dial, type Server, type Socket } from "node:net";
import { type Direction, Line, type LineRules } from "./line.ts";

interface Connection {
  readonly sockets: readonly Socket[];
  readonly lines: readonly Line[];
}

export class TcpProxy implements LineRules {
  /** Time from one end to the other, one way. */
  latencyMs = 0;
  /** Bytes a second of each connection and direction; 0 for no limit. */
  bytesPerS = 0;
  /** Bytes that were handed on, over all connections. */
  readonly passed = { up: 0, down: 0 };
  /** Connections that were made. */
  connections = 0;

  readonly #server: Server;
  readonly #open = new Set<Connection>();
  #stalled = false;
  #cut: { direction: Direction; at: number; done: () => void } | undefined;

  private constructor(targetPort: () => number) {
    this.#server = createServer({ allowHalfOpen: true }, (near) => this.#join(near, targetPort()));
  }

  /** Listens on a free port of the loopback; `targetPort` is asked for every connection. */
  static async listen(targetPort: () => number): Promise<TcpProxy> {
    const proxy = new TcpProxy(targetPort);
    await new Promise<void>((done) => proxy.#server.listen(0, "127.0.0.1", done));
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as { port: number }).port;
  }

  /** Whether bytes wait instead of passing; connections stay open. */
  get stalled(): boolean {
    return this.#stalled;
  }

  set stalled(stalled: boolean) {
    this.#stalled = stalled;
    for (const { lines } of this.#open) for (const line of lines) line.pump();
  }

  /** Cuts every connection once so many more bytes have passed; resolves then. */
  cutAfter(direction: Direction, bytes: number): Promise<void> {
    return new Promise((done) => {
      this.#cut = { direction, at: this.passed[direction] + bytes, done };
    });
  }

  /** Resets every connection, as a link that breaks does. */
  cutNow(): void {
    const cut = this.#cut;
    this.#cut = undefined;
    for (const { sockets, lines } of this.#open) {
      for (const line of lines) line.close();
      for (const socket of sockets) socket.resetAndDestroy();
    }
    this.#open.clear();
    cut?.done();
  }

  /** Hands bytes on, up to the place of the cut. */
  pass(direction: Direction, bytes: Buffer, to: Socket): void {
    const cut = this.#cut?.direction === direction ? this.#cut : undefined;
    const room =
      cut === undefined ? bytes.length : Math.min(bytes.length, cut.at - this.passed[direction]);
    this.passed[direction] += room;
    to.write(bytes.subarray(0, room));
    // What was written has to reach the peer before the reset overtakes it.
    if (cut !== undefined && this.passed[direction] >= cut.at) setImmediate(() => this.cutNow());
  }

  async close(): Promise<void> {
    this.cutNow();
    await new Promise((done) => this.#server.close(done));
  }

  #join(near: Socket, targetPort: number): void {
    this.connections++;
    const far = dial({ port: targetPort, host: "127.0.0.1", allowHalfOpen: true });
    const sockets = [near, far];
    const lines = [new Line(this, "up", near, far), new Line(this, "down", far, near)];
    const joined: Connection = { sockets, lines };
    this.#open.add(joined);
    for (const socket of sockets) {
      socket.setNoDelay(true);
      socket.on("error", () => {});
      socket.on("close", (failed) => {
        if (failed) for (const other of sockets) other.destroy();
        if (sockets.every(({ destroyed }) => destroyed)) this.#open.delete(joined);
      });
    }
  }
}
