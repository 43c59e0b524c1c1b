/** What a TLS client says in the open (RFC 8446 §4.1.2), with what must differ taken out. */

const KEY_SHARE = 51;
const SERVER_NAME = 0;

/** The record of the ClientHello at the beginning of a connection; undefined while bytes lack. */
export function helloIn(bytes: Buffer): Buffer | undefined {
  if (bytes.length < 5) return undefined;
  const end = 5 + bytes.readUInt16BE(3);
  return bytes.length < end ? undefined : bytes.subarray(0, end);
}

/**
 * The hello with zeros for its random bytes: random, session id and the keys that are shared. The rest
 * is its shape: suites, extensions, their order and their contents.
 */
export function shapeOf(hello: Buffer): { shape: string; serverName: string } {
  const bytes = Buffer.from(hello);
  // Record header, type and length of the message, version.
  let at = 5 + 4 + 2;
  const zero = (length: number) => {
    bytes.fill(0, at, at + length);
    at += length;
  };
  zero(32);
  const idBytes = bytes.readUInt8(at++);
  zero(idBytes);
  at += 2 + bytes.readUInt16BE(at);
  at += 1 + bytes.readUInt8(at);
  at += 2;
  let serverName = "";
  while (at < bytes.length) {
    const [type, length] = [bytes.readUInt16BE(at), bytes.readUInt16BE(at + 2)];
    at += 4;
    const end = at + length;
    // List length, kind of name, its length.
    if (type === SERVER_NAME) serverName = bytes.toString("latin1", at + 5, end);
    if (type === KEY_SHARE) {
      at += 2;
      while (at < end) {
        const keyBytes = bytes.readUInt16BE(at + 2);
        at += 4;
        zero(keyBytes);
      }
    }
    at = end;
  }
  return { shape: bytes.toString("hex"), serverName };
}
