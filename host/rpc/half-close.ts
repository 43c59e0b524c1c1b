/**
 * Whether a client has ended its side of a stream, for certain. A client of Node that cancels sends an
 * end first and the reset right behind it, which may arrive later. The answer to a ping that is sent
 * after the end comes behind such a reset, and never comes from a client that is gone.
 */
import type { ServerHttp2Session, ServerHttp2Stream } from "node:http2";

/** Streams of a connection whose ends wait for the next ping; a ping is on its way meanwhile. */
const waiting = new WeakMap<ServerHttp2Session, Set<() => void>>();

function ping(session: ServerHttp2Session, ends: Iterable<() => void>): void {
  waiting.set(session, new Set());
  if (session.destroyed) return;
  // One at a time: Node allows ten, and the end of a hundred streams is answered by two.
  session.ping((error) => {
    const next = waiting.get(session)!;
    waiting.delete(session);
    if (error) return;
    for (const end of ends) end();
    if (next.size > 0) ping(session, next);
  });
}

/**
 * Calls back once the client has ended the stream, and has neither reset it nor gone. Never calls back
 * otherwise: then the stream closes, soon or when keepalive finds out. Takes one round trip.
 */
export function whenHalfClosed(stream: ServerHttp2Stream, then: () => void): void {
  const { session } = stream;
  const end = () => {
    if (!stream.closed && !stream.destroyed) then();
  };
  if (!session || stream.closed || stream.destroyed) return;
  const next = waiting.get(session as ServerHttp2Session);
  if (next) {
    next.add(end);
    // A client that answers no ping may open and reset streams all the while: none of them stays here.
    stream.once("close", () => next.delete(end));
  } else {
    ping(session as ServerHttp2Session, [end]);
  }
}
