/** What an artefact tells to anybody: its header, and how many messages of which length follow. */
import { type FileHandle, open } from "node:fs/promises";
import { HEADER_BYTES, MESSAGE_OVERHEAD } from "../../assembly/abi.ts";
import { MapveilError } from "../core/errors.ts";
import { keyIdText } from "../keys/index.ts";
import { parseHeader } from "../veil/header.ts";
import { type ReadExactly, readMessages } from "../veil/messages.ts";

export interface Inspection {
  readonly kind: string;
  readonly suite: number;
  readonly keyId: string;
  readonly policyDigest: string;
  /** Permission epoch; text, for it may not fit a JSON number. */
  readonly epoch: string;
  readonly bytes: number;
  readonly headerBytes: number;
  readonly messages: number;
  /** Bytes of all messages, with what sealing adds to them. */
  readonly ciphertextBytes: number;
  /** Bytes that are inside, the padding that hides the scene's size included. */
  readonly plaintextBytes: number;
}

/**
 * Reads the frame of an artefact without a key. What it says is not authenticated.
 * @throws MapveilError IO, INTEGRITY naming the offset where it is not an artefact
 */
export async function inspectFile(path: string): Promise<Inspection> {
  const file = await open(path).catch((cause: NodeJS.ErrnoException) => {
    const why =
      cause.code === "ENOENT" ? "there is no such file" : (cause.code ?? "unknown reason");
    throw new MapveilError("IO", `${path} cannot be opened: ${why}.`, { file: path }, cause);
  });
  try {
    return await inspect(path, reader(file, path));
  } finally {
    await file.close();
  }
}

function reader(file: FileHandle, path: string): ReadExactly {
  return async (count) => {
    const buffer = new Uint8Array(count);
    let got = 0;
    while (got < count) {
      const { bytesRead } = await file
        .read(buffer, got, count - got, null)
        .catch((cause: NodeJS.ErrnoException) => {
          const text = `${path} cannot be read (${cause.code ?? "unknown reason"}).`;
          throw new MapveilError("IO", text, { file: path }, cause);
        });
      if (bytesRead === 0) break;
      got += bytesRead;
    }
    return buffer.subarray(0, got);
  };
}

async function inspect(path: string, read: ReadExactly): Promise<Inspection> {
  const header = parseHeader(await read(HEADER_BYTES), path);
  let messages = 0;
  let ciphertextBytes = 0;
  let end = HEADER_BYTES;
  for await (const { message, offset } of readMessages(read, HEADER_BYTES, path)) {
    messages++;
    ciphertextBytes += message.length;
    end = offset + 4 + message.length;
  }
  if (messages === 0) {
    const text = `${path}: no message follows its header (offset ${HEADER_BYTES}): it was cut.`;
    throw new MapveilError("INTEGRITY", text, { file: path, offset: HEADER_BYTES });
  }
  return {
    kind: header.kind,
    suite: header.suite,
    keyId: keyIdText(header.keyId),
    policyDigest: Buffer.from(header.policyDigest).toString("hex"),
    epoch: header.epoch.toString(),
    bytes: end,
    headerBytes: HEADER_BYTES,
    messages,
    ciphertextBytes,
    plaintextBytes: ciphertextBytes - messages * MESSAGE_OVERHEAD,
  };
}
