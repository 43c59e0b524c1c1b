/** The bad network: a TCP proxy that delays, throttles, stalls and cuts, and counts what passes. */
import { createServer, connect as dial, type Server, type Socket } from "node:net";

export type Direction = "up" | "down";

/** Bytes that may lie on the line; more than any window of the services, so that these are measured. */
const LINE_BYTES_MAX = 64 * 2 ** 20;

interface Piece {
  readonly bytes: Buffer;
  readonly dueMs: number;
}

/** One direction of one connection. */
class Line {
  readonly #proxy: TcpProxy;
  readonly #direction: Direction;
  readonly #from: Socket;
  readonly #to: Socket;
  readonly #pieces: Piece[] = [];
  #waitingBytes = 0;
  #freeMs = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(proxy: TcpProxy, direction: Direction, from: Socket, to: Socket) {
    this.#proxy = proxy;
    this.#direction = direction;
    this.#from = from;
    this.#to = to;
    from.on("data", (bytes: Buffer) => this.#take(bytes));
    from.on("end", () => this.#take(Buffer.alloc(0)));
    to.on("drain", () => this.pump());
  }

  #take(bytes: Buffer): void {
    const { latencyMs, bytesPerS } = this.#proxy;
    const now = performance.now();
    this.#freeMs =
      Math.max(now, this.#freeMs) + (bytesPerS > 0 ? (bytes.length / bytesPerS) * 1000 : 0);
    this.#pieces.push({ bytes, dueMs: this.#freeMs + latencyMs });
    this.#waitingBytes += bytes.length;
    if (this.#waitingBytes > LINE_BYTES_MAX) this.#from.pause();
    this.pump();
  }

  /** Lets go on what is due. */
  pump(): void {
    clearTimeout(this.#timer);
    while (this.#pieces.length > 0 && !this.#proxy.stalled && !this.#to.writableNeedDrain) {
      const waitMs = this.#pieces[0]!.dueMs - performance.now();
      if (waitMs > 0) {
        this.#timer = setTimeout(() => this.pump(), waitMs);
        return;
      }
      const { bytes } = this.#pieces.shift()!;
      this.#waitingBytes -= bytes.length;
      if (this.#waitingBytes <= LINE_BYTES_MAX / 2) this.#from.resume();
      if (bytes.length === 0) this.#to.end();
      else if (this.#to.writable) this.#proxy.pass(this.#direction, bytes, this.#to);
    }
  }

  close(): void {
    clearTimeout(this.#timer);
  }
}

export class TcpProxy {
  /** Time from one end to the other, one way. */
  latencyMs = 0;
  /** Bytes a second of each connection and direction; 0 for no limit. */
  bytesPerS = 0;
  /** Bytes that were handed on, over all connections. */
  readonly passed = { up: 0, down: 0 };
  /** Connections that were made. */
  connections = 0;

  readonly #server: Server;
  readonly #open = new Set<{ sockets: readonly Socket[]; lines: readonly Line[] }>();
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
    const joined = { sockets, lines };
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
